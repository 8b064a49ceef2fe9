package spec_test

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// expect requires the panic with the text after "attest: ", none if it is empty.
func expect(t *testing.T, what, text string, f func()) {
	t.Helper()
	if text != "" {
		text = "attest: " + text
	}
	if got := panicText(f); got != text {
		t.Errorf("%s: panic %q want %q", what, got, text)
	}
}

// view returns a matrix over so many elements.
func view(rows, cols, stride, size int) spec.Matrix[float64] {
	return spec.Matrix[float64]{Rows: rows, Cols: cols, Stride: stride, Data: make([]float64, size)}
}

// TestMatrixEdges tries matrices on either side of every rule, and views of them.
func TestMatrixEdges(t *testing.T) {
	const short, wrong = "M is shorter than rows×stride", "M has the wrong shape"
	for _, c := range []struct {
		what string
		m    spec.Matrix[float64]
		text string
	}{
		{"empty", spec.Matrix[float64]{}, ""},
		{"no columns", view(3, 0, 0, 0), ""},
		{"no rows of a view", view(0, 3, 3, 0), ""},
		{"negative rows", view(-1, 1, 1, 1), "M has a negative size"},
		{"negative columns", view(1, -1, 1, 1), "M has a negative size"},
		{"stride of the columns", view(1, 2, 2, 2), ""},
		{"short stride", view(1, 2, 1, 2), "M has a stride shorter than its rows"},
		{"a row that fits", view(1, 2, 2, 2), ""},
		{"a row that does not", view(1, 2, 2, 1), short},
		{"rows that fit", view(3, 2, 4, 10), ""},
		{"rows that do not", view(3, 2, 4, 9), short},
		{"empty rows that fit", view(3, 0, 4, 8), ""},
		{"empty rows that do not", view(3, 0, 4, 7), short},
	} {
		expect(t, c.what, c.text, func() { c.m.Check("M") })
	}
	expect(t, "right shape", "", func() { view(2, 3, 3, 6).CheckShape("M", 2, 3) })
	expect(t, "other rows", wrong, func() { view(2, 3, 3, 6).CheckShape("M", 3, 3) })
	expect(t, "other columns", wrong, func() { view(2, 3, 3, 6).CheckShape("M", 2, 2) })

	m := spec.MatrixOf([]float64{1, 2, 3}, []float64{4, 5, 6}, []float64{7, 8, 9})
	if row := m.Row(2); len(row) != 3 || cap(row) != 3 || row[0] != 7 || m.At(1, 2) != 6 {
		t.Errorf("row 2 %v, element (1, 2) %v", row, m.At(1, 2))
	}
	m.Set(1, 2, 60)
	if m.Data[5] != 60 {
		t.Errorf("after storing (1, 2): %v", m.Data)
	}
	if !spec.MatrixOf[float64]().IsZero() {
		t.Error("no rows are not the zero Matrix")
	}
	expect(t, "ragged rows", "MatrixOf: rows of different lengths", func() { spec.MatrixOf([]float64{1, 2}, []float64{1}) })

	for _, c := range []struct {
		lo, hi int
		text   string
	}{{0, 3, ""}, {1, 2, ""}, {2, 2, ""}, {-1, 2, "columns outside the matrix"}, {2, 1, "columns outside the matrix"}, {1, 4, "columns outside the matrix"}} {
		expect(t, "columns", c.text, func() {
			if v := m.Columns(c.lo, c.hi); v.Cols != c.hi-c.lo || v.Cols > 0 && v.At(2, 0) != m.At(2, c.lo) {
				t.Errorf("columns [%d, %d): %v", c.lo, c.hi, v)
			}
		})
	}
	if v := view(0, 3, 3, 0).Columns(2, 3); v.Rows != 0 || v.Cols != 1 {
		t.Errorf("a column of no rows: %v", v)
	}
}

