package transformer_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// TestPagedBits requires that attention over pages has the bits of attention over
// the tokens in order, in one goroutine and in several.
func TestPagedBits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct{ batch, m, n, slots int }{{2, 5, 37, 16}, {1, 1, 1000, 16}, {2, 40, 700, 7}, {1, 3, 64, 1}, {2, 20, 700, 192}, {1, 2, 6000, 512}, {1, 2, 6000, 100}} {
		blocks := (c.n-1)/c.slots + 1
		pages := spec.PageTable{Tokens: c.n}
		const heads, keyHeads, d, dv, unused = 4, 2, 24, 20, 3
		k, v := normal(r, c.batch*blocks+unused, keyHeads, c.slots, d), normal(r, c.batch*blocks+unused, keyHeads, c.slots, dv)
		q, inK, inV := normal(r, c.batch, heads, c.m, d), spec.NewTensor[float32](c.batch, keyHeads, c.n, d), spec.NewTensor[float32](c.batch, keyHeads, c.n, dv)
		order := r.Perm(c.batch*blocks + unused)
		for b := range c.batch {
			pages.Pages = append(pages.Pages, order[b*blocks:][:blocks])
			for j := range c.n {
				page, slot := pages.Place(b, j, c.slots)
				for g := range keyHeads {
					for ch := range d {
						inK.Set(b, g, j, ch, k.At(page, g, slot, ch))
					}
					for ch := range dv {
						inV.Set(b, g, j, ch, v.At(page, g, slot, ch))
					}
				}
			}
		}
		opt := &spec.AttentionOptions{Scale: spec.DefaultScale(d), Causal: true, Offset: c.n - c.m}
		got, want := spec.NewTensor[float32](c.batch, heads, c.m, dv), spec.NewTensor[float32](c.batch, heads, c.m, dv)
		transformer.AttendPaged(got, q, k, v, pages, opt)
		transformer.Attend(want, q, inK, inV, opt)
		for at, x := range want.Data {
			if math.Float32bits(x) != math.Float32bits(got.Data[at]) {
				t.Fatalf("%+v: element %d is %v in pages, %v in order", c, at, got.Data[at], x)
			}
		}
	}
}
