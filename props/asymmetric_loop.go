package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/integrate/quad"
)

// vectorField is a field on matrices as an implementation computes it. A field
// is the gradient of an energy exactly when its integral round every closed
// curve is zero.
type vectorField struct {
	// at returns the field at a point, and the bound of its error there.
	at func(p matrix) (f, bound matrix)
	// slope bounds the Frobenius norm of the field's derivative near the loop.
	slope float64
	// onEllipse bounds |⟨F(p+zΔ), Δ⟩| for complex z in the ellipse with foci 0
	// and 1 and semi-axes a and b about ½; +Inf where the field may have poles.
	onEllipse func(p, delta matrix, a, b float64) float64
}

// nodes is the number of Gauss–Legendre nodes on an edge.
const nodes = 20

// loop returns the integral of the field round the polygon of the given
// corners, its bound, and the sum of the sizes of what was added.
//
// An edge is ∫₀¹⟨F(p+tΔ), Δ⟩dt. The quadrature is off by at most
// ½(64/15)M ρ^{−2(nodes−1)}/(1−ρ^{−2}) if the integrand is analytic and bounded
// by M in the ellipse with semi-axes (ρ±1/ρ)/4 [trefethen2013, theorem 19.3];
// the best of several ρ is taken. Points are rounded to T, which moves the
// field by at most slope times what they move; nodes and weights come within
// 16 units in the last place.
func (f vectorField) loop(corners []matrix, roundPoint func(matrix) matrix) (sum, bound, size float64) {
	x, w := make([]float64, nodes), make([]float64, nodes)
	quad.Legendre{}.FixedLocations(x, w, 0, 1)
	for i, p := range corners {
		delta := reference.Sub(corners[(i+1)%len(corners)], p)
		length := reference.Norm(delta.Data)
		for k, t := range x {
			exact := spec.NewMatrix[float64](p.Rows, p.Cols)
			for c := range exact.Data {
				exact.Data[c] = p.Data[c] + t*delta.Data[c]
			}
			point := roundPoint(exact)
			moved := reference.Norm(reference.Sub(point, exact).Data) + 18*unit64*(length+reference.Norm(p.Data))
			value, valueBound := f.at(point)
			s, terms := reference.Inner(value, delta)
			_, slip := reference.Inner(valueBound, delta)
			sum += w[k] * s
			size += w[k] * terms
			bound += w[k]*(slip+f.slope*moved*length) + gamma(len(p.Data)+3*nodes+20)*w[k]*terms
		}
		quadrature := math.Inf(1)
		for rho := 1.0625; rho < 32; rho *= 1.25 {
			m := f.onEllipse(p, delta, (rho+1/rho)/4, (rho-1/rho)/4)
			quadrature = min(quadrature, m*32/15*math.Pow(rho, -2*(nodes-1))/(1-1/(rho*rho)))
		}
		bound += 1.01 * quadrature
	}
	return sum, bound, size
}

// toT rounds the elements of m to T.
func toT[T spec.Float](m matrix) matrix { return wide(spec.Convert[T](m)) }

// largestRow returns the largest norm of a row.
func largestRow(m matrix) float64 {
	var top float64
	for i := range m.Rows {
		top = max(top, reference.Norm(m.Row(i)))
	}
	return top
}

// triangle draws three corners in the space of n×d matrices.
func triangle(t *Trial, lo, hi, dims, exponent int) []matrix {
	n, d := t.Int("n", lo, hi), t.Int("d", 1, dims)
	var out []matrix
	for _, name := range []string{"P", "Q", "R"} {
		out = append(out, t.Matrix(name, n, d, []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}, exponent-1, exponent))
	}
	return out
}

// radius returns the largest norm of a row of a corner, which bounds the rows
// on the edges too.
func radius(corners []matrix) float64 {
	var top float64
	for _, p := range corners {
		top = max(top, largestRow(p))
	}
	return top
}

func loopOfGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	corners := triangle(t, 2, 4, 3, 0)
	field := vectorField{
		at: func(p matrix) (matrix, matrix) {
			s := newScene[T](t, p, matrix{})
			return s.gradient(t, im), s.bounds.Gradient()
		},
		slope: float64(corners[0].Rows), // ‖∇²E₁‖ ≤ n for A = I
		onEllipse: func(p, delta matrix, a, b float64) float64 {
			// Σ e^{−q}q′ over pairs, q = ‖r+zs‖²/2: |e^{−q}| ≤ e^{(Im z)²‖s‖²/2}.
			var m float64
			for i := range p.Rows {
				for j := range i {
					r, s := pairOf(p, delta, i, j)
					m += math.Exp(b*b*s*s/2) * (r + (0.5+a)*s) * s
				}
			}
			return m
		},
	}
	loop, bound, size := field.loop(corners, toT[T])
	t.Near("∮⟨∇E₁, dY⟩", loop, 0, bound)
	t.Informative(size > 64*bound)
}

// pairOf returns ‖pᵢ−pⱼ‖ and ‖Δᵢ−Δⱼ‖.
func pairOf(p, delta matrix, i, j int) (r, s float64) {
	return reference.Norm(reference.Difference(p, matrix{}, i, j)), reference.Norm(reference.Difference(delta, matrix{}, i, j))
}

func loopOfStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	corners := triangle(t, 3, 4, 2, 1)
	n, reach := corners[0].Rows, 2*radius(corners)
	field := vectorField{
		at: func(p matrix) (matrix, matrix) {
			s := newScene[T](t, p, matrix{})
			next, _, eps := s.step(t, im, 1)
			for k := range eps.Data {
				eps.Data[k] += unit64 * math.Abs(next.Data[k])
			}
			return reference.Sub(next, p), eps
		},
		// A row moves by at most 2max|δ| with its points, and its weights by
		// 2·reach·2max|δ| relative, on values of at most reach.
		slope: math.Sqrt(float64(n)) * (2 + 4*reach*reach),
		onEllipse: func(p, delta matrix, a, b float64) float64 {
			// While |Im q| ≤ π/3 for every pair, Re G ≥ 0 and |D| ≥ 1.
			var m float64
			for i := range n {
				for j := range n {
					r, s := pairOf(p, delta, i, j)
					if b*s*(r+a*s+0.5*s) > math.Pi/3 {
						return math.Inf(1)
					}
					m += math.Exp(b*b*s*s/2) * (r + (0.5+a)*s) * reference.Norm(delta.Row(i))
				}
			}
			return m
		},
	}
	loop, bound, _ := field.loop(corners, toT[T])
	t.Near("∮⟨Y⁺−Y, dY⟩", loop, 0, bound)
}

func attentionMap[T spec.Float](t *Trial, im *spec.Implementation[T], x, a matrix, normalized bool) (got, bound matrix) {
	out := output[T](t, "KXA", x.Rows, x.Cols)
	im.Asymmetric.AttentionMap(out, input[T](t, "X", x), input[T](t, "A", a), normalized)
	bound, ok := reference.AttentionMapBound(x, a, normalized, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return wide(out), bound
}

func attentionMapValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 9), t.Size("d", 1, 5)
	x := t.Matrix("X", n, d, gen.Tokens[:9], -2, 0)
	a := t.Matrix("A", d, d, []gen.Kind{gen.OneHot, gen.Coarse, gen.Normal, gen.Uniform}, -2, 0)
	normalized := t.Bool("normalized")
	got, bound := attentionMap(t, im, x, a, normalized)
	want := spec.NewMatrix[float64](n, d)
	t.Oracle.Asymmetric.AttentionMap(want, x, a, normalized)
	near(t, "KXA", got, want, bound)
	t.Informative(exceeds(want, bound, 8))
	t.Sometimes("normalized", normalized)
	t.Sometimes("not normalized", !normalized)
}

// loopOfAttentionMap integrates X → KXA round a triangle.
func loopOfAttentionMap[T spec.Float](symmetric, normalized bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		corners := triangle(t, 1, 3, 2, 0)
		n, d := corners[0].Rows, corners[0].Cols
		a := t.Matrix("A", d, d, []gen.Kind{gen.OneHot, gen.Coarse}, 0, 0)
		if symmetric {
			a = symmetrized(a)
		}
		reach, norm := radius(corners), reference.Norm(a.Data)
		top := 1.0 // the largest weight near the loop
		if !normalized {
			top = math.Exp(1.01 * norm * reach * reach)
		}
		field := vectorField{
			at: func(p matrix) (matrix, matrix) { return attentionMap(t, im, p, a, normalized) },
			// The values move by |δ||A|, each weight by at most 4·reach·|A|·max|δ|
			// relative (twice that of a logit, when normalized), on values of at
			// most reach·|A|.
			slope: 1.01 * float64(n) * top * norm * (1 + 4*norm*reach*reach),
			onEllipse: func(p, delta matrix, semi, b float64) float64 {
				return attentionOnEllipse(p, delta, norm, semi, b, normalized)
			},
		}
		loop, bound, size := field.loop(corners, toT[T])
		t.Near("∮⟨KXA, dX⟩", loop, 0, bound)
		t.Informative(size > 64*bound)
	}
}

// attentionOnEllipse bounds |⟨KXA, Δ⟩| at X = P+zΔ. A logit
// (p+zδ)A(p′+zδ′)ᵀ has modulus at most |A|(|p|+|z||δ|)(|p′|+|z||δ′|) and
// imaginary part at most b|A|(|p||δ′|+|δ||p′|+2|Re z||δ||δ′|). While the latter
// is at most π/3 in a row, the row's sum has at least half the modulus of its
// terms added up, so that normalized weights add up to at most 2.
func attentionOnEllipse(p, delta matrix, norm, a, b float64, normalized bool) float64 {
	z := 0.5 + a
	var m float64
	for i := range p.Rows {
		pi, di := reference.Norm(p.Row(i)), reference.Norm(delta.Row(i))
		var row, value float64
		for j := range p.Rows {
			pj, dj := reference.Norm(p.Row(j)), reference.Norm(delta.Row(j))
			xj := norm * (pj + z*dj)
			value = max(value, xj)
			if normalized && b*norm*(pi*dj+di*pj+2*z*di*dj) > math.Pi/3 {
				return math.Inf(1)
			}
			row += math.Exp(norm*(pi+z*di)*(pj+z*dj)) * xj
		}
		if normalized {
			row = 2 * value
		}
		m += row * di
	}
	return m
}
