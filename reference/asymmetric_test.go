package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
)

func dense(m matrix) *mat.Dense {
	return mat.NewDense(m.Rows, m.Cols, spec.Convert[float64](m).Data)
}

// TestSymmetricEigen compares Jacobi's method with gonum's.
func TestSymmetricEigen(t *testing.T) {
	b := spec.MatrixOf([]float64{2, -1, 0.5}, []float64{-1, 3, 1}, []float64{0.5, 1, -1})
	values, v := SymmetricEigen(b)
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(3, b.Data), false) {
		t.Fatal("gonum found no eigenvalues")
	}
	for k, lambda := range values {
		nearest := math.Inf(1)
		for _, want := range eigen.Values(nil) {
			nearest = math.Min(nearest, math.Abs(lambda-want))
		}
		if !(nearest <= 64*0x1p-53) {
			t.Errorf("eigenvalue %v is no eigenvalue of gonum's %v", lambda, eigen.Values(nil))
		}
		for i := range 3 {
			var bv float64
			for j := range 3 {
				bv += b.At(i, j) * v.At(j, k)
			}
			if err := math.Abs(bv - lambda*v.At(i, k)); !(err <= 64*0x1p-53) {
				t.Errorf("Bv differs from λv by %v", err)
			}
		}
	}
}

// TestLiftNorm compares ‖Lift(W)‖₂ with ‖W‖₂, both by gonum's singular values.
func TestLiftNorm(t *testing.T) {
	w := spec.MatrixOf([]float64{0.5, 2}, []float64{-1, 0.25})
	lift := newMatrix(4, 4)
	Lift(lift, w)
	norm := func(m matrix) float64 {
		var svd mat.SVD
		svd.Factorize(dense(m), mat.SVDNone)
		return svd.Values(nil)[0]
	}
	got, want := norm(lift), norm(w)
	if !(math.Abs(got-want) <= 64*0x1p-53) || math.Abs(SpectralNormSquared(w)-want*want) > 256*0x1p-53 {
		t.Errorf("‖Lift(W)‖ = %v, ‖W‖ = %v, ‖W‖² = %v", got, want, SpectralNormSquared(w))
	}
}

// TestDilateByHand has closed forms: a number, and a matrix of rank one,
// √(I−wwᵀ) = I − wwᵀ/(1+√(1−‖w‖²)).
func TestDilateByHand(t *testing.T) {
	dst := newMatrix(2, 2)
	Dilate(dst, spec.MatrixOf([]float64{0.6}))
	for k, want := range []float64{0.8, 0.6, 0.6, -0.8} {
		if !(math.Abs(dst.Data[k]-want) <= 4*0x1p-53) {
			t.Errorf("dilation of 0.6: got %v", dst.Data)
		}
	}
	w := spec.MatrixOf([]float64{0.48, 0}, []float64{0.36, 0}) // norm 0.6
	dst = newMatrix(4, 4)
	Dilate(dst, w)
	for i := range 2 {
		for j := range 2 {
			want := -w.At(i, 0) * w.At(j, 0) / 1.8
			if i == j {
				want++
			}
			if !(math.Abs(dst.At(i, j)-want) <= 64*0x1p-53) {
				t.Errorf("root[%d,%d]: got %v want %v", i, j, dst.At(i, j), want)
			}
		}
	}
}

// TestPrecondition compares HQ with I − V diag(ω) V⁻¹ by gonum's inverse.
func TestPrecondition(t *testing.T) {
	v := spec.MatrixOf([]float64{1, 0.5}, []float64{-0.25, 1.5})
	omega := []float64{0.5, -0.75}
	h, q := newMatrix(2, 2), newMatrix(2, 2)
	Precondition(h, q, v, omega)
	var inverse, w, hq mat.Dense
	if err := inverse.Inverse(dense(v)); err != nil {
		t.Fatal(err)
	}
	w.Product(dense(v), mat.NewDiagDense(2, omega), &inverse)
	hq.Mul(dense(h), dense(q))
	for i := range 2 {
		for j := range 2 {
			want := -w.At(i, j)
			if i == j {
				want++
			}
			if !(math.Abs(hq.At(i, j)-want) <= 64*0x1p-53) {
				t.Errorf("HQ[%d,%d]: got %v want %v", i, j, hq.At(i, j), want)
			}
		}
	}
}