// TestSharingEdges tries destinations beside, on and across their inputs.
func TestSharingEdges(t *testing.T) {
	const shares, overlaps = "dst shares memory with an input", "dst overlaps an input and is not the same"
	data := make([]float64, 8)
	for _, c := range []struct {
		what           string
		dst, in        []float64
		apart, inPlace string
	}{
		{"before", data[:3], data[3:6], "", ""},
		{"behind", data[3:6], data[:3], "", ""},
		{"by one", data[:3], data[2:6], shares, overlaps},
		{"by one from behind", data[2:6], data[:3], shares, overlaps},
		{"the same", data[2:6], data[2:6], shares, ""},
		{"no destination", data[2:2], data[:4], "", ""},
		{"no input", data[:4], data[2:2], "", ""},
	} {
		expect(t, c.what, c.apart, func() { spec.CheckApart(c.dst, c.in) })
		expect(t, c.what+", in place", c.inPlace, func() { spec.CheckInPlace(c.dst, c.in) })
	}
	gain := make([]float64, 2)
	wide := spec.Matrix[float64]{Rows: 2, Cols: 2, Stride: 4, Data: data}
	narrow := spec.Matrix[float64]{Rows: 2, Cols: 2, Stride: 3, Data: data}
	expect(t, "rows in place", "", func() { spec.CheckRMSNorm(wide, wide, gain) })
	expect(t, "rows in place of others", shares, func() { spec.CheckRMSNorm(wide, narrow, gain) })

	w := spec.NewMatrix[float64](2, 2)
	expect(t, "lift", "", func() { spec.CheckLift(spec.NewMatrix[float64](4, 4), w) })
	expect(t, "short lift", "dst has the wrong shape", func() { spec.CheckLift(spec.NewMatrix[float64](1, 4), w) })
	expect(t, "narrow lift", "dst has the wrong shape", func() { spec.CheckLift(spec.NewMatrix[float64](4, 1), w) })
	x, dst := spec.NewMatrix[float64](1, 2), spec.NewMatrix[float64](1, 2)
	expect(t, "no bias", "", func() { spec.CheckLinear(dst, x, w, nil) })
	expect(t, "short bias", "bias has the wrong length", func() { spec.CheckLinear(dst, x, w, make([]float64, 1)) })
	const base = "the base of the positions is not above 1"
	expect(t, "base", "", func() { spec.CheckPositions(dst, 1.5) })
	expect(t, "base of 1", base, func() { spec.CheckPositions(dst, 1) })
	expect(t, "base of NaN", base, func() { spec.CheckPositions(dst, math.NaN()) })

	for _, c := range []struct {
		cuts []int
		text string
	}{
		{[]int{0, 2}, ""}, {[]int{0, 1, 1, 2}, ""}, {[]int{0, 2, 1, 2}, "cuts fall"},
		{nil, "cuts do not reach from channel 0 to the last"}, {[]int{1, 2}, "cuts do not reach from channel 0 to the last"},
		{[]int{0, 1}, "cuts do not reach from channel 0 to the last"},
	} {
		expect(t, "cuts", c.text, func() { spec.CheckCuts(dst, x, c.cuts) })
	}
}

