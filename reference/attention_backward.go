package reference

import (
	"math"

	"example.com/attest/spec"
)

var attentionBackward spec.AttentionBackward[float64] = AttentionBackward

// AttentionBackward stores the gradients of an attention's operands, one query
// after the other: each adds what it owes to those of the keys and values that it
// may see. See spec.AttentionBackward.
func AttentionBackward(dst spec.AttentionGradients[float64], dOut, q, k, v tensor, opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	zeroGradients(dst)
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				backwardOfQuery(dst, dOut, q, k, v, opt, b, h, i)
			}
		}
	}
}

// backwardOfQuery adds what query (b, h, i) owes to all gradients.
func backwardOfQuery(dst spec.AttentionGradients[float64], dOut, q, k, v tensor, opt *spec.AttentionOptions, b, h, i int) {
	g := spec.KeyHead(h, q.Shape[1], k.Shape[1])
	a := AttentionWeights(q, k, opt, b, h, i)
	dP, mean := weightGradients(dOut, v, a, opt, b, h, i)
	visible := false
	for j := range a {
		if !opt.Allowed(b, h, i, j) {
			continue
		}
		visible = true
		dX := a[j] * (dP[j] - mean)
		dY := dX * softcapSlope(rawLogit(q, k, opt, b, h, i, j), opt.Softcap)
		for c := range q.Shape[3] {
			addTo(dst.Query, b, h, i, c, opt.Scale*dY*k.At(b, g, j, c))
			addTo(dst.Key, b, g, j, c, opt.Scale*dY*q.At(b, h, i, c))
		}
		for c := range v.Shape[3] {
			addTo(dst.Value, b, g, j, c, opt.KeepFactor(b, h, i, j)*a[j]*dOut.At(b, h, i, c))
		}
		if dst.Bias != nil {
			dst.Bias.Row(b, h, i)[j] += dX
		}
	}
	if dst.Sinks != nil && visible {
		dst.Sinks[h] -= math.Exp(opt.SinkAt(h)-RowLSE(q, k, opt, b, h, i)) * mean
	}
}

// weightGradients returns dPⱼ = fⱼ·Σ_c dOut_c·vⱼ_c for the keys that query
// (b, h, i) with weights a may attend to, and their average Σⱼ aⱼdPⱼ.
func weightGradients(dOut, v tensor, a []float64, opt *spec.AttentionOptions, b, h, i int) (dP []float64, mean float64) {
	dP = make([]float64, len(a))
	for j := range a {
		if !opt.Allowed(b, h, i, j) {
			continue
		}
		for c := range v.Shape[3] {
			dP[j] += dOut.At(b, h, i, c) * v.At(b, spec.KeyHead(h, dOut.Shape[1], v.Shape[1]), j, c)
		}
		dP[j] *= opt.KeepFactor(b, h, i, j)
		mean += a[j] * dP[j]
	}
	return dP, mean
}

// softcapSlope returns the derivative of softcap, 1 − tanh²(y/c) = 1/cosh²(y/c), and
// 1 for c = 0. The second form keeps its relative accuracy for large y.
func softcapSlope(y, c float64) float64 {
	if c == 0 {
		return 1
	}
	return 1 / math.Pow(math.Cosh(y/c), 2)
}

// addTo adds x to element (b, h, i, c).
func addTo(t tensor, b, h, i, c int, x float64) { t.Set(b, h, i, c, t.At(b, h, i, c)+x) }

// zeroGradients makes every gradient +0.
func zeroGradients(dst spec.AttentionGradients[float64]) {
	for _, t := range []tensor{dst.Query, dst.Key, dst.Value} {
		for b := range t.Shape[0] {
			for h := range t.Shape[1] {
				for i := range t.Shape[2] {
					for c := range t.Shape[3] {
						t.Set(b, h, i, c, 0)
					}
				}
			}
		}
	}
	if dst.Bias != nil {
		for b := range dst.Query.Shape[0] {
			for h := range dst.Query.Shape[1] {
				for i := range dst.Bias.Queries {
					clear(dst.Bias.Row(b, h, i))
				}
			}
		}
	}
	clear(dst.Sinks)
}
