package reference

import "math"

// AnyOrderSum bounds the error of adding terms in any order or tree, with or
// without fused multiply-add (the rounding of the products themselves is not
// included): (1+2nu) Σⱼ min(uT, |tⱼ|), T = Σ|tⱼ|.
//
// An addition errs by at most u times its result and by at most the smaller of
// its operands. Call a term big if |tⱼ| > uT. Fewer additions than there are
// big terms have big terms on both sides; each costs at most uT. One that has
// them on one side only costs at most the other side, which is charged once;
// sums of small terms among themselves cost nu times what they hold.
func AnyOrderSum(terms []float64, u float64) float64 {
	var total, err float64
	for _, t := range terms {
		total += math.Abs(t)
	}
	for _, t := range terms {
		err += min(u*total, math.Abs(t))
	}
	return err * (1 + 2*float64(len(terms))*u)
}

// DotBound bounds the error of Σₖ xₖyₖ + extra added in any order: the sum's,
// u for each product, and underflow.
func DotBound(x, y []float64, extra float64, r Rounding) float64 {
	terms := make([]float64, len(x)+1)
	var products float64
	for k := range x {
		terms[k] = x[k] * y[k]
		products += math.Abs(terms[k])
	}
	terms[len(x)] = extra
	return second*(AnyOrderSum(terms, r.Unit)+r.Unit*products) + float64(len(x)+1)*r.Tiny
}

// LinearBound returns the bound for each element of XW + bias.
func LinearBound(x, w matrix, bias []float64, r Rounding) matrix {
	return LinearBoundFrom(x, matrix{}, w, bias, r)
}

// LinearBoundFrom is LinearBound for an X that the implementation has within e,
// element by element; the zero Matrix is no error: Σₖ eₖ|wₖ|, and the rounding of
// terms (|xₖ|+eₖ)|wₖ|.
func LinearBoundFrom(x, e, w matrix, bias []float64, r Rounding) matrix {
	out := newMatrix(x.Rows, w.Cols)
	columns := Transpose(w)
	reach := make([]float64, x.Cols)
	for i := range out.Rows {
		for k := range reach {
			reach[k] = math.Abs(x.At(i, k)) + slipOf(e, i, k)
		}
		for l := range out.Cols {
			var extra, shift float64
			if bias != nil {
				extra = bias[l]
			}
			for k, v := range columns.Row(l) {
				shift += slipOf(e, i, k) * math.Abs(v)
			}
			out.Set(i, l, DotBound(reach, columns.Row(l), extra, r)+second*shift)
		}
	}
	return out
}

// slipOf returns element (i, k) of e, 0 for the zero Matrix.
func slipOf(e matrix, i, k int) float64 {
	if e.IsZero() {
		return 0
	}
	return e.At(i, k)
}
