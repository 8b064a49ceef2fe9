package suite_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"example.com/attest/internal/suite"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// TestAttentionMisuse makes every mistake with the options of every form of
// attention and of its gradients: each is refused with the same text by every
// implementation, and nothing is written.
func TestAttentionMisuse(t *testing.T) {
	ref, _ := suite.Reference()
	f32, _ := suite.Float32()
	gonum, _ := suite.Gonum()
	attentionMisuse(t, ref)
	attentionMisuse(t, precise.Implementation())
	attentionMisuse(t, f32)
	attentionMisuse(t, gonum)
}

// form is one form of attention, with 3 queries over 4 keys, of 2 channels each.
type form[T spec.Float] struct {
	name    string
	shares  []string // what is said when an output shares memory with an input
	outputs int      // of the buffers
	sizes   []int    // of the buffers that call takes
	call    func(b [][]T, opt *spec.AttentionOptions)
}

// forms returns those that im offers.
func forms[T spec.Float](im *spec.Implementation[T]) []form[T] {
	tensor := func(data []T, tokens, channels int) spec.Tensor[T] {
		x := spec.NewTensor[T](1, 1, tokens, channels)
		x.Data = data
		return x
	}
	two := func(data []T) spec.Tensor[T] { return tensor(data, len(data)/2, 2) }
	const dst, lse, qk, some = "attest: dst shares memory with an input", "attest: lse shares memory with another operand",
		"attest: qk shares memory with another operand", "attest: a destination shares memory with an input"
	out := []form[T]{{"Attention", []string{dst}, 1, []int{6, 6, 8, 8}, func(b [][]T, opt *spec.AttentionOptions) {
		im.Attention.Attend(two(b[0]), two(b[1]), two(b[2]), two(b[3]), opt)
	}}}
	if im.AttentionLSE != nil {
		out = append(out, form[T]{"AttentionLSE", []string{dst, lse}, 2, []int{6, 3, 6, 8, 8}, func(b [][]T, opt *spec.AttentionOptions) {
			im.AttentionLSE(two(b[0]), tensor(b[1], 3, 1), two(b[2]), two(b[3]), two(b[4]), opt)
		}})
	}
	if im.AttentionQK != nil {
		out = append(out, form[T]{"AttentionQK", []string{dst, qk}, 2, []int{6, 12, 6, 8, 8}, func(b [][]T, opt *spec.AttentionOptions) {
			im.AttentionQK(two(b[0]), tensor(b[1], 3, 4), two(b[2]), two(b[3]), two(b[4]), spec.QKLogits, opt)
		}})
	}
	if im.PagedAttention != nil {
		out = append(out, form[T]{"PagedAttention", []string{dst}, 1, []int{6, 6, 12, 12}, func(b [][]T, opt *spec.AttentionOptions) {
			pages := func(data []T) spec.Tensor[T] {
				x := spec.NewTensor[T](2, 1, 3, 2)
				x.Data = data
				return x
			}
			im.PagedAttention(two(b[0]), two(b[1]), pages(b[2]), pages(b[3]), spec.PageTable{Tokens: 4, Pages: [][]int{{1, 0}}}, opt)
		}})
	}
	if im.CachedAttention != nil {
		out = append(out, form[T]{"CachedAttention", []string{some, some, some}, 3, []int{6, 8, 8, 6, 6, 6, 2, 2}, func(b [][]T, opt *spec.AttentionOptions) {
			im.CachedAttention(two(b[0]), two(b[1]), two(b[2]), two(b[3]), two(b[4]), two(b[5]), two(b[6]), two(b[7]), opt)
		}})
	}
	if im.AttentionBackward != nil {
		gradient := slices.Repeat([]string{"attest: a gradient shares memory with an input"}, 5)
		out = append(out, form[T]{"AttentionBackward", gradient, 5, []int{6, 8, 8, 12, 1, 6, 6, 8, 8}, func(b [][]T, opt *spec.AttentionOptions) {
			g := spec.AttentionGradients[T]{Query: two(b[0]), Key: two(b[1]), Value: two(b[2])}
			if opt.Bias != nil {
				g.Bias = spec.GridOf(3, b[3], 3, 4)
			}
			if opt.Sinks != nil {
				g.Sinks = b[4]
			}
			im.AttentionBackward(g, two(b[5]), two(b[6]), two(b[7]), two(b[8]), opt)
		}})
	}
	return out
}

// buffers returns memory for a call, the outputs full of NaN.
func (f *form[T]) buffers() [][]T {
	b := make([][]T, len(f.sizes))
	for k, size := range f.sizes {
		if b[k] = make([]T, size); k < f.outputs {
			for i := range b[k] {
				b[k][i] = T(math.NaN())
			}
		}
	}
	return b
}

