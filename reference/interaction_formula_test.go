package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// coarse is an arithmetic so coarse that terms of second order show in a bound.
var coarse = Rounding{0x1p-10, 0x1p-12}

// pairs are the tokens of an interaction with what its bounds are made of.
type pairs struct {
	n, p    int
	y, u    [][]float64 // tokens, and YA
	a       [][]float64 // nil: the identity
	tau     []float64
	z, g, e [][]float64 // half squared distances, exponentials and their relative errors
}

// times returns xA, or x where A is nil.
func times(x []float64, a [][]float64) []float64 {
	if a == nil {
		return x
	}
	out := make([]float64, len(a[0]))
	for k := range a {
		for l := range out {
			out[l] += x[k] * a[k][l]
		}
	}
	return out
}

func sizes(x []float64) (out []float64) {
	for _, e := range x {
		out = append(out, math.Abs(e))
	}
	return out
}

func sizesOf(a [][]float64) (out [][]float64) {
	for _, row := range a {
		out = append(out, sizes(row))
	}
	return out
}

func square(n int) (out [][]float64) {
	for range n {
		out = append(out, make([]float64, n))
	}
	return out
}

func minus(x, y []float64) []float64 {
	out := make([]float64, len(x))
	for k := range x {
		out[k] = x[k] - y[k]
	}
	return out
}

// projected bounds what forming xA adds to a difference.
func projected(x []float64, a [][]float64, r Rounding) float64 {
	if a == nil {
		return 0
	}
	d, p := float64(len(a)), float64(len(a[0]))
	return second * ((d+1)*r.Unit*Norm(times(sizes(x), sizesOf(a))) + d*math.Sqrt(p)*r.Tiny)
}

func newPairs(y, a [][]float64, r Rounding) *pairs {
	f := &pairs{n: len(y), y: y, a: a, z: square(len(y)), g: square(len(y)), e: square(len(y))}
	for i := range y {
		f.u, f.tau = append(f.u, times(y[i], a)), append(f.tau, projected(y[i], a, r))
	}
	f.p = len(f.u[0])
	for i := range y {
		for j := range y {
			if i != j {
				s := Norm(minus(f.u[i], f.u[j]))
				f.z[i][j], f.g[i][j] = s*s/2, math.Exp(-s*s/2)
				tau := f.tau[i] + f.tau[j]
				f.e[i][j] = second * (math.Expm1(s*tau+tau*tau/2) + r.Unit*(float64(f.p+2)*s*s/2+4) + float64(f.p)*r.Tiny)
			} else {
				f.g[i][j] = 1
			}
		}
	}
	return f
}

// back returns err·|A|ᵀ enlarged for its products, where sum are the terms.
func (f *pairs) back(err, sum []float64, r Rounding) []float64 {
	if f.a == nil {
		out := make([]float64, len(err))
		for k := range out {
			out[k] = second * err[k]
		}
		return out
	}
	out := make([]float64, len(f.a))
	for k := range out {
		for l := range f.p {
			out[k] += (err[l] + float64(f.p+1)*r.Unit*sum[l]) * math.Abs(f.a[k][l])
		}
		out[k] = second * (out[k] + float64(f.p)*r.Tiny)
	}
	return out
}

