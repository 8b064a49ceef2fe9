package reference

import (
	"math"

	"example.com/attest/spec"
)

// AttentionLSEDeviation returns a standard deviation σ of the error of each log
// Σⱼ exp xⱼ under the model of AttentionDeviation. An error of a logit moves the
// result by aⱼ times itself, and what all logits of a row have in common, a rounded
// scale for one, moves it wholly. So the errors of different keys are not taken for
// independent: whatever their correlation, that of Σ aⱼδⱼ is at most Σ aⱼ times
// those of the δⱼ. With AttentionDeviation's terms and Z = Σ exp(xⱼ−m),
//
//	σ² = (Σⱼ aⱼ√(var xⱼ))² + u²/3·(ΣLⱼ² + R + (4·log Z)² + 2·lse²) + underflow:
//
// the additions of the denominator, whose relative error is the result's absolute
// one, its rescalings, its logarithm, the sum with m and a change from base 2. It
// is 0 for a query without an allowed key.
func AttentionLSEDeviation(q, k tensor, opt *spec.AttentionOptions, p spec.Profile, r Rounding) tensor {
	out := spec.NewTensor[float64](q.Shape[0], q.Shape[1], q.Shape[2], 1)
	w := newAttentionRow(q, k, k, opt, p, r, InputError{})
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				out.Set(b, h, i, 0, w.lseDeviation(b, h, i))
			}
		}
	}
	return out
}

// lseDeviation returns σ of query (b, h, i).
func (w *attentionRow) lseDeviation(b, h, i int) float64 {
	r, ok := w.weights(b, h, i)
	if !ok || len(r.keys) == 0 {
		return 0
	}
	sink, shares := w.partialSums(&r, h)
	moved := sink*math.Sqrt(w.weightVariance(w.opt.SinkAt(h), r.m)) + w.p.WeightUnit
	for l, j := range r.keys {
		moved += r.a[l] * (math.Sqrt(w.logitVariance(b, h, i, j, r.x[j])+w.weightVariance(r.x[j], r.m)) + w.logitUnderflow(b, h, i, j))
	}
	moved += r.under * float64(len(r.keys))
	logZ := logError * (r.lse - r.m)
	return math.Sqrt(moved*moved + w.Unit*w.Unit/3*(shares+w.rescales+logZ*logZ+2*r.lse*r.lse))
}

// logitUnderflow returns what the products of the logit of key j lose to
// underflow, as in AttentionBound.
func (w *attentionRow) logitUnderflow(b, h, i, j int) float64 {
	qs, ks := channels(w.q, b, h, i), channels(w.k, b, spec.KeyHead(h, w.q.Shape[1], w.k.Shape[1]), j)
	sizes, products := 0.0, 0.0
	for c := range qs {
		sizes += math.Abs(qs[c]) + math.Abs(ks[c])
		products += math.Abs(qs[c] * ks[c])
	}
	return w.Tiny * (float64(len(qs))*(w.scale+1) + (1+math.Sqrt(w.scale))*sizes + products + 1)
}
