package transformer

import (
	"math"

	"example.com/attest/spec"
)

var (
	attentionLSE   spec.AttentionLSE[float32]   = AttendLSE
	mergeAttention spec.MergeAttention[float32] = MergeAttention
)

// partial is the attention of a block of queries over some of the keys: for each
// row the largest logit, and the sums of exp(logit − top) and of these times the
// values.
type partial struct {
	sum      []float32 // queryBlock×dValue
	top, den [queryBlock]float32
	seen     [queryBlock]bool // an allowed key has been met
}

func newPartial(dValue int) partial { return partial{sum: make([]float32, queryBlock*dValue)} }

// clear makes p the attention over no key.
func (p *partial) clear() {
	clear(p.sum)
	clear(p.den[:])
	clear(p.seen[:])
}

// merge adds the keys of b to p: of the two, the one with the lower maximum is
// multiplied by the exponential of the difference.
func (p *partial) merge(b *partial) {
	dValue := len(p.sum) / queryBlock
	for r := range queryBlock {
		x, y := p.sum[r*dValue:][:dValue], b.sum[r*dValue:][:dValue]
		switch {
		case !b.seen[r]:
		case !p.seen[r]:
			copy(x, y)
			p.top[r], p.den[r], p.seen[r] = b.top[r], b.den[r], true
		case b.top[r] > p.top[r]:
			f := weight(p.top[r], b.top[r])
			for c := range x {
				x[c] = x[c]*f + y[c]
			}
			p.top[r], p.den[r] = b.top[r], p.den[r]*f+b.den[r]
		default:
			f := weight(b.top[r], p.top[r])
			for c := range x {
				x[c] += y[c] * f
			}
			p.den[r] += b.den[r] * f
		}
	}
}

// addSink adds a key with the given logit and the value 0 to each row.
func (p *partial) addSink(x float32) {
	if math.IsInf(float64(x), -1) {
		return
	}
	sink := newPartial(len(p.sum) / queryBlock)
	for r := range queryBlock {
		sink.top[r], sink.den[r], sink.seen[r] = x, 1, true
	}
	p.merge(&sink)
}

// store divides row r by its denominator and writes it times scale as query i.
func (p *partial) store(r int, dst spec.Tensor[float32], lse *spec.Tensor[float32], b, h, i int, scale float32) {
	dValue := len(p.sum) / queryBlock
	for c, x := range p.sum[r*dValue:][:dValue] {
		if p.seen[r] {
			x = x / p.den[r] * scale
		}
		dst.Set(b, h, i, c, x)
	}
	if lse == nil {
		return
	}
	if p.seen[r] {
		lse.Set(b, h, i, 0, float32(float64(p.top[r])+math.Log(float64(p.den[r]))))
	} else {
		lse.Set(b, h, i, 0, float32(math.Inf(-1)))
	}
}

// MergeAttention joins attentions over two sets of keys, each row as two partial
// results with the sum 1 at the maximum l. See spec.MergeAttention.
func MergeAttention(dst, lse, o1, l1, o2, l2 spec.Tensor[float32]) {
	spec.CheckMergeAttention(dst, lse, o1, l1, o2, l2)
	x, y := newPartial(dst.Shape[3]), newPartial(dst.Shape[3])
	one := func(p *partial, o, l spec.Tensor[float32], b, h, i int) {
		p.top[0], p.den[0] = l.At(b, h, i, 0), 1
		p.seen[0] = !math.IsInf(float64(p.top[0]), -1)
		if p.seen[0] {
			load(p.sum[:dst.Shape[3]], o, b, h, i)
		} else {
			clear(p.sum[:dst.Shape[3]])
		}
	}
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for i := range dst.Shape[2] {
				one(&x, o1, l1, b, h, i)
				one(&y, o2, l2, b, h, i)
				x.merge(&y)
				x.store(0, dst, &lse, b, h, i, 1)
			}
		}
	}
}

// weight is exp(x − top) rounded to float32, within 1.01u. A logit of −Inf weighs
// nothing, even if there is none above it.
func weight(x, top float32) float32 {
	if math.IsInf(float64(x), -1) {
		return 0
	}
	return float32(math.Exp(float64(x - top)))
}
