package precise

import (
	"math"

	"example.com/attest/spec"
)

var asymmetric = spec.Asymmetric[float64]{
	Apply:           applyWeights,
	Dilate:          dilate,
	Precondition:    precondition,
	EquilibriumStep: equilibriumStep,
	AttentionMap:    attentionMap,
}

func applyWeights(dst, y, w matrix) {
	spec.CheckApply(dst, y, w)
	out, wr := rows(y), rows(w)
	for i := range out {
		out[i] = times(out[i], wr)
	}
	store(dst, out)
}

// dilate takes the roots without an eigenvalue problem of I−WWᵀ: rotations that
// make the columns g of WV orthogonal give WWᵀ = Σ ggᵀ and
// √(I−WWᵀ) = I − Σ ggᵀ/(1+√(1−‖g‖²)).
func dilate(dst, w matrix) {
	spec.CheckLift(dst, w)
	d := w.Rows
	wr := rows(w)
	left, right := complementRoot(wr), complementRoot(transpose(wr))
	for i := range d {
		for j := range d {
			dst.Set(i, j, float(left[i][j]))
			dst.Set(d+i, d+j, -float(right[i][j]))
			dst.Set(i, d+j, w.At(i, j))
			dst.Set(d+j, i, w.At(i, j))
		}
	}
}

// complementRoot returns √(I−WWᵀ).
func complementRoot(w [][]real) [][]real {
	g := orthogonalized(transpose(w)) // the columns of W
	out := make([][]real, len(w))
	for i := range w {
		for j := range w {
			x := zero()
			if i == j {
				x = num(1)
			}
			for _, c := range g {
				root := sqrt(maximum(zero(), sub(num(1), dot(c, c))))
				x = sub(x, quo(mul(c[i], c[j]), add(num(1), root)))
			}
			out[i] = append(out[i], x)
		}
	}
	return out
}

// orthogonalized rotates pairs of vectors until all are orthogonal (Hestenes).
func orthogonalized(g [][]real) [][]real {
	tiny := zero().SetMantExp(num(1), -2*prec)
	for range 12 {
		for p := range g {
			for q := range p {
				a, b, x := dot(g[p], g[p]), dot(g[q], g[q]), dot(g[p], g[q])
				if x.Sign() == 0 || less(mul(x, x), mul(tiny, mul(a, b))) {
					continue
				}
				theta := quo(sub(b, a), add(x, x))
				t := quo(num(1), add(zero().Abs(theta), sqrt(add(num(1), mul(theta, theta)))))
				if theta.Sign() < 0 {
					t = neg(t)
				}
				c := quo(num(1), sqrt(add(num(1), mul(t, t))))
				s := mul(t, c)
				for k := range g[p] {
					u, v := g[p][k], g[q][k]
					g[p][k], g[q][k] = sub(mul(c, u), mul(s, v)), add(mul(s, u), mul(c, v))
				}
			}
		}
	}
	return g
}

// precondition inverts V itself: Q = V⁻ᵀV⁻¹.
func precondition(h, q, v matrix, omega []float64) {
	spec.CheckPrecondition(h, q, v, omega)
	vr := rows(v)
	z := transpose(inverse(vr)) // rows: columns of V⁻¹
	for i := range vr {
		for j := range vr {
			s := zero()
			for k := range vr {
				s = add(s, mul(mul(vr[i][k], sub(num(1), num(omega[k]))), vr[j][k]))
			}
			h.Set(i, j, float(s))
			if z == nil {
				q.Set(i, j, math.NaN())
			} else {
				q.Set(i, j, float(dot(z[i], z[j])))
			}
		}
	}
}

// inverse returns m⁻¹ by Gauss–Jordan elimination with row exchanges, nil if m
// is singular.
func inverse(m [][]real) [][]real {
	n := len(m)
	work := make([][]real, n)
	for i := range m {
		work[i] = append(work[i], m[i]...)
		for j := range n {
			x := zero()
			if i == j {
				x = num(1)
			}
			work[i] = append(work[i], x)
		}
	}
	for c := range n {
		best := c
		for i := c + 1; i < n; i++ {
			if less(zero().Abs(work[best][c]), zero().Abs(work[i][c])) {
				best = i
			}
		}
		work[c], work[best] = work[best], work[c]
		if work[c][c].Sign() == 0 {
			return nil
		}
		for i := range n {
			if i == c {
				continue
			}
			f := quo(work[i][c], work[c][c])
			for j := range work[i] {
				work[i][j] = sub(work[i][j], mul(f, work[c][j]))
			}
		}
	}
	for i := range n {
		for j := range n {
			work[i][n+j] = quo(work[i][n+j], work[i][i])
		}
		work[i] = work[i][n:]
	}
	return work
}

// equilibriumStep is written as x + η(xWᵀ + b − x).
func equilibriumStep(dst, x, w, b matrix, eta float64) {
	spec.CheckEquilibrium(dst, x, w, b)
	out, wr, br := rows(x), rows(w), rows(b)
	for i, xr := range rows(x) {
		for k := range xr {
			move := sub(add(dot(xr, wr[k]), br[0][k]), xr[k])
			out[i][k] = maximum(zero(), add(xr[k], mul(num(eta), move)))
		}
	}
	store(dst, out)
}

// attentionMap applies A after the sum over tokens: (KX)A.
func attentionMap(dst, x, a matrix, normalized bool) {
	spec.CheckAttentionMap(dst, x, a)
	xr, ar := rows(x), rows(a)
	out := make([][]real, len(xr))
	for i := range xr {
		row, sum := make([]real, x.Cols), zero()
		for c := range row {
			row[c] = zero()
		}
		for j := range xr {
			k := exp(dot(times(xr[i], ar), xr[j]))
			sum = add(sum, k)
			for c := range row {
				row[c] = add(row[c], mul(k, xr[j][c]))
			}
		}
		if normalized {
			for c := range row {
				row[c] = quo(row[c], sum)
			}
		}
		out[i] = times(row, ar)
	}
	store(dst, out)
}
