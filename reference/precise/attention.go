package precise

import (
	"math"

	"example.com/attest/spec"
)

var attention spec.Attention[float64] = spec.AttentionFunc[float64](attend)

// attend takes the weights as exp(xⱼ − log Σ exp x) and adds the keys from the
// last to the first.
func attend(dst, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	attendRows(dst, q, tokensOf(k), tokensOf(v), opt, func(_, _, _ int, _ real) {})
}

// tokens are keys or values, wherever they lie.
type tokens struct {
	heads, count, channels int
	at                     func(b, g, j, c int) float64
}

func tokensOf(t spec.Tensor[float64]) tokens { return tokens{t.Shape[1], t.Shape[2], t.Shape[3], t.At} }

// attendRows is attend, and hands log Σ exp x of each query to keep, nil for one
// without an allowed key.
func attendRows(dst, q spec.Tensor[float64], k, v tokens, opt *spec.AttentionOptions, keep func(b, h, i int, lse real)) {
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			g := spec.KeyHead(h, q.Shape[1], k.heads)
			qs, ks, vs := slab(q, b, h), visible(k, opt, q.Shape[2], b, h, g), visible(v, opt, q.Shape[2], b, h, g)
			out, lse := attendOne(qs, ks, vs, v.channels, opt, b, h)
			for i, o := range out {
				keep(b, h, i, lse[i])
				for c, x := range o {
					dst.Set(b, h, i, c, float(x))
				}
			}
		}
	}
}

// slab returns one head of a tensor.
func slab(t spec.Tensor[float64], b, h int) [][]real {
	out := make([][]real, t.Shape[2])
	for i := range out {
		for c := range t.Shape[3] {
			out[i] = append(out[i], num(t.At(b, h, i, c)))
		}
	}
	return out
}

// visible returns head g of keys or values, nil for the rows that no query of
// head h may see: those may hold NaN.
func visible(t tokens, opt *spec.AttentionOptions, queries, b, h, g int) [][]real {
	out := make([][]real, t.count)
	for j := range out {
		for i := range queries {
			if opt.Allowed(b, h, i, j) {
				for c := range t.channels {
					out[j] = append(out[j], num(t.at(b, g, j, c)))
				}
				break
			}
		}
	}
	return out
}

// attendOne is the attention of head h of batch b with queries q, keys k and
// values v of the given number of channels, and log Σ exp x of each query, nil
// without an allowed key.
func attendOne(q, k, v [][]real, channels int, opt *spec.AttentionOptions, b, h int) (out [][]real, lse []real) {
	out, lse = make([][]real, len(q)), make([]real, len(q))
	p := zero()
	for i := range q {
		x := make([]real, len(k))
		var top real
		for j := range k {
			if opt.Allowed(b, h, i, j) {
				x[j] = logit(q[i], k[j], opt, b, h, i, j)
				if top == nil || less(top, x[j]) {
					top = x[j]
				}
			}
		}
		sum, any := zero(), top != nil
		if s := opt.SinkAt(h); !math.IsInf(s, -1) {
			if top == nil || less(top, num(s)) {
				top = num(s)
			}
			sum = exp(sub(num(s), top))
		}
		for j := range k {
			if x[j] != nil {
				sum = add(sum, exp(sub(x[j], top)))
			}
		}
		out[i] = make([]real, channels)
		for c := range out[i] {
			out[i][c] = zero()
		}
		if top == nil {
			continue
		}
		lse[i] = add(top, log(sum))
		if !any {
			continue
		}
		for j := len(k) - 1; j >= 0; j-- {
			if x[j] == nil {
				continue
			}
			a := mul(exp(sub(x[j], lse[i])), num(opt.KeepFactor(b, h, i, j)))
			for c := range out[i] {
				addInto(out[i][c], out[i][c], p.Mul(a, v[j][c]))
			}
		}
	}
	return out, lse
}

// logit returns the logit of an allowed key.
func logit(q, k []real, opt *spec.AttentionOptions, b, h, i, j int) real {
	x := add(softcap(mul(dot(q, k), num(opt.Scale)), opt.Softcap), num(opt.BiasAt(b, h, i, j)))
	if opt.Slopes != nil {
		x = add(x, mul(num(float64(opt.Slopes[h])), num(opt.Distance(b, i, j))))
	}
	return x
}

// softcap returns c·tanh(x/c), and x for c = 0.
func softcap(x real, c float64) real {
	if c == 0 {
		return x
	}
	return mul(num(c), tanh(quo(x, num(c))))
}