// refuses requires a call to panic with the text, "" for not at all, and in that
// case alone to write.
func (f *form[T]) refuses(t *testing.T, what, text string, b [][]T, opt *spec.AttentionOptions) {
	t.Helper()
	before := make([][]T, len(b))
	for k := range b {
		before[k] = slices.Clone(b[k])
	}
	says(t, what, text, func() { f.call(b, opt) })
	for k := range b {
		for i, x := range b[k] {
			if text != "" && x != before[k][i] && (x == x || before[k][i] == before[k][i]) {
				t.Errorf("%s: buffer %d was written before it was refused", what, k)
				return
			}
		}
	}
}

// badOptions has every mistake of every option.
func badOptions() map[string][]spec.AttentionOptions {
	packed := func(queries, keys []int) spec.AttentionOptions {
		return spec.AttentionOptions{Sequences: &spec.Sequences{Queries: queries, Keys: keys}}
	}
	const scale, softcap, keep = "attest: the scale is not finite", "attest: the soft cap is neither 0 nor a positive normal number of float32",
		"attest: the scale of kept weights is negative or not finite"
	nan, inf := math.NaN(), math.Inf(1)
	bad := map[string][]spec.AttentionOptions{
		scale:   {{Scale: nan}, {Scale: inf}, {Scale: -inf}},
		softcap: {{Softcap: nan}, {Softcap: inf}, {Softcap: -inf}, {Softcap: -1}, {Softcap: 0x1p-127}, {Softcap: 0x1p128}},
		"attest: queries and keys are not packed into equally many sequences": {packed([]int{0, 3}, []int{0, 2, 4})},
		"attest: cumulative lengths do not begin with 0":                      {packed([]int{1, 3}, []int{0, 4}), packed(nil, nil)},
		"attest: cumulative lengths fall":                                     {packed([]int{0, 2, 1, 3}, []int{0, 2, 3, 4})},
		"attest: cumulative lengths do not end with the number of tokens":     {packed([]int{0, 3}, []int{0, 3})},
		"attest: not one key length for each batch or packed sequence":        {{KeyLengths: []int{1, 1}}, {KeyLengths: []int{}}},
		"attest: a key length is not in 0..keys":                              {{KeyLengths: []int{5}}, {KeyLengths: []int{-1}}},
		"attest: not one offset for each batch or packed sequence":            {{Offsets: []int{1, 1}}, {Offsets: []int{}}},
		"attest: a side of the window is below −1":                            {{Window: &spec.Window{Left: -2}}, {Window: &spec.Window{Right: -2}}},
		"attest: not one sink for each head":                                  {{Sinks: []float32{1, 1}}, {Sinks: []float32{}}},
		"attest: not one slope for each head":                                 {{Slopes: []float32{1, 1}}, {Slopes: []float32{}}},
	}
	for _, c := range badGrids[bool]() {
		bad["attest: the mask "+c.text] = append(bad["attest: the mask "+c.text], spec.AttentionOptions{Mask: c.grid})
		bad["attest: the keep mask "+c.text] = append(bad["attest: the keep mask "+c.text], spec.AttentionOptions{Keep: c.grid, KeepScale: 1})
	}
	for _, x := range []float64{nan, inf, -inf, -1} {
		bad[keep] = append(bad[keep], spec.AttentionOptions{Keep: spec.GridOf(3, make([]bool, 12), 3, 4), KeepScale: x})
	}
	for _, c := range badGrids[float32]() {
		bad["attest: the bias "+c.text] = append(bad["attest: the bias "+c.text], spec.AttentionOptions{Bias: c.grid})
	}
	return bad
}

type badGrid[E any] struct {
	text string
	grid *spec.Grid[E]
}

// badGrids has every way in which a grid is not one for 3 queries and 4 keys.
func badGrids[E any]() (out []badGrid[E]) {
	for text, spoil := range map[string][]func(g *spec.Grid[E]){
		"has a negative size":                {func(g *spec.Grid[E]) { g.Queries = -1 }, func(g *spec.Grid[E]) { g.Keys = -1 }},
		"has a negative stride":              {func(g *spec.Grid[E]) { g.Stride = -4 }, func(g *spec.Grid[E]) { g.HeadStride = -1 }, func(g *spec.Grid[E]) { g.BatchStride = -1 }},
		"has a stride shorter than its rows": {func(g *spec.Grid[E]) { g.Stride = 3 }},
		"is not queries×keys":                {func(g *spec.Grid[E]) { g.Queries = 2 }, func(g *spec.Grid[E]) { g.Queries = 4 }, func(g *spec.Grid[E]) { g.Keys, g.Stride = 5, 5 }},
		"is shorter than its view":           {func(g *spec.Grid[E]) { g.Data = g.Data[1:] }, func(g *spec.Grid[E]) { g.Data = nil }, func(g *spec.Grid[E]) { g.Stride = math.MaxInt }},
	} {
		for _, f := range spoil {
			g := spec.GridOf(3, make([]E, 12), 3, 4)
			f(g)
			out = append(out, badGrid[E]{text, g})
		}
	}
	return out
}

