package main

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/mat"
)

// The terms of the energy, and their total.
const (
	interactionTerm = iota // E₁(YA)
	ridgeTerm              // λ/2‖YA‖²
	formTerm               // ½tr(YWYᵀ)
	distanceTerm           // ½‖Y−B‖²
	totalTerm
	termCount
)

var termNames = [termCount]string{"interaction", "ridge", "feed-forward", "distance", "total"}

// energyPoint is the energy of a sentence at a layer: each term, and how far
// rounding may have carried the number given for it.
type energyPoint struct{ value, rounding [termCount]float64 }

// rises reports whether a term is larger at q than at p, whatever the rounding
// of both.
func rises(p, q *energyPoint, term int) bool {
	return q.value[term]-p.value[term] > p.rounding[term]+q.rounding[term]
}

// finite reports whether the total, and so each term, is a number.
func (p *energyPoint) finite() bool {
	return !math.IsNaN(p.value[totalTerm]) && !math.IsInf(p.value[totalTerm], 0)
}

// energyJudge evaluates the terms in float64 by the reference.
type energyJudge struct {
	im         *spec.Implementation[float64]
	weights    *traceWeights
	lambda     float64
	absA, absW *mat.Dense
}

func newEnergyJudge(w *traceWeights, lambda float64) *energyJudge {
	return &energyJudge{im: reference.Implementation(), weights: w, lambda: lambda,
		absA: absolute(dense(w.a)), absW: absolute(dense(w.w))}
}

// at returns the energies of tokens Y. Each term is an operation of the
// reference at arguments that leave that term alone: one token has no
// interaction, Y has no distance from itself, and W = 0 has no form.
func (j *energyJudge) at(y spec.Matrix[float64]) *energyPoint {
	var product mat.Dense
	product.Mul(dense(y), dense(j.weights.a))
	u := matrixOf(&product)
	identity, b := spec.Matrix[float64]{}, repeatRow[float64](j.weights.b, y.Rows)

	p := &energyPoint{}
	v := &p.value
	v[interactionTerm] = j.im.Interaction.Energy(u, identity)
	for i := range u.Rows {
		v[ridgeTerm] += j.im.Ridge.Energy(spec.MatrixOf(u.Row(i)), identity, j.lambda)
	}
	v[formTerm] = j.im.FeedForward.Energy(y, j.weights.w, y)
	v[distanceTerm] = j.im.FeedForward.Energy(spec.Column(y.Data...), spec.NewMatrix[float64](1, 1), spec.Column(b.Data...))
	for _, x := range v[:totalTerm] {
		v[totalTerm] += x
	}
	p.rounding = j.rounding(y, u, v)
	return p
}

// rounding bounds the error of each value, for sums in any order, u = 2⁻⁵³,
// γ(k) = ku/(1−ku), N pairs of tokens:
//
//   - Row i of U = YA errs by at most tᵢ = γ(d)‖|yᵢ||A|‖₂. The slope of
//     exp(−r²/2) is at most e^{−1/2} and a term at most 1, so a pair errs by
//     min(1, e^{−1/2}(tᵢ+tⱼ)) through U, and by u((N+3)g + (p+2)zg) in its own
//     arithmetic, with zg = z·exp(−z) ≤ 1/e. The factor 1.01 stands for higher
//     orders.
//   - The ridge errs by λ(‖uᵢ‖tᵢ + tᵢ²) through U and by γ(np+p+3) of itself.
//   - The form errs by γ(nd+d+2)·½Σ|Y||W||Y|ᵀ.
//   - The distance errs by γ(nd+5) of itself, its terms being squares.
//   - The total errs by all of these, and by 4u of the sum of absolute values.
func (j *energyJudge) rounding(y, u spec.Matrix[float64], v *[termCount]float64) (r [termCount]float64) {
	n, d, p := y.Rows, y.Cols, u.Cols
	unit := spec.Unit[float64]()
	gamma := func(k int) float64 { return float64(k) * unit / (1 - float64(k)*unit) }

	absY := absolute(dense(y))
	var spread, form mat.Dense
	spread.Mul(absY, j.absA)
	form.Mul(absY, j.absW)
	form.MulElem(&form, absY)

	t := make([]float64, n)
	for i := range t {
		t[i] = gamma(d) * mat.Norm(spread.RowView(i), 2)
		r[ridgeTerm] += j.lambda * (reference.Norm(u.Row(i))*t[i] + t[i]*t[i])
	}
	for i := range t {
		for k := range i {
			r[interactionTerm] += min(1, math.Exp(-0.5)*(t[i]+t[k]))
		}
	}
	pairs := float64(n) * float64(n-1) / 2
	r[interactionTerm] += 1.01 * unit * ((pairs+3)*math.Abs(v[interactionTerm]) + float64(p+2)*pairs/math.E)
	r[ridgeTerm] += gamma(n*p+p+3) * v[ridgeTerm]
	r[formTerm] = gamma(n*d+d+2) * mat.Sum(&form) / 2
	r[distanceTerm] = gamma(n*d+5) * v[distanceTerm]
	for term := range totalTerm {
		r[totalTerm] += r[term] + 4*unit*math.Abs(v[term])
	}
	return r
}

// absolute returns |m|.
func absolute(m *mat.Dense) *mat.Dense {
	var out mat.Dense
	out.Apply(func(_, _ int, x float64) float64 { return math.Abs(x) }, m)
	return &out
}
