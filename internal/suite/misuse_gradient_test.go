package suite_test

import (
	"testing"

	"example.com/attest/spec"
)

// pagesMisuse makes the mistakes of a page table.
func pagesMisuse[T spec.Float](t *testing.T, im *spec.Implementation[T]) {
	if im.PagedAttention == nil {
		return
	}
	tensor := func(batch, tokens int) spec.Tensor[T] { return spec.NewTensor[T](batch, 1, tokens, 2) }
	for text, table := range map[string]spec.PageTable{
		"": {Tokens: 4, Pages: [][]int{{1, 1, -1}}},
		"attest: an entry of the page table is no page":          {Tokens: 4, Pages: [][]int{{0, 2}}},
		"attest: the page table is too short for the tokens":     {Tokens: 4, Pages: [][]int{{0}}},
		"attest: not one row of pages for each batch":            {Tokens: 4},
		"attest: the page table has a negative number of tokens": {Tokens: -1, Pages: [][]int{{0}}},
	} {
		says(t, im.Name+": PagedAttention", text, func() {
			im.PagedAttention(tensor(1, 3), tensor(1, 3), tensor(2, 3), tensor(2, 3), table, &spec.AttentionOptions{Scale: 1})
		})
	}
}

// gradientMisuse makes the mistakes of the gradients of bias and sinks, which
// TestMisuse does not ask for.
func gradientMisuse[T spec.Float](t *testing.T, im *spec.Implementation[T]) {
	if im.AttentionBackward == nil {
		return
	}
	const input, another = "attest: a gradient shares memory with an input", "attest: a gradient shares memory with another"
	for _, c := range []struct {
		text  string
		spoil func(g *spec.AttentionGradients[T], in []spec.Tensor[T], opt *spec.AttentionOptions)
	}{
		{"", func(*spec.AttentionGradients[T], []spec.Tensor[T], *spec.AttentionOptions) {}},
		{"attest: a gradient of a bias that there is not", func(_ *spec.AttentionGradients[T], _ []spec.Tensor[T], opt *spec.AttentionOptions) { opt.Bias = nil }},
		{"attest: a gradient of sinks that there are not", func(_ *spec.AttentionGradients[T], _ []spec.Tensor[T], opt *spec.AttentionOptions) { opt.Sinks = nil }},
		{"attest: not one gradient for each sink", func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) {
			g.Sinks = make([]T, 2)
		}},
		{"attest: the gradient of the bias has other axes than the bias", func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) { g.Bias.Stride = 0 }},
		{"attest: the gradient of the bias is not queries×keys", func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) { g.Bias.Queries = 2 }},
		{"attest: the gradient of the bias is shorter than its view", func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) {
			g.Bias.Data = g.Bias.Data[1:]
		}},
		{another, func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) {
			g.Query.Data = g.Bias.Data
		}},
		{another, func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) {
			g.Sinks = g.Value.Data[7:8]
		}},
		{another, func(g *spec.AttentionGradients[T], _ []spec.Tensor[T], _ *spec.AttentionOptions) {
			g.Sinks = g.Bias.Data[11:]
		}},
	} {
		misuseOf(t, im, c.text, c.spoil)
	}
	for k := range 4 {
		misuseOf(t, im, input, func(g *spec.AttentionGradients[T], in []spec.Tensor[T], _ *spec.AttentionOptions) {
			g.Sinks = in[k].Data[5:6]
		})
		misuseOf(t, im, input, func(g *spec.AttentionGradients[T], in []spec.Tensor[T], _ *spec.AttentionOptions) {
			in[k].Data = g.Bias.Data
		})
	}
}

// misuseOf calls the gradients of im with operands that fit, changed by spoil: in
// has dOut, query, key and value.
func misuseOf[T spec.Float](t *testing.T, im *spec.Implementation[T], text string, spoil func(g *spec.AttentionGradients[T], in []spec.Tensor[T], opt *spec.AttentionOptions)) {
	t.Helper()
	in := make([]spec.Tensor[T], 4)
	for k, tokens := range []int{3, 3, 4, 4} {
		in[k] = spec.NewTensor[T](1, 1, tokens, 2)
	}
	opt := &spec.AttentionOptions{Scale: 1, Bias: spec.GridOf(3, make([]float32, 12), 3, 4), Sinks: []float32{0}}
	g := spec.NewAttentionGradients(in[1], in[2], in[3], opt)
	spoil(&g, in, opt)
	says(t, im.Name+": AttentionBackward", text, func() { im.AttentionBackward(g, in[0], in[1], in[2], in[3], opt) })
}