// TestTensorEdges tries views next to the end of their data and destinations that
// meet themselves.
func TestTensorEdges(t *testing.T) {
	tensor := func(shape, stride [4]int, size int) spec.Tensor[float64] {
		return spec.Tensor[float64]{Shape: shape, Stride: stride, Data: make([]float64, size)}
	}
	for _, c := range []struct {
		what          string
		shape, stride [4]int
		size          int
		text          string
	}{
		{"one element", [4]int{1, 1, 1, 1}, [4]int{9, 9, 9, 9}, 1, ""},
		{"no data", [4]int{1, 1, 1, 1}, [4]int{}, 0, "T is shorter than its view"},
		{"the same element", [4]int{2, 2, 2, 2}, [4]int{}, 1, ""},
		{"to the last", [4]int{2, 1, 3, 2}, [4]int{7, 0, 2, 1}, 13, ""},
		{"past the last", [4]int{2, 1, 3, 2}, [4]int{7, 0, 2, 1}, 12, "T is shorter than its view"},
		{"first axis to the last", [4]int{2, 1, 1, 1}, [4]int{7, 0, 0, 0}, 8, ""},
		{"all taken by the first axis", [4]int{2, 2, 1, 1}, [4]int{7, 1, 0, 0}, 8, "T is shorter than its view"},
		{"so far that it overflows", [4]int{2, 3, 1, 1}, [4]int{1, math.MaxInt/2 + 1, 0, 0}, 3, "T is shorter than its view"},
		{"so far that it comes round", [4]int{1, 5, 1, 1}, [4]int{0, math.MaxInt/2 + 1, 0, 0}, 2, "T is shorter than its view"},
		{"empty", [4]int{3, 0, 3, 3}, [4]int{9, 9, 9, 9}, 0, ""},
		{"negative size", [4]int{1, -1, 1, 1}, [4]int{}, 1, "T has a negative size"},
		{"negative stride", [4]int{1, 1, 1, 1}, [4]int{0, 0, -1, 0}, 1, "T has a negative stride"},
	} {
		expect(t, c.what, c.text, func() { tensor(c.shape, c.stride, c.size).Check("T") })
	}
	const itself = "dst overlaps itself"
	for _, c := range []struct {
		what          string
		shape, stride [4]int
		text          string
	}{
		{"without gaps", [4]int{2, 2, 2, 2}, [4]int{8, 4, 2, 1}, ""},
		{"the first axis innermost", [4]int{2, 2, 2, 2}, [4]int{1, 2, 4, 8}, ""},
		{"with gaps, transposed", [4]int{2, 2, 3, 2}, [4]int{13, 6, 1, 3}, ""},
		{"axes that meet", [4]int{2, 2, 3, 2}, [4]int{12, 5, 1, 3}, itself},
		{"a stride of 0", [4]int{2, 2, 2, 2}, [4]int{0, 4, 2, 1}, itself},
		{"a stride of 0 for one element", [4]int{1, 2, 2, 2}, [4]int{0, 4, 2, 1}, ""},
		{"equal strides", [4]int{2, 2, 2, 2}, [4]int{8, 2, 2, 1}, itself},
		{"equal strides, one of them for one element", [4]int{2, 2, 1, 2}, [4]int{8, 2, 2, 1}, ""},
	} {
		dst := tensor(c.shape, c.stride, 64)
		k := spec.NewTensor[float64](c.shape[0], c.shape[1], 1, 1)
		q, v := spec.NewTensor[float64](c.shape[0], c.shape[1], c.shape[2], 1), spec.NewTensor[float64](c.shape[0], c.shape[1], 1, c.shape[3])
		expect(t, c.what, c.text, func() { spec.CheckAttention(dst, q, k, v, &spec.AttentionOptions{}) })
	}
}

// TestAttentionOptionsEdges tries options on either side of their rules, and what
// they say of keys at the edge.
func TestAttentionOptionsEdges(t *testing.T) {
	none := math.Inf(-1)
	var plain spec.AttentionOptions
	rich := spec.AttentionOptions{Keep: spec.GridOf(1, []bool{false, true}, 2), KeepScale: 1.5, Sinks: []float32{2, -3}, Bias: spec.GridOf(1, []float32{0.5, -1, float32(none)}, 3)}
	for j, want := range []float64{0, 1.5, 0} {
		if got := rich.KeepFactor(0, 0, 0, j); got != want || plain.KeepFactor(0, 0, 0, j) != 1 {
			t.Errorf("key %d is multiplied by %v want %v, without a mask by %v", j, got, want, plain.KeepFactor(0, 0, 0, j))
		}
	}
	if rich.SinkAt(1) != -3 || plain.SinkAt(1) != none || rich.BiasAt(0, 0, 0, 1) != -1 || plain.BiasAt(0, 0, 0, 1) != 0 {
		t.Error("sinks or biases are others")
	}
	for j, want := range []bool{true, true, false, false} {
		if got := rich.Allowed(0, 0, 0, j); got != want {
			t.Errorf("key %d beside a bias of 3 keys: allowed %v", j, got)
		}
	}
	masked := spec.AttentionOptions{Mask: spec.GridOf(1, []bool{true, false}, 2)}
	for j, want := range []bool{true, false, false} {
		if got := masked.Allowed(0, 0, 0, j); got != want {
			t.Errorf("key %d beside a mask of 2 keys: allowed %v", j, got)
		}
	}
	if spec.BottomRight(3, 5) != 2 || spec.DefaultScale(16) != 0.25 || spec.KeyHead(5, 6, 3) != 2 || spec.KeyHead(3, 6, 3) != 1 {
		t.Error("offsets, scales or heads are others")
	}
	after := (&spec.AttentionOptions{Offsets: []int{2}}).After(3)
	if after.Offset != 5 || after.Offsets != nil {
		t.Errorf("after 3 tokens: %+v", after)
	}
	for _, c := range []struct {
		left, right int
		lo, hi      int
		text        string
	}{
		{0, 0, 2, 3, ""}, {-1, -1, 0, 5, ""}, {1, -1, 1, 5, ""}, {-1, 1, 0, 4, ""},
		{-2, 0, 0, 0, "a side of the window is below −1"}, {0, -2, 0, 0, "a side of the window is below −1"},
	} {
		opt := &spec.AttentionOptions{Window: &spec.Window{Left: c.left, Right: c.right}}
		q, k := spec.NewTensor[float64](1, 1, 3, 1), spec.NewTensor[float64](1, 1, 5, 1)
		expect(t, "window", c.text, func() { spec.CheckAttention(spec.NewTensor[float64](1, 1, 3, 1), q, k, k, opt) })
		if c.text != "" {
			continue
		}
		lo, hi := opt.KeyRange(0, 2, 5)
		if lo != c.lo || hi != c.hi {
			t.Errorf("window %+v: keys [%d, %d) want [%d, %d)", opt.Window, lo, hi, c.lo, c.hi)
		}
		for j := range 5 {
			if got := opt.Allowed(0, 0, 2, j); got != (j >= lo && j < hi) {
				t.Errorf("window %+v: key %d allowed: %v", opt.Window, j, got)
			}
		}
	}
	packed := func(lengths ...int) *spec.AttentionOptions {
		return &spec.AttentionOptions{Sequences: &spec.Sequences{Queries: []int{0, 1, 2}, Keys: []int{0, 2, 5}}, KeyLengths: lengths}
	}
	q, k := spec.NewTensor[float64](1, 1, 2, 1), spec.NewTensor[float64](1, 1, 5, 1)
	attend := func(opt *spec.AttentionOptions) func() {
		return func() { spec.CheckAttention(spec.NewTensor[float64](1, 1, 2, 1), q, k, k, opt) }
	}
	expect(t, "lengths of the sequences", "", attend(packed(2, 3)))
	expect(t, "a length beyond its sequence", "a key length is not in 0..keys", attend(packed(2, 4)))
}

