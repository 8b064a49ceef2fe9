package spec_test

import (
	"slices"
	"testing"

	"example.com/attest/spec"
)

// TestCheckAttentionBackward spoils the operands of a backward pass in one way
// each.
func TestCheckAttentionBackward(t *testing.T) {
	type call struct {
		operands
		g spec.AttentionGradients[float64]
	}
	for _, c := range []struct {
		text  string
		spoil func(o *call)
	}{
		{"", func(*call) {}},
		{"", func(o *call) { o.dst.Data = o.v.Data; o.dst.Stride = [4]int{} }}, // inputs may overlap
		{"", func(o *call) { o.g.Bias, o.g.Sinks = nil, nil }},
		{"attest: dOut has a negative size", func(o *call) { o.dst.Shape[2] = -1 }},
		{"attest: query and dOut differ in their heads", func(o *call) { o.dst.Shape[1] = 2 }},
		{"attest: value and dOut differ in their channels", func(o *call) { o.dst.Shape[3] = 5 }},
		{"attest: dQ is shorter than its view", func(o *call) { o.g.Query.Data = nil }},
		{"attest: dQ is not of the shape of what it is the gradient of", func(o *call) { o.g.Query.Shape[2] = 2 }},
		{"attest: dK is not of the shape of what it is the gradient of", func(o *call) { o.g.Key.Shape[1] = 1 }},
		{"attest: dV is not of the shape of what it is the gradient of", func(o *call) { o.g.Value = o.g.Key }},
		{"attest: dV overlaps itself", func(o *call) { o.g.Value.Stride[0] = 0 }},
		{"attest: a gradient of a bias that there is not", func(o *call) { o.opt.Bias = nil }},
		{"attest: the gradient of the bias is not queries×keys", func(o *call) { o.g.Bias.Queries = 2 }},
		{"attest: the gradient of the bias is shorter than its view", func(o *call) { o.g.Bias.Data = o.g.Bias.Data[1:] }},
		{"attest: the gradient of the bias has other axes than the bias", func(o *call) { o.g.Bias.Keys = 4 }},
		{"attest: the gradient of the bias has other axes than the bias", func(o *call) { o.g.Bias.HeadStride = 0 }},
		{"attest: the gradient of the bias overlaps itself", func(o *call) { o.g.Bias.HeadStride = 1 }},
		{"attest: a gradient of sinks that there are not", func(o *call) { o.opt.Sinks = nil }},
		{"attest: not one gradient for each sink", func(o *call) { o.g.Sinks = o.g.Sinks[1:] }},
		{"attest: a gradient shares memory with an input", func(o *call) { o.g.Query.Data = o.dst.Data }},
		{"attest: a gradient shares memory with an input", func(o *call) { o.g.Sinks = o.k.Data[5:9] }},
		{"attest: a gradient shares memory with another", func(o *call) { o.g.Bias.Data = o.g.Key.Data }},
		{"attest: a gradient shares memory with another", func(o *call) { o.g.Query.Data = o.g.Value.Data }},
	} {
		o := &call{operands: fitting()}
		o.opt.Sinks = make([]float32, 4)
		o.g = spec.NewAttentionGradients(o.q, o.k, o.v, o.opt)
		c.spoil(o)
		if text := panicText(func() { spec.CheckAttentionBackward(o.g, o.dst, o.q, o.k, o.v, o.opt) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}

// TestCheckGradientOfOptions lets the gradients of bias and sinks be these
// themselves.
func TestCheckGradientOfOptions(t *testing.T) {
	opt := &spec.AttentionOptions{Bias: spec.GridOf(1, make([]float32, 2), 2), Sinks: make([]float32, 1)}
	q, k := spec.NewTensor[float32](1, 1, 1, 1), spec.NewTensor[float32](1, 1, 2, 1)
	for _, spoil := range []func(g *spec.AttentionGradients[float32]){
		func(g *spec.AttentionGradients[float32]) { g.Bias = opt.Bias },
		func(g *spec.AttentionGradients[float32]) { g.Sinks = opt.Sinks },
	} {
		g := spec.NewAttentionGradients(q, k, k, opt)
		spoil(&g)
		const want = "attest: a gradient shares memory with an input"
		if text := panicText(func() { spec.CheckAttentionBackward(g, q, q, k, k, opt) }); text != want {
			t.Errorf("got %q, want %q", text, want)
		}
	}
}

// TestCheckSaved spoils what a backward pass may take from the forward pass.
func TestCheckSaved(t *testing.T) {
	type gradients = spec.AttentionGradients[float64]
	o := fitting()
	o.opt.Sinks = make([]float32, 4)
	const shares = "attest: a gradient shares memory with an input"
	for _, c := range []struct {
		text  string
		spoil func(g *gradients, out, lse *spec.Tensor[float64])
	}{
		{"", func(_ *gradients, _, _ *spec.Tensor[float64]) {}},
		{"attest: the output is not of the shape of dOut", func(_ *gradients, out, _ *spec.Tensor[float64]) { out.Shape[3] = 5 }},
		{"attest: lse is not batch×heads×queries×1", func(_ *gradients, _, lse *spec.Tensor[float64]) { lse.Shape[2] = 2 }},
		{"attest: lse has a negative stride", func(_ *gradients, _, lse *spec.Tensor[float64]) { lse.Stride[0] = -1 }},
		{shares, func(g *gradients, out, _ *spec.Tensor[float64]) { out.Data = g.Value.Data }},
		{shares, func(g *gradients, _, lse *spec.Tensor[float64]) { lse.Data = g.Query.Data }},
		{shares, func(g *gradients, out, _ *spec.Tensor[float64]) { g.Bias.Data = out.Data }},
		{shares, func(g *gradients, _, lse *spec.Tensor[float64]) { g.Sinks = lse.Data[:4] }},
	} {
		g := spec.NewAttentionGradients(o.q, o.k, o.v, o.opt)
		out, lse := spec.NewTensor[float64](2, 4, 3, 6), spec.NewTensor[float64](2, 4, 3, 1)
		c.spoil(&g, &out, &lse)
		if text := panicText(func() { spec.CheckSaved(g, o.dst, out, lse) }); text != c.text {
			t.Errorf("got %q, want %q", text, c.text)
		}
	}
}

// TestNewAttentionGradients requires gradients of the operands' shapes, and of
// the bias's own axes.
func TestNewAttentionGradients(t *testing.T) {
	o := fitting()
	o.opt.Sinks = make([]float32, 4)
	g := spec.NewAttentionGradients(o.q, o.k, o.v, o.opt)
	if g.Query.Shape != o.q.Shape || g.Key.Shape != o.k.Shape || g.Value.Shape != o.v.Shape || len(g.Sinks) != 4 {
		t.Errorf("gradients of shapes %v, %v, %v and of %d sinks", g.Query.Shape, g.Key.Shape, g.Value.Shape, len(g.Sinks))
	}
	got := []int{g.Bias.Queries, g.Bias.Keys, g.Bias.Stride, g.Bias.HeadStride, g.Bias.BatchStride, len(g.Bias.Data)}
	if want := []int{3, 5, 5, 15, 0, 60}; !slices.Equal(got, want) {
		t.Errorf("gradient of a bias shared by the batches: queries, keys, strides and elements %v, want %v", got, want)
	}
	if g := spec.NewAttentionGradients(o.q, o.k, o.v, &spec.AttentionOptions{}); g.Bias != nil || g.Sinks != nil {
		t.Error("gradients of a bias or sinks that there are not")
	}
}