// TestInteractionBoundsAreFormulas compares every bound of the interaction energy
// with the formula of its comment or of docs/rounding.md.
func TestInteractionBoundsAreFormulas(t *testing.T) {
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	v := [][]float64{{1, 0.5}, {-0.25, 2}, {0.5, -1}}
	other := [][]float64{{0.5, 0.25}, {-1, 1}, {0, 0.5}}
	const eta = 0.75
	for _, a := range [][][]float64{nil, {{1, 0.5, -0.25}, {-0.5, 1, 0.75}}} {
		r, u, w := coarse, coarse.Unit, coarse.Tiny
		var am matrix
		if a != nil {
			am = spec.MatrixOf(a...)
		}
		f, b := newPairs(y, a, r), NewInteractionBounds(spec.MatrixOf(y...), am, r)
		n, p := float64(f.n), float64(f.p)

		var value float64
		for i := range f.n {
			for j := range i {
				value += f.g[i][j]*(f.e[i][j]+n*(n-1)/2*u) + w
			}
		}
		near(t, "value", b.Value(), second*value)

		gradient, hessian, weights, step := b.Gradient(), b.HessianVector(spec.MatrixOf(v...)), b.Weights(), b.Step(eta)
		for i := range f.n {
			sum, err, hsum, herr := make([]float64, f.p), make([]float64, f.p), make([]float64, f.p), make([]float64, f.p)
			var degree, den float64
			for j := range f.n {
				degree += f.g[i][j]
			}
			for j := range f.n {
				den += (f.g[i][j]*f.e[i][j] + w) / degree
				d, s := minus(f.u[j], f.u[i]), minus(times(v[j], a), times(v[i], a))
				tr, ts := f.tau[i]+f.tau[j], projected(v[i], a, r)+projected(v[j], a, r)
				if i == j {
					tr, ts = 0, 0
				}
				nr, ns := Norm(d)+tr, Norm(s)+ts
				var rs float64
				for l := range d {
					rs += math.Abs(d[l] * s[l])
				}
				for l := range d {
					x := f.g[i][j] * math.Abs(d[l])
					sum[l] += x
					err[l] += x*(f.e[i][j]+(n+3)*u) + f.g[i][j]*tr + w*(math.Abs(d[l])+1)
					if i == j {
						continue
					}
					x = f.g[i][j] * (math.Abs(s[l]) + math.Abs(d[l])*rs)
					hsum[l] += x
					herr[l] += x*(f.e[i][j]+(n+p+6)*u) + f.g[i][j]*(ts+tr*nr*ns+math.Abs(d[l])*(tr*ns+nr*ts)) + w*(nr*nr*ns+ns+p*nr+1)
				}
			}
			wantGradient, wantHessian := f.back(err, sum, r), f.back(herr, hsum, r)
			for k := range y[i] {
				near(t, "gradient", gradient.At(i, k), wantGradient[k])
				near(t, "hessian", hessian.At(i, k), wantHessian[k])
				var inc, e float64
				for j := range f.n {
					inc += f.g[i][j] * (y[j][k] - y[i][k]) / degree
				}
				for j := range f.n {
					e += (math.Abs(y[j][k]-y[i][k])+math.Abs(inc))*(f.g[i][j]*(f.e[i][j]+(n+3)*u)+w) + w
				}
				e = eta/degree*e + 3*u*eta*math.Abs(inc) + u*math.Abs(y[i][k]+eta*inc)
				near(t, "step", step.At(i, k), second*e+(2+eta)*w)
			}
			for j := range f.n {
				q := f.g[i][j] / degree
				near(t, "weights", weights.At(i, j), second*(q*(f.e[i][j]+den+(n+1)*u)+2*w))
			}
		}

		h := newPairs(other, a, r)
		var majorizer float64
		for i := range f.n {
			for j := range i {
				z, z0 := h.z[i][j], f.z[i][j]
				majorizer += f.g[i][j]*(z+z0+1)*(f.e[i][j]+(n*(n-1)/2+4)*u) + w*(z+z0+1)
				for _, c := range []*pairs{f, h} {
					tau := c.tau[i] + c.tau[j]
					majorizer += f.g[i][j] * (u*(p+2)*c.z[i][j] + math.Sqrt(2*c.z[i][j])*tau + tau*tau/2 + p*w)
				}
			}
		}
		near(t, "majorizer", b.Majorizer(NewInteractionBounds(spec.MatrixOf(other...), am, r)), second*majorizer)

		var shift float64
		for _, row := range v {
			shift += Norm(times(sizes(row), sizesOf(a)))
		}
		near(t, "shift", EnergyShift(spec.MatrixOf(sizesOf(v)...), am), second*math.Exp(-0.5)*2*shift)
	}
}

// TestInteractionBoundsDecidable tries what is next to undecidable: differences
// near the largest number, and relative errors near the largest allowed one.
func TestInteractionBoundsDecidable(t *testing.T) {
	single := RoundingOf[float32]()
	for _, c := range []struct {
		y    [][]float64
		r    Rounding
		want bool
	}{
		{[][]float64{{0x1p125}, {-0x1p125}}, single, true}, // the weight is 0
		{[][]float64{{0x1.8p125}, {-0x1p125}}, single, false},
		{[][]float64{{0x1.8p125}, {-0x1p125}}, RoundingOf[float64](), true},
		{[][]float64{{0}, {1}}, Rounding{0x1p-11, 0}, true},  // 1.01·5.5u = 0.0027
		{[][]float64{{0}, {1}}, Rounding{0x1p-10, 0}, false}, // 0.0054
		{[][]float64{{0}, {60}}, single, true},               // exp(−1800) is 0
		{[][]float64{{0}, {12}}, Rounding{0x1p-14, 0x1p-60}, true},
		{[][]float64{{0}, {12}}, Rounding{0x1p-14, 0x1p-130}, false},
		{[][]float64{{0}, {12}}, Rounding{0x1p-14, 1.005 * math.Exp(-72)}, false}, // its error of 0.0136 included, the weight is more
	} {
		if got := NewInteractionBounds(spec.MatrixOf(c.y...), matrix{}, c.r).Decidable(); got != c.want {
			t.Errorf("%v at %v: decidable: %v", c.y, c.r, got)
		}
	}
}