// TestPagesEdges tries page tables that just reach and just do not.
func TestPagesEdges(t *testing.T) {
	table := spec.PageTable{Pages: [][]int{{7, 3, 5}}}
	for j, want := range [][2]int{{7, 0}, {7, 1}, {3, 0}, {3, 1}, {5, 0}} {
		if page, slot := table.Place(0, j, 2); page != want[0] || slot != want[1] {
			t.Errorf("token %d is in slot %d of page %d, want %d of %d", j, slot, page, want[1], want[0])
		}
	}
	pages := spec.NewTensor[float64](3, 1, 2, 1)
	check := func(tokens int, row ...int) func() {
		return func() {
			q := spec.NewTensor[float64](1, 1, 1, 1)
			spec.CheckPagedAttention(spec.NewTensor[float64](1, 1, 1, 1), q, pages, pages, spec.PageTable{Tokens: tokens, Pages: [][]int{row}}, &spec.AttentionOptions{})
		}
	}
	const short, stray = "the page table is too short for the tokens", "an entry of the page table is no page"
	expect(t, "no tokens", "", check(0))
	expect(t, "one token", "", check(1, 2))
	expect(t, "two full pages", "", check(4, 0, 2))
	expect(t, "a third page begun", short, check(5, 0, 2))
	expect(t, "fewer than none", "the page table has a negative number of tokens", check(-1))
	expect(t, "past the pages", stray, check(4, 0, 3))
	expect(t, "before the pages", stray, check(4, -1, 0))
	expect(t, "past the pages behind the tokens", "", check(2, 1, 9))
}

