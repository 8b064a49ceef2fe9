package transformer

import "example.com/attest/spec"

// AttendPaged is Attend over keys and values in pages. A block of keys that lies in
// one page is read where it is; one that does not is put together first. See
// spec.PagedAttention.
func AttendPaged(dst, q, k, v spec.Tensor[float32], pages spec.PageTable, opt *spec.AttentionOptions) {
	bestAttention.AttendPaged(dst, q, k, v, pages, opt)
}

// AttendPaged is the function AttendPaged at the level of a.
func (a *Attention) AttendPaged(dst, q, k, v spec.Tensor[float32], table spec.PageTable, opt *spec.AttentionOptions) {
	spec.CheckPagedAttention(dst, q, k, v, table, opt)
	size := func(t spec.Tensor[float32]) spec.Tensor[float32] {
		return spec.Tensor[float32]{Shape: [4]int{q.Shape[0], t.Shape[1], table.Tokens, t.Shape[3]}}
	}
	a.attendIn(&pages{k, v, table}, dst, spec.Tensor[float32]{}, q, size(k), size(v), opt)
}

// pages are keys and values in pages.
type pages struct {
	k, v  spec.Tensor[float32]
	table spec.PageTable
}

// rows returns tokens j0 to j1 of keys or values t as rows, and how far these are
// apart.
func (p *pages) rows(scratch *[]float32, t spec.Tensor[float32], b, g, j0, j1 int) (rows []float32, stride int) {
	slots, d := t.Shape[2], t.Shape[3]
	if page, slot := p.table.Place(b, j0, slots); slot+j1-j0 <= slots {
		return keyRows(scratch, t, page, g, slot, slot+j1-j0)
	}
	*scratch = grow(*scratch, (j1-j0)*d)
	for j := j0; j < j1; j++ {
		page, slot := p.table.Place(b, j, slots)
		load((*scratch)[(j-j0)*d:][:d], t, page, g, slot)
	}
	return *scratch, d
}
