package spec_test

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// operands is an attention that fits, for tests to spoil.
type operands struct {
	dst, q, k, v spec.Tensor[float64]
	opt          *spec.AttentionOptions
}

func fitting() operands {
	return operands{
		dst: spec.NewTensor[float64](2, 4, 3, 6), q: spec.NewTensor[float64](2, 4, 3, 5),
		k: spec.NewTensor[float64](2, 2, 7, 5), v: spec.NewTensor[float64](2, 2, 7, 6),
		opt: &spec.AttentionOptions{Scale: 1, Mask: &spec.Mask{Queries: 3, Keys: 7, Stride: 7, Data: make([]bool, 21)},
			Bias: spec.GridOf(3, make([]float32, 4*3*5), 1, 4, 3, 5)},
	}
}

// TestCheckAttention spoils operands that fit in one way each.
func TestCheckAttention(t *testing.T) {
	if text := panicText(func() { check(fitting()) }); text != "" {
		t.Fatalf("operands that fit: %s", text)
	}
	const (
		cap  = "attest: the soft cap is neither 0 nor a positive normal number of float32"
		keep = "attest: the scale of kept weights is negative or not finite"
	)
	for _, c := range []struct {
		text  string
		spoil func(o *operands)
	}{
		{"attest: query has a negative size", func(o *operands) { o.q.Shape[2] = -1 }},
		{"attest: key has a negative stride", func(o *operands) { o.k.Stride[3] = -1 }},
		{"attest: value is shorter than its view", func(o *operands) { o.v.Data = o.v.Data[:len(o.v.Data)-1] }},
		{"attest: value is shorter than its view", func(o *operands) { o.v.Data = nil }},
		{"attest: query is shorter than its view", func(o *operands) { o.q.Stride[0] = math.MaxInt }},
		{"attest: dst is shorter than its view", func(o *operands) { o.dst.Stride[3] = math.MaxInt / 2 }},
		{"attest: attention without options", func(o *operands) { o.opt = nil }},
		{"attest: query, key, value and dst differ in their batch", func(o *operands) { o.v.Shape[0] = 1 }},
		{"attest: query and dst differ in their heads", func(o *operands) { o.dst.Shape[1] = 2 }},
		{"attest: key and value differ in their heads", func(o *operands) { o.v.Shape[1] = 1 }},
		{"attest: the heads of key do not divide those of query", func(o *operands) { o.q.Shape[1], o.dst.Shape[1] = 3, 3 }},
		{"attest: the heads of key do not divide those of query", func(o *operands) { o.k.Shape[1], o.v.Shape[1] = 0, 0 }},
		{"attest: query and dst differ in their tokens", func(o *operands) { o.dst.Shape[2] = 2 }},
		{"attest: key and value differ in their tokens", func(o *operands) { o.k.Shape[2] = 6 }},
		{"attest: query and key differ in their channels", func(o *operands) { o.q.Shape[3] = 4 }},
		{"attest: value and dst differ in their channels", func(o *operands) { o.dst.Shape[3] = 5 }},
		{"attest: the mask is not queries×keys", func(o *operands) { o.opt.Mask.Queries = 2 }},
		{"attest: the mask has a negative size", func(o *operands) { o.opt.Mask.Keys = -1 }},
		{"attest: the mask has a stride shorter than its rows", func(o *operands) { o.opt.Mask.Stride = 6 }},
		{"attest: the mask is shorter than its view", func(o *operands) { o.opt.Mask.Data = o.opt.Mask.Data[:20] }},
		{"attest: the mask is shorter than its view", func(o *operands) { o.opt.Mask.Stride = math.MaxInt }},
		{"attest: dst overlaps itself", func(o *operands) { o.dst.Stride[1] = 0 }},
		{"attest: dst overlaps itself", func(o *operands) { o.dst.Stride[2] = 5 }},
		{"attest: dst shares memory with an input", func(o *operands) { o.q.Data = o.dst.Data }},
		{"attest: dst shares memory with an input", func(o *operands) { o.v.Data = o.dst.Data[len(o.dst.Data)-1:]; o.v.Stride = [4]int{} }},
		{"attest: the scale is not finite", func(o *operands) { o.opt.Scale = math.NaN() }},
		{"attest: the scale is not finite", func(o *operands) { o.opt.Scale = math.Inf(-1) }},
		{cap, func(o *operands) { o.opt.Softcap = math.NaN() }},
		{cap, func(o *operands) { o.opt.Softcap = math.Inf(1) }},
		{cap, func(o *operands) { o.opt.Softcap = -1 }},
		{cap, func(o *operands) { o.opt.Softcap = math.Nextafter(0x1p-126, 0) }},
		{cap, func(o *operands) { o.opt.Softcap = 0x1p128 }},
		{keep, func(o *operands) { o.opt.Keep, o.opt.KeepScale = o.opt.Mask, math.NaN() }},
		{keep, func(o *operands) { o.opt.Keep, o.opt.KeepScale = o.opt.Mask, math.Inf(1) }},
		{keep, func(o *operands) { o.opt.Keep, o.opt.KeepScale = o.opt.Mask, -1 }},
		{"attest: the bias is not queries×keys", func(o *operands) { o.opt.Bias.Keys, o.opt.Bias.Stride = 8, 8 }},
		{"attest: the bias is not queries×keys", func(o *operands) { o.opt.Bias.Queries = 2 }},
		{"attest: the bias has a negative size", func(o *operands) { o.opt.Bias.Queries = -1 }},
		{"attest: the bias has a negative stride", func(o *operands) { o.opt.Bias.HeadStride = -1 }},
		{"attest: the bias has a stride shorter than its rows", func(o *operands) { o.opt.Bias.Stride = 4 }},
		{"attest: the bias is shorter than its view", func(o *operands) { o.opt.Bias.Data = o.opt.Bias.Data[1:] }},
		{"attest: the bias is shorter than its view", func(o *operands) { o.opt.Bias.BatchStride = 1 }},
		{"attest: a side of the window is below −1", func(o *operands) { o.opt.Window = &spec.Window{Left: -2} }},
		{"attest: a side of the window is below −1", func(o *operands) { o.opt.Window = &spec.Window{Right: -2} }},
		{"attest: not one key length for each batch or packed sequence", func(o *operands) { o.opt.KeyLengths = []int{1} }},
		{"attest: a key length is not in 0..keys", func(o *operands) { o.opt.KeyLengths = []int{1, 8} }},
		{"attest: a key length is not in 0..keys", func(o *operands) { o.opt.KeyLengths = []int{-1, 1} }},
		{"attest: the keep mask is not queries×keys", func(o *operands) { o.opt.Keep = &spec.Mask{} }},
		{"attest: not one sink for each head", func(o *operands) { o.opt.Sinks = []float32{1, 2} }},
		{"attest: not one slope for each head", func(o *operands) { o.opt.Slopes = []float32{} }},
		{"attest: not one offset for each batch or packed sequence", func(o *operands) { o.opt.Offsets = []int{1, 2, 3} }},
	} {
		o := fitting()
		c.spoil(&o)
		if text := panicText(func() { check(o) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}

// TestCheckAttentionAccepts lists unusual operands that are legal.
func TestCheckAttentionAccepts(t *testing.T) {
	for name, change := range map[string]func(o *operands){
		"any keep scale": func(o *operands) { o.opt.KeepScale = math.NaN() }, // of no weights
		"keep scale 0":   func(o *operands) { o.opt.Keep = o.opt.Mask },
		"negative scale": func(o *operands) { o.opt.Scale = -1 },
		"small cap":      func(o *operands) { o.opt.Softcap = 0x1p-126 },
		"large cap":      func(o *operands) { o.opt.Softcap = math.MaxFloat32 },
		"no batch":       func(o *operands) { o.dst.Shape[0], o.q.Shape[0], o.k.Shape[0], o.v.Shape[0] = 0, 0, 0, 0 },
		"no heads":       func(o *operands) { o.dst.Shape[1], o.q.Shape[1], o.k.Shape[1], o.v.Shape[1] = 0, 0, 0, 0 },
		"no query heads": func(o *operands) { o.dst.Shape[1], o.q.Shape[1] = 0, 0 },
		"no queries":     func(o *operands) { o.dst.Shape[2], o.q.Shape[2], o.opt.Mask.Queries, o.opt.Bias.Queries = 0, 0, 0, 0 },
		"no keys":        func(o *operands) { o.k.Shape[2], o.v.Shape[2], o.opt.Mask.Keys, o.opt.Bias.Keys = 0, 0, 0, 0 },
		"bias of no key": func(o *operands) { o.opt.Bias.Keys, o.opt.Bias.Data = 0, nil },
		"bias of keys":   func(o *operands) { o.opt.Bias = spec.GridOf(3, make([]float32, 7), 7) },
		"no channels":    func(o *operands) { o.q.Shape[3], o.k.Shape[3] = 0, 0 },
		"repeated heads": func(o *operands) { o.k.Stride[1] = 0 },
		"inputs overlap": func(o *operands) { o.k.Data = o.v.Data },
		"dst behind query": func(o *operands) {
			whole := make([]float64, o.q.Span()+o.dst.Span())
			o.q.Data, o.dst.Data = whole, whole[o.q.Span():]
		},
		"tokens before heads": func(o *operands) { o.dst.Stride = [4]int{72, 6, 24, 1} },
	} {
		o := fitting()
		change(&o)
		if text := panicText(func() { check(o) }); text != "" {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func check(o operands) { spec.CheckAttention(o.dst, o.q, o.k, o.v, o.opt) }

func panicText(f func()) (text string) {
	defer func() {
		if x := recover(); x != nil {
			text, _ = x.(string)
			if text == "" {
				text = "another panic"
			}
		}
	}()
	f()
	return ""
}

// TestKeyRange compares the range with the rule itself, at extreme offsets too.
func TestKeyRange(t *testing.T) {
	for _, offset := range []int{math.MinInt, -9, -3, -1, 0, 1, 5, 9, math.MaxInt} {
		for _, o := range []*spec.AttentionOptions{
			{Causal: true}, {Window: &spec.Window{Left: -1, Right: -1}}, {Window: &spec.Window{Left: 2, Right: -1}},
			{Window: &spec.Window{Left: -1, Right: 1}}, {Window: &spec.Window{Left: 1, Right: 2}, Causal: true},
			{Window: &spec.Window{Left: math.MaxInt, Right: math.MaxInt}, KeyLengths: []int{4}}, {KeyLengths: []int{0}},
		} {
			o.Offset = offset
			other := *o
			other.Offset, other.Offsets = 77, []int{offset}
			for i := range 5 {
				lo, hi := o.KeyRange(0, i, 7)
				for j := range 7 {
					got, want := lo <= j && j < hi, o.Allowed(0, 0, i, j)
					if got != want || want != other.Allowed(0, 0, i, j) {
						t.Errorf("%+v, query %d, key %d: %v by the range, %v by the rule", o, i, j, got, want)
					}
				}
			}
		}
	}
}
