package reference

import "math"

// SphereDirection returns the bound for each element of W = Y + η(PY−Y)S
// computed from differences. With A = I it is that of Step. Else the increment
// passes through |A| and |A|ᵀ: with rⱼ = yⱼ−yᵢ, magnitudes
// mₗ = Σⱼ Gᵢⱼ(|rⱼ||A|)ₗ/Dᵢ, and ρ = Σⱼ Gᵢⱼrelᵢⱼ/Dᵢ the relative error of Dᵢ,
//
//	errₗ = (1/Dᵢ)Σⱼ [Gᵢⱼ(|rⱼ||A|)ₗ(relᵢⱼ + ρ + (2n+d+8)u) + Gᵢⱼ(τᵢ+τⱼ) + tiny(|rⱼ||A|)ₗ] + tiny
//	ηerr|A|ᵀ + (p+4)u·ηm|A|ᵀ + u|w|,
//
// whichever of the products by A, by Aᵀ and by the weights comes first.
func (b *InteractionBounds) SphereDirection(eta float64) matrix {
	if b.a.IsZero() {
		return b.Step(eta)
	}
	w, out := SphereDirection(b.y, b.a, eta), newMatrix(b.n, b.y.Cols)
	aa, u := absMatrix(b.a), b.Unit
	for i := range b.n {
		var rho float64
		for j := range b.n {
			rho += b.g.At(i, j) * b.rel.At(i, j) / b.d[i]
		}
		size, err := make([]float64, b.a.Cols), make([]float64, b.a.Cols)
		for j := range b.n {
			r := make([]float64, b.y.Cols)
			for k := range r {
				r[k] = math.Abs(b.y.At(j, k) - b.y.At(i, k))
			}
			tau := b.tau[i] + b.tau[j]
			if i == j {
				tau = 0
			}
			for l, m := range RowTimes(r, aa) {
				g := b.g.At(i, j) / b.d[i]
				size[l] += g * m
				err[l] += g*m*(b.rel.At(i, j)+rho+float64(2*b.n+b.y.Cols+8)*u) + g*tau + b.Tiny*(m+1)
			}
		}
		for l := range err {
			err[l] += float64(b.a.Cols+4) * u * size[l]
		}
		for k, e := range TimesTransposed(err, aa) {
			out.Set(i, k, second*(eta*e+u*math.Abs(w.At(i, k)))+2*b.Tiny)
		}
	}
	return out
}

// SphereStep returns the bound for each element of R·wᵢ/‖wᵢ‖ in the softmax_β
// step on the sphere, and whether there is one: a direction that may have lost
// its sign to rounding has none.
func (b *InteractionBounds) SphereStep(radius, eta float64) (matrix, bool) {
	return NormalizedBound(SphereDirection(b.y, b.a, eta), b.SphereDirection(eta), radius, b.Rounding)
}

// NormalizedBound returns the bound for each element of R·w/‖w‖ when element k
// of w is known within eₖ. From
//
//	ŵₖ/‖ŵ‖ − wₖ/‖w‖ = (ŵₖ−wₖ)/‖ŵ‖ + (wₖ/‖w‖)(‖w‖−‖ŵ‖)/‖ŵ‖
//
// it is (R/‖w‖)(eₖ + |wₖ|‖e‖/‖w‖), as ‖ŵ‖ ≥ (1−MaxRelativeError)‖w‖. The norm
// of d elements, the quotient and the product add (d/2+4)u. It reports false
// when ‖e‖ is too large, or squares underflow. Rows that are exactly zero, as w
// is known to be when e is zero too, have the bound 0: there the token stays.
func NormalizedBound(w, e matrix, radius float64, r Rounding) (matrix, bool) {
	out := newMatrix(w.Rows, w.Cols)
	d := float64(w.Cols)
	for i := range w.Rows {
		norm, err := Norm(w.Row(i)), Norm(e.Row(i))
		if norm == 0 && err == 0 {
			continue
		}
		if !(err <= MaxRelativeError*norm) || !(d*r.Tiny <= r.Unit*norm*norm) {
			return out, false
		}
		for k, x := range w.Row(i) {
			x = math.Abs(x) / norm
			out.Set(i, k, second*radius*((e.At(i, k)+x*err)/norm+(d/2+4)*r.Unit*x)+2*r.Tiny*(1+radius))
		}
	}
	return out, true
}

// SphereAttentionBound returns the bound for each element of
// W = cY + softmax(YMYᵀ)YV, and whether there is one. Logits, in two products
// of d terms, are within λᵢⱼ = (2d+2)u(|Y||M||Y|ᵀ)ᵢⱼ; a weight within the
// relative error ρᵢⱼ = expm1(λᵢⱼ) + 2u·maxⱼ|lᵢⱼ| + 8u and that of its
// denominator, Σⱼ Pᵢⱼρᵢⱼ; with sizes s = |Y||V| of the values,
//
//	Σⱼ Pᵢⱼsⱼ(ρᵢⱼ + Σₖ Pᵢₖρᵢₖ + (3n+d+8)u) + 3u(c|yᵢ| + Σⱼ Pᵢⱼsⱼ),
//
// whether the values are formed before they are averaged or after, and with
// maxima subtracted at once or as they are met.
func SphereAttentionBound(y, m, v matrix, c float64, r Rounding) (matrix, bool) {
	n, u := y.Rows, r.Unit
	logits, out := SphereLogits(y, m), newMatrix(n, y.Cols)
	size := SphereLogits(absMatrix(y), absMatrix(m))
	values := Times(absMatrix(y), absMatrix(v))
	for i := range n {
		p, rel := SoftmaxRow(logits.Row(i)), make([]float64, n)
		var top, rho float64
		for j := range n {
			top = max(top, math.Abs(logits.At(i, j)))
		}
		for j := range n {
			rel[j] = second * (math.Expm1(float64(2*y.Cols+2)*u*size.At(i, j)) + 2*u*top + 8*u)
			if !(rel[j] <= MaxRelativeError) {
				return out, false
			}
			rho += p[j] * rel[j]
		}
		for k := range y.Cols {
			var e, s float64
			for j := range n {
				s += p[j] * values.At(j, k)
				e += (p[j]*(rel[j]+rho+float64(3*n+y.Cols+8)*u) + r.Tiny) * values.At(j, k)
			}
			s += math.Abs(c * y.At(i, k))
			if s > 0 {
				out.Set(i, k, second*(e+3*u*s)+4*r.Tiny)
			}
		}
	}
	return out, true
}
