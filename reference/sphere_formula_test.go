package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestSphereBoundsAreFormulas compares the bounds of the steps on the sphere with
// the formulas of their comments.
func TestSphereBoundsAreFormulas(t *testing.T) {
	const eta = 0.75
	u, w := coarse.Unit, coarse.Tiny
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	a := [][]float64{{1, 0.5, -0.25}, {-0.5, 1, 0.75}}
	f := newPairs(y, a, coarse)
	got := NewInteractionBounds(spec.MatrixOf(y...), spec.MatrixOf(a...), coarse).SphereDirection(eta)
	direction := SphereDirection(spec.MatrixOf(y...), spec.MatrixOf(a...), eta)
	for i := range y {
		var degree, rho float64
		for j := range y {
			degree += f.g[i][j]
			rho += f.g[i][j] * f.e[i][j]
		}
		rho /= degree
		size, err := make([]float64, 3), make([]float64, 3)
		for j := range y {
			tau := f.tau[i] + f.tau[j]
			if i == j {
				tau = 0
			}
			for l, m := range times(sizes(minus(y[j], y[i])), sizesOf(a)) {
				g := f.g[i][j] / degree
				size[l] += g * m
				err[l] += g*(m*(f.e[i][j]+rho+(2*3+2+8)*u)+tau) + w*(m+1)
			}
		}
		for l := range err {
			err[l] += (3 + 4) * u * size[l]
		}
		for k, e := range transposed(err, a) {
			near(t, "direction", got.At(i, k), second*(eta*e+u*math.Abs(direction.At(i, k)))+2*w)
		}
	}
	plain := NewInteractionBounds(spec.MatrixOf(y...), matrix{}, coarse)
	for k, x := range plain.SphereDirection(eta).Data {
		near(t, "plain direction", x, plain.Step(eta).Data[k])
	}

	// A vector of norm 5 that is off by one of norm 2⁻⁸, and radius 2.
	r := Rounding{0x1p-10, 0x1p-12} // so that (1/2)²u is one tiny
	v, e := spec.MatrixOf([]float64{3, -4}), spec.MatrixOf([]float64{0x1p-8, 0})
	bound, ok := NormalizedBound(v, e, 2, r)
	if !ok {
		t.Fatal("no bound")
	}
	near(t, "first", bound.At(0, 0), second*2*((0x1p-8+0.6*0x1p-8)/5+5*r.Unit*0.6)+2*r.Tiny*3)
	near(t, "second", bound.At(0, 1), second*2*(0.8*0x1p-8/5+5*r.Unit*0.8)+2*r.Tiny*3)
	for _, c := range []struct {
		x, e float64
		want bool
	}{{0, 0, true}, {0, 0x1p-20, false}, {1, 0.004, true}, {1, MaxRelativeError, true}, {1, 0.006, false}, {0x1p-6, 0, false}, {0.5, 0, true}} {
		got, ok := NormalizedBound(spec.MatrixOf([]float64{c.x}), spec.MatrixOf([]float64{c.e}), 1, r)
		if ok != c.want || c.x == 0 && got.At(0, 0) != 0 {
			t.Errorf("%v: a bound: %v, %v", c, got, ok)
		}
	}
}

// TestSphereAttentionBoundIsFormula is the same for attention on the sphere.
func TestSphereAttentionBoundIsFormula(t *testing.T) {
	r := Rounding{0x1p-13, 0x1p-12}
	u, w := r.Unit, r.Tiny
	const c = -0.5
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	m := [][]float64{{1, 0.5}, {-0.25, 0.75}}
	v := [][]float64{{0.5, -1}, {2, 0.25}}
	got, ok := SphereAttentionBound(spec.MatrixOf(y...), spec.MatrixOf(m...), spec.MatrixOf(v...), c, r)
	if !ok {
		t.Fatal("no bound")
	}
	for i := range y {
		p, rel, values := make([]float64, 3), make([]float64, 3), make([][]float64, 3)
		var z, top, rho float64
		for j := range y {
			var logit float64
			for k, x := range times(y[i], m) {
				logit += x * y[j][k]
			}
			p[j] = math.Exp(logit)
			z += p[j]
			top = max(top, math.Abs(logit))
		}
		for j := range y {
			var size float64
			for k, x := range times(sizes(y[i]), sizesOf(m)) {
				size += x * math.Abs(y[j][k])
			}
			p[j] /= z
			rel[j] = second * (math.Expm1((2*2+2)*u*size) + 2*u*top + 8*u)
			rho += p[j] * rel[j]
			values[j] = times(sizes(y[j]), sizesOf(v))
		}
		for k := range y[i] {
			var e, s float64
			for j := range y {
				s += p[j] * values[j][k]
				e += (p[j]*(rel[j]+rho+(3*3+2+8)*u) + w) * values[j][k]
			}
			near(t, "attention", got.At(i, k), second*(e+3*u*(math.Abs(c*y[i][k])+s))+4*w)
		}
	}
	if _, ok := SphereAttentionBound(spec.MatrixOf(y...), spec.MatrixOf(m...), spec.MatrixOf(v...), c, coarse); ok { // 8u and more
		t.Error("weights that are off by a hundredth have a bound")
	}
	zero := spec.NewMatrix[float64](1, 1)
	if got, ok := SphereAttentionBound(zero, zero, zero, 1, r); !ok || got.At(0, 0) != 0 {
		t.Errorf("exact zeros: %v", got)
	}
}