// TestPartsEdges tries rotary embeddings, heads, caches and profiles at their
// edges.
func TestPartsEdges(t *testing.T) {
	const even, base = "a rotary embedding turns an even number of channels", "the base of a rotary embedding is not above 1"
	for _, c := range []struct {
		r    spec.Rotary
		text string
	}{
		{spec.Rotary{Layout: spec.HalfLayout, Dims: 4, Base: 2}, ""},
		{spec.Rotary{Layout: spec.InterleavedLayout, Base: 2}, ""},
		{spec.Rotary{Layout: "diagonal", Base: 2}, "unknown layout of a rotary embedding"},
		{spec.Rotary{Layout: spec.HalfLayout, Dims: -2, Base: 2}, even},
		{spec.Rotary{Layout: spec.HalfLayout, Dims: 3, Base: 2}, even},
		{spec.Rotary{Layout: spec.HalfLayout, Dims: 6, Base: 2}, "a rotary embedding turns more channels than there are"},
		{spec.Rotary{Layout: spec.HalfLayout, Dims: 4, Base: 1}, base},
		{spec.Rotary{Layout: spec.HalfLayout, Dims: 4, Base: math.NaN()}, base},
	} {
		expect(t, "rotary", c.text, func() { c.r.Check(4) })
	}
	half, mixed := spec.Rotary{Layout: spec.HalfLayout, Dims: 6}, spec.Rotary{Layout: spec.InterleavedLayout, Dims: 6}
	for k := range 3 {
		if x, y := half.Pair(k); x != k || y != k+3 {
			t.Errorf("half: pair %d is %d, %d", k, x, y)
		}
		if x, y := mixed.Pair(k); x != 2*k || y != 2*k+1 {
			t.Errorf("interleaved: pair %d is %d, %d", k, x, y)
		}
	}
	one := spec.Projection[float64]{W: spec.NewMatrix[float64](1, 1)}
	multi := func(heads, keyHeads int) func() {
		w := &spec.MultiHeadWeights[float64]{Query: one, Key: one, Value: one, Output: one, Heads: heads, KeyHeads: keyHeads}
		x := spec.NewMatrix[float64](1, 1)
		return func() { spec.CheckMultiHead(spec.NewMatrix[float64](1, 1), x, x, w, &spec.AttentionOptions{}) }
	}
	expect(t, "one head", "", multi(1, 1))
	expect(t, "no head", "multi-head attention needs a head", multi(0, 1))
	expect(t, "no head of keys", "multi-head attention needs a head", multi(1, 0))

	norm := spec.Norm[float64]{Kind: spec.RMSNormKind, Gain: []float64{1}}
	w := &spec.BlockWeights[float64]{Self: spec.MultiHeadWeights[float64]{Query: one, Key: one, Value: one, Output: one, Heads: 1, KeyHeads: 1},
		Forward: spec.ForwardWeights[float64]{Activation: spec.ActReLU, Up: one, Down: one}, SelfNorm: norm, ForwardNorm: norm}
	for _, c := range []struct {
		tokens int
		text   string
	}{{-1, "the cache has no room for X"}, {0, ""}, {2, ""}, {3, "the cache has no room for X"}} {
		cache := spec.NewCache(&w.Self, 3)
		cache.Tokens = c.tokens
		x := spec.NewMatrix[float64](1, 1)
		expect(t, "cache", c.text, func() {
			spec.CheckBlock(spec.NewMatrix[float64](1, 1), x, spec.Matrix[float64]{}, w, &spec.AttentionOptions{}, nil, cache)
		})
	}
	for _, c := range []struct {
		p       spec.Profile
		n, want int
	}{{spec.Profile{Merges: 2}, 9, 2}, {spec.Profile{KeyBlock: 1}, 0, 0}, {spec.Profile{KeyBlock: 4}, 4, 0}, {spec.Profile{KeyBlock: 4, Merges: 1}, 9, 3}, {spec.Profile{KeyBlock: 1}, 3, 2}} {
		if got := c.p.Rescales(c.n); got != c.want {
			t.Errorf("%+v over %d keys: %d rescalings want %d", c.p, c.n, got, c.want)
		}
	}
}

// TestMissing asks for operations on their own, in a struct and in the list of
// energies.
func TestMissing(t *testing.T) {
	im := &spec.Implementation[float64]{Softmax: func(dst, x []float64) {}}
	im.Interaction.Conjugate = func(g float64) float64 { return g }
	got := im.Missing("Softmax", "ReLU", "Interaction.Conjugate", "Interaction.Step", "Energies.Step")
	if len(got) != 3 || got[0] != "ReLU" || got[1] != "Interaction.Step" || got[2] != "Energies.Step" {
		t.Errorf("missing: %v", got)
	}
	im.Energies = []spec.Energy[float64]{{}, {Step: func(dst, y spec.Matrix[float64], eta float64) {}}}
	if got := im.Missing("Energies.Step"); len(got) != 0 {
		t.Errorf("missing of energies: %v", got)
	}
	expect(t, "no operation", `"Interaction.Leap" is no operation of an Implementation`, func() { im.Missing("Interaction.Leap") })
}
