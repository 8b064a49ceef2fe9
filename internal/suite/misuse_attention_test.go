package suite_test

import (
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

// TestAttentionMisuse gives every form of attention packed sequences, key lengths,
// page tables and stages that do not fit: each is refused with the same text by
// every implementation.
func TestAttentionMisuse(t *testing.T) {
	ref, _ := suite.Reference()
	f32, _ := suite.Float32()
	gonum, _ := suite.Gonum()
	attentionMisuse(t, ref)
	attentionMisuse(t, precise.Implementation())
	attentionMisuse(t, f32)
	attentionMisuse(t, gonum)
}

// forms has a call of each form of attention that im offers, with 3 queries over
// 4 keys.
func forms[T spec.Float](im *spec.Implementation[T]) map[string]func(opt *spec.AttentionOptions) {
	tensor := func(tokens int) spec.Tensor[T] { return spec.NewTensor[T](1, 1, tokens, 2) }
	calls := map[string]func(opt *spec.AttentionOptions){
		"Attention": func(opt *spec.AttentionOptions) { im.Attention.Attend(tensor(3), tensor(3), tensor(4), tensor(4), opt) },
	}
	if im.AttentionLSE != nil {
		calls["AttentionLSE"] = func(opt *spec.AttentionOptions) {
			im.AttentionLSE(tensor(3), spec.NewTensor[T](1, 1, 3, 1), tensor(3), tensor(4), tensor(4), opt)
		}
	}
	if im.AttentionQK != nil {
		calls["AttentionQK"] = func(opt *spec.AttentionOptions) {
			im.AttentionQK(tensor(3), spec.NewTensor[T](1, 1, 3, 4), tensor(3), tensor(4), tensor(4), spec.QKLogits, opt)
		}
	}
	if im.PagedAttention != nil {
		calls["PagedAttention"] = func(opt *spec.AttentionOptions) {
			pages := spec.NewTensor[T](2, 1, 3, 2)
			im.PagedAttention(tensor(3), tensor(3), pages, pages, spec.PageTable{Tokens: 4, Pages: [][]int{{1, 0}}}, opt)
		}
	}
	return calls
}

func attentionMisuse[T spec.Float](t *testing.T, im *spec.Implementation[T]) {
	packed := func(queries, keys []int) spec.AttentionOptions {
		return spec.AttentionOptions{Scale: 1, Sequences: &spec.Sequences{Queries: queries, Keys: keys}}
	}
	for name, call := range forms(im) {
		for _, c := range []struct {
			text string
			opt  spec.AttentionOptions
		}{
			{"", spec.AttentionOptions{KeyLengths: []int{4}}},
			{"attest: queries and keys are not packed into equally many sequences", packed([]int{0, 3}, []int{0, 2, 4})},
			{"attest: cumulative lengths do not begin with 0", packed([]int{1, 3}, []int{0, 4})},
			{"attest: cumulative lengths do not begin with 0", packed(nil, nil)},
			{"attest: cumulative lengths fall", packed([]int{0, 2, 1, 3}, []int{0, 2, 3, 4})},
			{"attest: cumulative lengths do not end with the number of tokens", packed([]int{0, 3}, []int{0, 3})},
			{"attest: not one key length for each batch or packed sequence", spec.AttentionOptions{KeyLengths: []int{1, 1}}},
			{"attest: a key length is not in 0..keys", spec.AttentionOptions{KeyLengths: []int{5}}},
		} {
			says(t, im.Name+": "+name, c.text, func() { call(&c.opt) })
		}
	}
	tensor := func(batch, tokens int) spec.Tensor[T] { return spec.NewTensor[T](batch, 1, tokens, 2) }
	opt := &spec.AttentionOptions{Scale: 1}
	for text, table := range map[string]spec.PageTable{
		"": {Tokens: 4, Pages: [][]int{{1, 1, -1}}},
		"attest: an entry of the page table is no page":          {Tokens: 4, Pages: [][]int{{0, 2}}},
		"attest: the page table is too short for the tokens":     {Tokens: 4, Pages: [][]int{{0}}},
		"attest: not one row of pages for each batch":            {Tokens: 4},
		"attest: the page table has a negative number of tokens": {Tokens: -1, Pages: [][]int{{0}}},
	} {
		if im.PagedAttention != nil {
			says(t, im.Name+": PagedAttention", text, func() { im.PagedAttention(tensor(1, 3), tensor(1, 3), tensor(2, 3), tensor(2, 3), table, opt) })
		}
	}
	if im.AttentionQK != nil {
		says(t, im.Name+": AttentionQK", "attest: unknown stage of queries times keys", func() {
			im.AttentionQK(tensor(1, 3), spec.NewTensor[T](1, 1, 3, 4), tensor(1, 3), tensor(1, 4), tensor(1, 4), 4, opt)
		})
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