// TestAsymmetricBoundsAreFormulas compares the bounds of the asymmetric group with
// the formulas of their comments.
func TestAsymmetricBoundsAreFormulas(t *testing.T) {
	r := Rounding{0x1p-16, 0x1p-17}
	u, w := r.Unit, r.Tiny
	x := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	a := [][]float64{{1, 0.5}, {-0.25, 0.75}}

	apply := ApplyBound(spec.MatrixOf(x...), spec.MatrixOf(a...), r)
	b, eta := []float64{0.25, -2}, 0.5
	rest := EquilibriumBound(spec.MatrixOf(x...), spec.MatrixOf(a...), spec.MatrixOf(b), eta, r)
	for i := range x {
		through, forward := transposed(sizes(x[i]), a), times(sizes(x[i]), sizesOf(a))
		for k := range x[i] {
			near(t, "apply", apply.At(i, k), second*3*u*forward[k]+3*w)
			near(t, "equilibrium", rest.At(i, k), second*7*u*(2*math.Abs(x[i][k])+eta*(through[k]+math.Abs(b[k])))+6*w)
		}
	}

	for _, normalized := range []bool{false, true} {
		got, ok := AttentionMapBound(spec.MatrixOf(x...), spec.MatrixOf(a...), normalized, r)
		if !ok {
			t.Fatal("no bound")
		}
		for i := range x {
			k, rel := make([]float64, 3), make([]float64, 3)
			var z, top, largest float64
			for j := range x {
				var logit, size float64
				for c := range x[j] {
					logit += times(x[i], a)[c] * x[j][c]
					size += times(sizes(x[i]), sizesOf(a))[c] * math.Abs(x[j][c])
				}
				k[j] = math.Exp(logit)
				z += k[j]
				largest = max(largest, size)
				rel[j] = second*(math.Expm1((2*2+2)*u*size)+4*u) + 2*2*w
				top = max(top, rel[j])
			}
			want := make([]float64, 2)
			for j := range x {
				if normalized {
					k[j] /= z
					rel[j] = 2*(top+second*2*u*largest) + (3+2)*u
				}
				for c, s := range times(sizes(x[j]), sizesOf(a)) {
					want[c] += second*(k[j]*(rel[j]+(3+2+3)*u)+2*w)*s + 2*w
				}
			}
			for c := range want {
				near(t, "map", got.At(i, c), want[c])
			}
		}
	}
	if _, ok := AttentionMapBound(spec.MatrixOf(x...), spec.MatrixOf(a...), false, coarse); ok {
		t.Error("weights that are off by a hundredth have a bound")
	}

	// One dimension: W = 1/2, so that I − WWᵀ is 3/4.
	fine := Rounding{0x1p-24, 0x1p-40}
	const rotations = 8.5 * 16
	delta := second * fine.Unit * (2*rotations + 2 + 3*(1+0.25))
	want := delta/math.Sqrt(0.75-delta) + second*fine.Unit*(2*rotations+4) + fine.Tiny
	got := DilationBound(spec.MatrixOf([]float64{0.5}), fine)
	near(t, "dilation", got.At(0, 0), want)
	near(t, "dilation", got.At(1, 1), want)
	if got.At(0, 1) != 0 || got.At(1, 0) != 0 {
		t.Errorf("the blocks that are copied have an error: %v", got)
	}
	near(t, "singular dilation", DilationBound(spec.MatrixOf([]float64{1}), fine).At(0, 0), // I − WWᵀ is 0
		math.Sqrt(second*fine.Unit*(2*rotations+2+3*2))+second*fine.Unit*(2*rotations+4)+fine.Tiny)
	// Two dimensions, W = diag(1/2, 1/4).
	delta = second * fine.Unit * (2*rotations*2*math.Sqrt2 + 4*math.Sqrt2 + 4*(math.Sqrt2+0.3125))
	want = delta/math.Sqrt(0.75-delta) + second*fine.Unit*(2*rotations*2+2*5) + fine.Tiny
	wide := DilationBound(spec.MatrixOf([]float64{0.5, 0}, []float64{0, 0.25}), fine)
	for _, at := range [][2]int{{0, 1}, {1, 1}, {2, 3}, {3, 2}, {3, 3}} {
		near(t, "dilation in two dimensions", wide.At(at[0], at[1]), want)
	}

	// V = diag(2, 1) and ω = (1/2, −1): H = diag(2, 2), Q = (VVᵀ)⁻¹ = diag(1/4, 1).
	h, q, ok := PreconditionBound(spec.MatrixOf([]float64{2, 0}, []float64{0, 1}), []float64{0.5, -1}, r)
	if !ok {
		t.Fatal("no bound")
	}
	near(t, "H", h.At(0, 0), second*5*u*2+3*w)
	near(t, "H off the diagonal", h.At(0, 1), 3*w)
	spread := second * u * (2*7 + 2 + 2) * 5
	near(t, "Q", q.At(0, 0), second*1.0625*spread+u*0.25+w)
	near(t, "Q off the diagonal", q.At(0, 1), second*1.0625*spread+w)
	if _, _, ok := PreconditionBound(spec.MatrixOf([]float64{2, 0}, []float64{0, 1}), []float64{0.5, -1}, Rounding{0x1p-13, 0}); ok {
		t.Error("a factor that is off by a hundredth has a bound") // ‖Q‖‖Δ‖ is 0.011
	}
}