func attentionMisuse[T spec.Float](t *testing.T, im *spec.Implementation[T]) {
	for _, f := range forms(im) {
		name := im.Name + ": " + f.name
		grid := spec.GridOf(3, make([]float32, 12), 3, 4)
		f.refuses(t, name, "", f.buffers(), &spec.AttentionOptions{Scale: 1, KeyLengths: []int{4}, Bias: grid, Sinks: []float32{0}})
		for text, options := range badOptions() {
			for _, opt := range options {
				f.refuses(t, name, text, f.buffers(), &opt)
			}
		}
		f.memory(t, name)
	}
	pagesMisuse(t, im)
	gradientMisuse(t, im)
	if im.AttentionQK != nil {
		tensor := func(tokens int) spec.Tensor[T] { return spec.NewTensor[T](1, 1, tokens, 2) }
		says(t, im.Name+": AttentionQK", "attest: unknown stage of queries times keys", func() {
			im.AttentionQK(tensor(3), spec.NewTensor[T](1, 1, 3, 4), tensor(3), tensor(4), tensor(4), 4, &spec.AttentionOptions{Scale: 1})
		})
	}
}

// held has, for each option that holds memory, options that fit with that at the
// beginning of some bytes, and how many of them it takes.
var held = map[string]struct {
	bytes int
	in    func(b []byte) spec.AttentionOptions
}{
	"mask": {12, func(b []byte) spec.AttentionOptions {
		return spec.AttentionOptions{Mask: spec.GridOf(3, as[bool](b, 12), 3, 4)}
	}},
	"keep": {12, func(b []byte) spec.AttentionOptions {
		return spec.AttentionOptions{Keep: spec.GridOf(3, as[bool](b, 12), 3, 4)}
	}},
	"bias": {48, func(b []byte) spec.AttentionOptions {
		return spec.AttentionOptions{Bias: spec.GridOf(3, as[float32](b, 12), 3, 4)}
	}},
	"sinks":   {4, func(b []byte) spec.AttentionOptions { return spec.AttentionOptions{Sinks: as[float32](b, 1)} }},
	"slopes":  {4, func(b []byte) spec.AttentionOptions { return spec.AttentionOptions{Slopes: as[float32](b, 1)} }},
	"lengths": {8, func(b []byte) spec.AttentionOptions { return spec.AttentionOptions{KeyLengths: as[int](b, 1)} }},
	"offsets": {8, func(b []byte) spec.AttentionOptions { return spec.AttentionOptions{Offsets: as[int](b, 1)} }},
	"packed queries": {16, func(b []byte) spec.AttentionOptions {
		queries := as[int](b, 2)
		queries[1] = 3
		return spec.AttentionOptions{Sequences: &spec.Sequences{Queries: queries, Keys: []int{0, 4}}}
	}},
	"packed keys": {16, func(b []byte) spec.AttentionOptions {
		keys := as[int](b, 2)
		keys[1] = 4
		return spec.AttentionOptions{Sequences: &spec.Sequences{Queries: []int{0, 3}, Keys: keys}}
	}},
}

// as returns n elements of another type in the memory of b.
func as[E any](b []byte, n int) []E { return unsafe.Slice((*E)(unsafe.Pointer(&b[0])), n) }

// memory lets each output share memory with what each option holds: the last bytes
// of the one are the first of the other.
func (f *form[T]) memory(t *testing.T, name string) {
	for d := range f.outputs {
		for option, h := range held {
			if f.name == "CachedAttention" && (option == "packed queries" || option == "packed keys") {
				continue // not taken
			}
			for _, first := range []bool{true, false} {
				var x T
				size := int(unsafe.Sizeof(x))
				b := f.buffers()
				words := make([]T, 64)
				bytes := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 64*size)
				n := f.sizes[d]
				var opt spec.AttentionOptions
				if first { // the output, then the option
					b[d] = words[:n]
					opt = h.in(bytes[(n*size-1)/8*8:])
				} else {
					at := (h.bytes - 1) / size
					b[d] = words[at : at+n]
					opt = h.in(bytes)
				}
				if f.name == "AttentionBackward" { // all gradients are asked for
					if opt.Bias == nil {
						opt.Bias = spec.GridOf(3, make([]float32, 12), 3, 4)
					}
					if opt.Sinks == nil {
						opt.Sinks = []float32{0}
					}
				}
				f.refuses(t, fmt.Sprintf("%s: output %d and %s, the output first: %v", name, d, option, first), f.shares[d], b, &opt)
			}
		}
	}
}

// says requires a call to panic with the text, "" for not at all.
func says(t *testing.T, name, text string, call func()) {
	t.Helper()
	defer func() {
		if got := recover(); got != text && !(got == nil && text == "") {
			t.Errorf("%s: got %v, want %q", name, got, text)
		}
	}()
	call()
}
