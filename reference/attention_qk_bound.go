package reference

import (
	"math"

	"example.com/attest/spec"
)

// AttentionQKBound returns the bound on the error of each product of queries and
// keys that an attention rounding as the profile says stores at the stage, and
// whether there is one.
//
// Up to QKLogits it is eⱼ of AttentionBound's step 1, as far as the stage goes,
// without what keys that are not allowed would lose at QKLogits: they are −Inf.
// Weights are the outputs for V = I and no Keep, which need no more roundings
// than those do: each divided by the sum of the very exponentials, as the profile
// says.
func AttentionQKBound(q, k tensor, stage spec.QKStage, opt *spec.AttentionOptions, p spec.Profile, r Rounding) (tensor, bool) {
	if stage == spec.QKWeights {
		plain := *opt
		plain.Keep = nil
		return AttentionBound(q, k, unitVectors(k.Shape), &plain, p, r, InputError{})
	}
	out := spec.NewTensor[float64](q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2])
	w := newAttentionRow(q, k, k, opt, p, r, InputError{})
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				for j, x := range qkRow(q, k, stage, opt, b, h, i) {
					if stage == spec.QKLogits && !opt.Allowed(b, h, i, j) {
						continue
					}
					e, ok := w.stageError(stage, b, h, i, j, x)
					if !ok {
						return out, false
					}
					out.Set(b, h, i, j, second*e)
				}
			}
		}
	}
	return out, true
}

// unitVectors returns, for keys of the given shape, values of which the j-th is
// the j-th unit vector.
func unitVectors(shape [4]int) tensor {
	v := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[2])
	for b := range shape[0] {
		for g := range shape[1] {
			for j := range shape[2] {
				v.Set(b, g, j, j, 1)
			}
		}
	}
	return v
}

// stageError returns step 1 of AttentionBound for one key as far as the stage
// goes, x being the exact result there, and whether there is a bound.
func (w *attentionRow) stageError(stage spec.QKStage, b, h, i, j int, x float64) (e float64, ok bool) {
	size, e := w.logitError(b, h, i, j)
	if c := math.Abs(w.opt.Softcap); c > 0 && stage >= spec.QKCapped {
		capped := softcap(rawLogit(w.q, w.k, w.opt, b, h, i, j), c)
		e += w.capError(c, size+e, math.Abs(capped)+e)
	}
	if stage < spec.QKLogits {
		return e, size < w.largest
	}
	bias, tilt := math.Abs(w.opt.BiasAt(b, h, i, j)), math.Abs(slope(w.opt, b, h, i, j))
	switch {
	case w.opt.Slopes != nil:
		e += 2 * w.Unit * (tilt + bias + math.Abs(x) + e)
	case w.opt.Bias != nil:
		e += w.Unit * (math.Abs(x) + e)
	}
	return e, size+tilt+bias < w.largest
}
