package precise

import (
	"math"

	"example.com/attest/spec"
)

var attentionBackward spec.AttentionBackward[float64] = backward

// sums adds up the numbers of gradients before they are rounded, by the place of
// each in its data.
type sums map[*float64]real

func (s sums) add(at *float64, x real) {
	if s[at] == nil {
		s[at] = zero()
	}
	addInto(s[at], s[at], x)
}

// backward takes the gradient in a logit as its weight times the distance of its
// value from the output, dXⱼ = aⱼ·Σ_c dOut_c(fⱼvⱼ_c − o_c), weights as
// exp(xⱼ − log Σ exp x), the slope of a cap as 4e²ʸ/(e²ʸ+1)², and the keys from
// the last to the first.
func backward(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	total := sums{}
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				backwardRow(total, dst, dOut, q, k, v, opt, b, h, i)
			}
		}
	}
	round := func(at *float64) {
		*at = 0
		if x := total[at]; x != nil {
			*at = float(x)
		}
	}
	for _, t := range []spec.Tensor[float64]{dst.Query, dst.Key, dst.Value} {
		for b := range t.Shape[0] {
			for h := range t.Shape[1] {
				for i := range t.Shape[2] {
					for c := range t.Shape[3] {
						round(&t.Data[t.Index(b, h, i, c)])
					}
				}
			}
		}
	}
	if dst.Bias != nil {
		for b := range q.Shape[0] {
			for h := range q.Shape[1] {
				for i := range q.Shape[2] {
					row := dst.Bias.Row(b, h, i)
					for j := range row {
						round(&row[j])
					}
				}
			}
		}
	}
	for h := range dst.Sinks {
		round(&dst.Sinks[h])
	}
}

// token returns the channels of token (b, h, i).
func token(t spec.Tensor[float64], b, h, i int) []real {
	out := make([]real, t.Shape[3])
	for c := range out {
		out[c] = num(t.At(b, h, i, c))
	}
	return out
}

// backwardRow adds what query (b, h, i) owes to the gradients.
func backwardRow(total sums, dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions, b, h, i int) {
	n := k.Shape[2]
	g := spec.KeyHead(h, q.Shape[1], k.Shape[1])
	keys, values := make([][]real, n), make([][]real, n)
	any := false
	for j := range n {
		if opt.Allowed(b, h, i, j) {
			keys[j], values[j], any = token(k, b, g, j), token(v, b, g, j), true
		}
	}
	if !any {
		return
	}
	query, out := token(q, b, h, i), token(dOut, b, h, i)
	y, a, lse := rowWeights(query, keys, opt, b, h, i)
	mean := make([]real, v.Shape[3]) // the output
	for c := range mean {
		mean[c] = zero()
		for j := n - 1; j >= 0; j-- {
			if keys[j] != nil && opt.KeepFactor(b, h, i, j) != 0 {
				mean[c] = add(mean[c], mul(mul(a[j], num(opt.KeepFactor(b, h, i, j))), values[j][c]))
			}
		}
	}
	for j := n - 1; j >= 0; j-- {
		if keys[j] == nil {
			continue
		}
		keep := num(opt.KeepFactor(b, h, i, j))
		dX := zero()
		for c, o := range mean {
			dX = add(dX, mul(out[c], sub(mul(keep, values[j][c]), o)))
			total.add(&dst.Value.Data[dst.Value.Index(b, g, j, c)], mul(mul(a[j], keep), out[c]))
		}
		dX = mul(a[j], dX)
		dY := mul(dX, mul(num(opt.Scale), capSlope(y[j], opt.Softcap)))
		for c := range query {
			total.add(&dst.Query.Data[dst.Query.Index(b, h, i, c)], mul(dY, keys[j][c]))
			total.add(&dst.Key.Data[dst.Key.Index(b, g, j, c)], mul(dY, query[c]))
		}
		if dst.Bias != nil {
			total.add(&dst.Bias.Row(b, h, i)[j], dX)
		}
	}
	if s := opt.SinkAt(h); dst.Sinks != nil && !math.IsInf(s, -1) {
		total.add(&dst.Sinks[h], neg(mul(exp(sub(num(s), lse)), dot(out, mean))))
	}
}

// rowWeights returns Scale·q·kⱼ, the weights exp(xⱼ − lse), and lse, for the keys
// that are not nil, of which there is one.
func rowWeights(query []real, keys [][]real, opt *spec.AttentionOptions, b, h, i int) (y, a []real, lse real) {
	y, a = make([]real, len(keys)), make([]real, len(keys))
	var top real
	if s := opt.SinkAt(h); !math.IsInf(s, -1) {
		top = num(s)
	}
	for j := range keys {
		if keys[j] == nil {
			continue
		}
		y[j] = mul(num(opt.Scale), dot(query, keys[j]))
		a[j] = add(softcap(y[j], opt.Softcap), num(opt.BiasAt(b, h, i, j)))
		if opt.Slopes != nil {
			a[j] = add(a[j], mul(num(float64(opt.Slopes[h])), num(opt.Distance(b, i, j))))
		}
		if top == nil || less(top, a[j]) {
			top = a[j]
		}
	}
	sum := zero()
	if s := opt.SinkAt(h); !math.IsInf(s, -1) {
		sum = exp(sub(num(s), top))
	}
	for j := range keys {
		if keys[j] != nil {
			sum = add(sum, exp(sub(a[j], top)))
		}
	}
	lse = add(top, log(sum))
	for j := range keys {
		if keys[j] != nil {
			a[j] = exp(sub(a[j], lse))
		}
	}
	return y, a, lse
}

// capSlope returns the derivative of softcap, 4E/(E+1)² with E = exp(2y/c), and 1
// for c = 0.
func capSlope(y real, c float64) real {
	if c == 0 {
		return one
	}
	e := exp(quo(mul(num(-2), zero().Abs(y)), num(math.Abs(c)))) // the slope is even in y and c
	f := add(e, one)
	return quo(mul(num(4), e), mul(f, f))
}
