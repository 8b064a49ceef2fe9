package reference

import (
	"math"

	"example.com/attest/spec"
)

// A sum of products, evaluated in any order and with or without fused
// multiply-add, errs by at most γ_k times the same expression in absolute
// values, k the number of roundings that a product meets on its way into the
// result [higham2002, section 3.1]. The bounds of this file are that expression
// with that k; underflow adds the smallest number for every product, scaled
// like the product.

// FeedForwardBounds bounds the error of any implementation of the feed-forward
// energy that adds products of elements: channels within tokens, then tokens,
// each in any order. It holds for K formed first and for W and the identity
// applied one after the other.
type FeedForwardBounds struct {
	Rounding
	y, w, b matrix // absolute values
	n, d    int
	k       matrix // (|W|+|W|ᵀ)/2 + I
}

// NewFeedForwardBounds prepares the bounds at tokens Y, weights W and B.
func NewFeedForwardBounds(y, w, b matrix, r Rounding) *FeedForwardBounds {
	abs := absMatrix(w)
	return &FeedForwardBounds{Rounding: r, y: absMatrix(y), w: abs, b: absMatrix(b), n: y.Rows, d: y.Cols,
		k: PlusIdentity(Symmetrized(abs))}
}

// Value bounds the error of E₂: (nd+d+8)u·(½Σ|Y||W||Y|ᵀ + ½Σ(|Y|+|B|)²).
func (f *FeedForwardBounds) Value() float64 {
	form, _ := Inner(f.y, Times(f.y, f.w))
	var size, top float64
	for i := range f.n {
		for k := range f.d {
			r := f.y.At(i, k) + f.b.At(i, k)
			size += r * r
			top = max(top, r)
		}
	}
	products := float64(f.n*f.d*f.d) + 2
	return second * (float64(f.n*f.d+f.d+8)*f.Unit*(form+size)/2 + products*f.Tiny*(1+top))
}

// Gradient returns the bound for each element of the gradient,
// (d+6)u·(|Y||K|+|B|).
func (f *FeedForwardBounds) Gradient() matrix {
	out := f.size()
	for k, m := range out.Data {
		out.Data[k] = second * (float64(f.d+6)*f.Unit*m + float64(2*f.d+4)*f.Tiny)
	}
	return out
}

// Step returns the bound for each element of the step,
// (d+9)u·(|Y| + η(|Y||K|+|B|)).
func (f *FeedForwardBounds) Step(eta float64) matrix { return f.StepFrom(eta, matrix{}) }

// StepFrom is Step for tokens that are themselves off by at most eps, element
// by element: eps + η·eps|K| is added. The zero Matrix stands for no error.
func (f *FeedForwardBounds) StepFrom(eta float64, eps matrix) matrix {
	out := f.size()
	carried := newMatrix(f.n, f.d)
	if !eps.IsZero() {
		carried = Times(eps, f.k)
	}
	eta = math.Abs(eta)
	for i := range f.n {
		for k := range f.d {
			e := float64(f.d+9)*f.Unit*(f.y.At(i, k)+eta*out.At(i, k)) + float64(2*f.d+6)*f.Tiny*(1+eta)
			if !eps.IsZero() {
				e += eps.At(i, k) + eta*carried.At(i, k)
			}
			out.Set(i, k, second*e)
		}
	}
	return out
}

// size returns |Y||K| + |B|.
func (f *FeedForwardBounds) size() matrix {
	out := Times(f.y, f.k)
	for i := range f.n {
		for k := range f.d {
			out.Set(i, k, out.At(i, k)+f.b.At(i, k))
		}
	}
	return out
}

// CurvatureBound returns the largest row sum of |K|, raised by what rounding in
// float64 can take from it: at least the largest eigenvalue of a symmetric K.
func CurvatureBound(k matrix) float64 {
	var l float64
	for i := range k.Rows {
		var s float64
		for _, x := range k.Row(i) {
			s += math.Abs(x)
		}
		l = max(l, s)
	}
	return l * (1 + float64(k.Cols+4)*spec.Unit[float64]())
}
