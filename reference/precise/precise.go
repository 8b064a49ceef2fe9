// Package precise evaluates the equations of the law with math/big at 160 bits
// and rounds the results once to float64. It judges the reference: the sums are
// accumulated in another arithmetic, the exponential is another algorithm, and
// equations are written in another form where there is one. It is slow and for
// small cases.
package precise

import (
	"math"
	"math/big"

	"example.com/attest/spec"
)

// prec is the working precision in bits. Every operation is correctly rounded
// to it, so that results rounded to float64 are within half an ulp unless more
// than 100 bits cancel.
const prec = 160

// real is a number of the working precision.
type real = *big.Float

func num(x float64) real   { return new(big.Float).SetPrec(prec).SetFloat64(x) }
func zero() real           { return new(big.Float).SetPrec(prec) }
func add(x, y real) real   { return addInto(zero(), x, y) }
func sub(x, y real) real   { return add(x, neg(y)) }
func mul(x, y real) real   { return zero().Mul(x, y) }
func quo(x, y real) real   { return zero().Quo(x, y) }
func neg(x real) real      { return zero().Neg(x) }
func sqrt(x real) real     { return zero().Sqrt(x) }
func float(x real) float64 { f, _ := x.Float64(); return f }
func half(x real) real     { return zero().SetMantExp(x, -1) }
func less(x, y real) bool  { return x.Cmp(y) < 0 }
func maximum(x, y real) real {
	if less(x, y) {
		return y
	}
	return x
}

// addInto stores x + y in z. math/big shifts one by the distance of their exponents,
// which may be a billion bits; if they are further apart than any precision here,
// the sum rounds to the larger.
func addInto(z, x, y real) real {
	if x.Sign() != 0 && y.Sign() != 0 && !x.IsInf() && !y.IsInf() {
		switch apart := x.MantExp(nil) - y.MantExp(nil); {
		case apart > 4*prec:
			return z.Set(x)
		case apart < -4*prec:
			return z.Set(y)
		}
	}
	return z.Add(x, y)
}

// exp returns eˣ: x is divided by a power of two until it is below 2⁻¹⁶, the
// Taylor series is summed, and the result is squared back, with 64 guard bits
// for what the squarings magnify.
func exp(x real) real {
	if x.Sign() == 0 {
		return num(1)
	}
	if e := x.MantExp(nil); e > 40 {
		if x.Sign() < 0 {
			return zero()
		}
		return zero().SetInf(false)
	}
	shift := max(0, x.MantExp(nil)+16)
	wide := func() real { return new(big.Float).SetPrec(guarded) }
	r, sum, term, product := wide().SetMantExp(x, -shift), wide().SetInt64(1), wide().SetInt64(1), wide()
	for _, inverse := range inverses {
		term.Mul(product.Mul(term, r), inverse)
		if term.Sign() == 0 || term.MantExp(nil) < -guarded {
			break
		}
		sum.Add(sum, term)
	}
	for range shift {
		product.Mul(sum, sum)
		sum, product = product, sum
	}
	return zero().Set(sum)
}

// guarded is the precision of exp's series and squarings.
const guarded = prec + 64

// inverses are 1, 1/2, 1/3, …: |x| < 2⁻¹⁶ makes the 15th term of exp's series
// less than 2^(−15·16−40).
var inverses = func() (inverses [15]real) {
	for k := range inverses {
		inverses[k] = new(big.Float).SetPrec(guarded).Quo(num(1), num(float64(k+1)))
	}
	return inverses
}()

// log returns the natural logarithm of x > 0 by Newton's method on exp, which
// doubles the digits of math.Log's answer until they fill the precision.
func log(x real) real {
	m := new(big.Float)
	e := x.MantExp(m)
	f, _ := m.Float64()
	y := add(num(math.Log(f)), zero().SetPrec(prec).Mul(num(float64(e)), ln2()))
	for range 3 {
		// y ← y + (x·e⁻ʸ − 1), quadratically convergent.
		y = add(y, sub(mul(x, exp(neg(y))), num(1)))
	}
	return y
}

var ln2Value real

// ln2 returns log 2 by the series Σ 1/(k·2ᵏ).
func ln2() real {
	if ln2Value == nil {
		sum := new(big.Float).SetPrec(prec + 64)
		for k := 1; k < prec+64; k++ {
			term := new(big.Float).SetPrec(prec + 64).SetInt64(1)
			term.Quo(term, new(big.Float).SetInt64(int64(k)))
			sum.Add(sum, term.SetMantExp(term, -k))
		}
		ln2Value = zero().Set(sum)
	}
	return ln2Value
}

func init() { ln2() } // before any goroutine can ask

// dot returns Σ xₖyₖ.
func dot(x, y []real) real {
	s, p := zero(), zero()
	for k := range x {
		addInto(s, s, p.Mul(x[k], y[k]))
	}
	return s
}

// rows returns the elements of m.
func rows(m spec.Matrix[float64]) [][]real {
	out := make([][]real, m.Rows)
	for i := range out {
		out[i] = make([]real, m.Cols)
		for j, x := range m.Row(i) {
			out[i][j] = num(x)
		}
	}
	return out
}

// store rounds rows into dst.
func store(dst spec.Matrix[float64], rows [][]real) {
	for i, r := range rows {
		for j, x := range r {
			dst.Set(i, j, float(x))
		}
	}
}

// times returns the row vector xM, x itself for a nil M.
func times(x []real, m [][]real) []real {
	if m == nil {
		return x
	}
	out := make([]real, len(m[0]))
	p := zero()
	for l := range out {
		out[l] = zero()
		for k := range x {
			addInto(out[l], out[l], p.Mul(x[k], m[k][l]))
		}
	}
	return out
}

// transpose returns Mᵀ.
func transpose(m [][]real) [][]real {
	if len(m) == 0 {
		return nil
	}
	out := make([][]real, len(m[0]))
	for j := range out {
		for i := range m {
			out[j] = append(out[j], m[i][j])
		}
	}
	return out
}

// weightsOf returns a's rows, nil for the zero Matrix.
func weightsOf(a spec.Matrix[float64]) [][]real {
	if a.IsZero() {
		return nil
	}
	return rows(a)
}

// Implementation returns the operations that are evaluated here.
func Implementation() *spec.Implementation[float64] {
	return &spec.Implementation[float64]{
		Name:        "precise",
		Interaction: interaction,
		Ridge:       ridge,
		Masked:      masked,
		Heads:       heads,
		Sphere:      sphere,
		Hopfield:    hopfield,
		FeedForward: feedForward,
		Prox:        prox,
		Alternating: alternating,
		Layer:       layer,
		Asymmetric:  asymmetric,
		Attention:   attention,
		MultiHead:   multiHead,
		Softmax:     softmax,
		LayerNorm:   layerNorm,
		Linear:      linear,
		ReLU:        relu,
		LogSoftmax:  logSoftmax,
		RMSNorm:     rmsNorm,
		Rope:        rope,
		Gated:       gated,
		Positions:   positions,
		Residual:    residual,
		Block:       block,

		AttentionLSE:    attentionLSE,
		MergeAttention:  mergeAttention,
		AttentionQK:     attentionQK,
		PagedAttention:  pagedAttention,
		CachedAttention: cachedAttention,

		AttentionBackward: attentionBackward,
		BackwardAbilities: spec.AllBackwardAbilities(),

		AttentionAbilities: spec.AllAttentionAbilities(),
	}
}