// TestAttentionMapJacobian compares Jacobians by finite differences: at
// X = (0, 1) that of softmax attention is not symmetric, that of unnormalised
// attention is: the Hessian of ½Σ exp(xᵢxⱼ), whose gradient is compared too.
func TestAttentionMapJacobian(t *testing.T) {
	a := spec.MatrixOf([]float64{1})
	jacobian := func(normalized bool) *mat.Dense {
		j := mat.NewDense(2, 2, nil)
		fd.Jacobian(j, func(dst, x []float64) {
			AttentionMap(spec.Column(dst...), spec.Column(x...), a, normalized)
		}, []float64{0, 1}, &fd.JacobianSettings{Formula: fd.Central})
		return j
	}
	e := math.E
	p := e / (1 + e)
	for _, tc := range []struct {
		normalized bool
		want       [4]float64
	}{
		// Row 0: weights ½, ½; row 1: logits 0·1 and 1·1.
		{true, [4]float64{0.75, 0.5, (1 - p) * (1 - p), p + 2*p*(1-p)}},
		{false, [4]float64{2, 1, 1, 3 * e}},
	} {
		j := jacobian(tc.normalized)
		for k, want := range tc.want {
			// The steepest of all is x·exp(x²), with the slope (1+2x²)exp(x²) ≤ 3e and
			// the third derivative (6+24x²+8x⁴)exp(x²) ≤ 38e for |x| ≤ 1; exp(xᵢxⱼ)xⱼ
			// adds at most e of each. With weights, z = xᵢ(x₁−x₀) and σ the logistic
			// function, x₀ + σ(z)(x₁−x₀) has |z′|, |z″| ≤ 2 and |σ′|, |σ″|, |σ‴| ≤ ¼:
			// less than 15. h moves x beyond 1 by a millionth. Values are at most 2e,
			// after eight roundings.
			if got := j.At(k/2, k%2); !(math.Abs(got-want) <= CentralError(39.1*e, 4.1*e, 1, 8*0x1p-53*2.1*e)) {
				t.Errorf("normalized=%v: Jacobian[%d] = %v want %v", tc.normalized, k, got, want)
			}
		}
	}
	energy := func(x []float64) float64 {
		var s float64
		for _, u := range x {
			for _, v := range x {
				s += math.Exp(u*v) / 2
			}
		}
		return s
	}
	x, got := []float64{0.25, -0.5}, make([]float64, 2)
	AttentionMap(spec.Column(got...), spec.Column(x...), a, false)
	// Of its four terms exp(x²)/2 has the steepest third derivative, (6x+4x³)exp(x²)
	// ≤ 4.5 for |x| ≤ ½; the mixed ones add at most ½. Slopes are at most 2, the
	// value is at most 2.5 after 16 roundings, as is what is compared.
	const own = 16 * 0x1p-53 * 2.5
	for k, want := range fd.Gradient(nil, energy, x, &fd.Settings{Formula: fd.Central}) {
		if !(math.Abs(got[k]-want) <= CentralError(5.1, 2, 0.5, own)+own) {
			t.Errorf("gradient of ½Σexp: got %v want %v", got[k], want)
		}
	}
}

// TestEquilibriumFixedPoint iterates the step to x = max(0, xWᵀ+b) with an
// asymmetric W and compares with the solution of (I−W)x = b.
func TestEquilibriumFixedPoint(t *testing.T) {
	w, b := spec.MatrixOf([]float64{0.25, 0.5}, []float64{-0.5, 0.25}), spec.MatrixOf([]float64{1, 1})
	x := newMatrix(1, 2)
	for range 200 {
		next := newMatrix(1, 2)
		EquilibriumStep(next, x, w, b, 0.75)
		x = next
	}
	// (I−W) = [[0.75, −0.5], [0.5, 0.75]], determinant 0.8125.
	for k, want := range []float64{1.25 / 0.8125, 0.25 / 0.8125} {
		if !(math.Abs(x.At(0, k)-want) <= 64*0x1p-53) {
			t.Errorf("fixed point[%d]: got %v want %v", k, x.At(0, k), want)
		}
	}
}
