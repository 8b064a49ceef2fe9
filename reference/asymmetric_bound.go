package reference

import "math"

// ApplyBound returns the bound for each element of YW: (d+1)u |Y||W|, for sums
// in any order.
func ApplyBound(y, w matrix, r Rounding) matrix {
	out := Times(absMatrix(y), absMatrix(w))
	for k := range out.Data {
		out.Data[k] = second*float64(y.Cols+1)*r.Unit*out.Data[k] + float64(y.Cols+1)*r.Tiny
	}
	return out
}

// DilationBound returns the bound for each element of Dilate(W) when the roots
// are taken by at most 8 sweeps of Jacobi rotations, of I−WWᵀ itself or, on one
// side, of W. The blocks W and Wᵀ must be exact.
//
// A sweep falls into 2d stages of rotations in disjoint planes; a stage on one
// side adds an error of at most √2·γ₆ < 8.5u times the norm [higham2002, lemmas
// 19.7 and 19.9], so that what is diagonalised is I−WWᵀ+Δ with
//
//	‖Δ‖_F ≤ u(2·8.5·16d·√d + 2d√d + (d+2)(√d+‖W‖²_F)):
//
// both sides (or W twice), off-diagonal elements below du left in place, and
// the forming of I−WWᵀ. For positive semidefinite matrices
// ‖√B−√(B+Δ)‖ ≤ min(‖Δ‖/√λ_min(B), √‖Δ‖). The accumulated rotations are
// orthogonal up to 8.5·16d·u, which counts twice, and the root is put together
// from them with d(d+3)u.
func DilationBound(w matrix, r Rounding) matrix {
	n := w.Rows
	d := float64(n)
	frobenius, _ := Inner(w, w)
	const rotations = 8.5 * 2 * sweeps
	delta := second * r.Unit * (2*rotations*d*math.Sqrt(d) + 2*d*math.Sqrt(d) + (d+2)*(math.Sqrt(d)+frobenius))
	out := newMatrix(2*n, 2*n)
	root := math.Sqrt(delta)
	if least := 1 - SpectralNormSquared(w) - delta; least > 0 {
		root = math.Min(root, delta/math.Sqrt(least))
	}
	e := root + second*r.Unit*(2*rotations*d+d*(d+3)) + r.Tiny
	for i := range n {
		for j := range n {
			out.Set(i, j, e)
			out.Set(n+i, n+j, e)
		}
	}
	return out
}

// SpectralNormSquared returns ‖W‖₂², the largest eigenvalue of WWᵀ.
func SpectralNormSquared(w matrix) float64 {
	values, _ := SymmetricEigen(Times(w, Transpose(w)))
	var top float64
	for _, x := range values {
		top = math.Max(top, x)
	}
	return top
}

// PreconditionBound returns the bounds for the elements of H and of Q.
//
// H: the products and sums of V diag(1−omega) Vᵀ, (d+3)u of their absolute
// values. Q, if it is solved through a Cholesky factor: the computed columns
// solve (VVᵀ+Δ)q = e with
//
//	‖Δ‖ ≤ u(d(3d+1) + d + 2)‖V‖²_F
//
// [higham2002, theorem 10.4, and the forming of VVᵀ], and
// |Q̂−Q| ≤ ‖Q‖²‖Δ‖/(1−‖Q‖‖Δ‖). The second value is false where ‖Q‖‖Δ‖ is not
// small.
func PreconditionBound(v matrix, omega []float64, r Rounding) (h, q matrix, ok bool) {
	d := v.Rows
	h, q = newMatrix(d, d), newMatrix(d, d)
	exact, inverse := newMatrix(d, d), newMatrix(d, d)
	Precondition(exact, inverse, v, omega)
	square, _ := Inner(v, v)
	norm := Norm(inverse.Data)
	delta := second * r.Unit * float64(d*(3*d+1)+d+2) * square
	for i := range d {
		for j := range d {
			for k := range d {
				h.Set(i, j, h.At(i, j)+math.Abs(v.At(i, k)*(1-omega[k])*v.At(j, k)))
			}
			h.Set(i, j, second*float64(d+3)*r.Unit*h.At(i, j)+float64(d+1)*r.Tiny)
			q.Set(i, j, second*norm*norm*delta+r.Unit*math.Abs(inverse.At(i, j))+r.Tiny)
		}
	}
	return h, q, norm*delta <= MaxRelativeError
}

// EquilibriumBound returns the bound for each element of EquilibriumStep,
// (d+5)u((1+2η)|X| + η(|X||Wᵀ| + |b|)), whichever of (1−η)X + η(XWᵀ+b) and
// X + η(XWᵀ+b−X) is computed; max(0, ·) adds nothing.
func EquilibriumBound(x, w, b matrix, eta float64, r Rounding) matrix {
	out := newMatrix(x.Rows, x.Cols)
	for i := range x.Rows {
		through := TimesTransposed(absRow(x.Row(i)), absMatrix(w))
		for k := range x.Cols {
			size := (1+2*eta)*math.Abs(x.At(i, k)) + eta*(through[k]+math.Abs(b.At(0, k)))
			out.Set(i, k, second*float64(x.Cols+5)*r.Unit*size+float64(x.Cols+4)*r.Tiny)
		}
	}
	return out
}

// AttentionMapBound returns the bound for each element of AttentionMap, with
// lᵢⱼ = Σ|x||A||x|:
//
//	Σⱼ Kᵢⱼ(relᵢⱼ + (n+d+3)u)(|xⱼ||A|),   relᵢⱼ = expm1((2d+2)u lᵢⱼ) + 4u,
//
// for logits summed in any order and exp within 4u; normalized doubles rel,
// takes the largest of the row, which also bounds its sum, and adds the
// subtraction of the largest logit, u·2 max lᵢ. The second value is false where rel is not
// small.
func AttentionMapBound(x, a matrix, normalized bool, r Rounding) (out matrix, ok bool) {
	n, d := x.Rows, x.Cols
	out = newMatrix(n, d)
	xa, size := Times(x, a), Times(absMatrix(x), absMatrix(a))
	ok = true
	for i := range n {
		logits, rel := make([]float64, n), make([]float64, n)
		var top, largest float64
		for j := range n {
			logits[j] = Dot(xa.Row(i), x.Row(j))
			l := Dot(size.Row(i), absRow(x.Row(j)))
			largest = math.Max(largest, l)
			rel[j] = second*(math.Expm1(float64(2*d+2)*r.Unit*l)+4*r.Unit) + float64(2*d)*r.Tiny
			top = math.Max(top, rel[j])
		}
		k := SoftmaxRow(logits)
		for j := range n {
			if normalized {
				rel[j] = 2*(top+2*second*r.Unit*largest) + float64(n+2)*r.Unit
			} else {
				k[j] = math.Exp(logits[j])
			}
			ok = ok && rel[j] <= MaxRelativeError
			for c := range d {
				out.Set(i, c, out.At(i, c)+second*(k[j]*(rel[j]+float64(n+d+3)*r.Unit)+2*r.Tiny)*size.At(j, c)+2*r.Tiny)
			}
		}
	}
	return out, ok
}
