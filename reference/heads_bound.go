package reference

import "math"

// HeadsBounds bounds the error of any implementation of the steps in Heads
// that moves each token by a sum of weighted differences. The sums may be
// formed in any order, among the tokens or among the rows of U = YA, with A and
// Aᵀ applied before or after the sum over tokens, and with or without fused
// multiply-add. What is assumed of the kernel is said at InteractionBounds.
type HeadsBounds struct {
	Rounding
	y     matrix
	a     []matrix
	heads []*InteractionBounds
}

// NewHeadsBounds prepares the bounds at tokens Y and heads a.
func NewHeadsBounds(y matrix, a []matrix, r Rounding) *HeadsBounds {
	b := &HeadsBounds{Rounding: r, y: y, a: a}
	for _, ah := range a {
		b.heads = append(b.heads, NewInteractionBounds(y, ah, r))
	}
	return b
}

// Decidable reports whether every relative error, those of c included, is small
// enough for the bounds to hold.
func (b *HeadsBounds) Decidable() bool {
	for _, h := range b.heads {
		if !h.Decidable() {
			return false
		}
	}
	_, rel := b.Weights()
	for _, x := range rel {
		if !(x <= MaxRelativeError) {
			return false
		}
	}
	return true
}

// Energy bounds the error of Σₕ E₁(YAₕ): each head's, and H−1 additions of
// what is at most n(n−1)/2 a head.
func (b *HeadsBounds) Energy() float64 {
	var e, size float64
	for h := range b.heads {
		e += b.heads[h].Value()
		size += math.Abs(InteractionEnergy(b.y, b.a[h]))
	}
	return second * (e + float64(len(b.a))*b.Unit*size)
}

// Weights returns c and the relative error of each cᵢ = Σₕ Dʰᵢ tr(Sₕ): all
// terms are positive, so that it is the mean of the heads' relative errors
// weighted by Dʰᵢ tr(Sₕ),
//
//	relₕᵢ = Σⱼ Gʰᵢⱼ relʰᵢⱼ / Dʰᵢ + (n + dp + H + 2)u,
//
// n−1 additions for D, dp for the squared norm, H for the sum, and what
// squares may lose to underflow. Heads that are exactly zero add nothing.
func (b *HeadsBounds) Weights() (c, rel []float64) {
	n, d := b.y.Rows, b.y.Cols
	c, rel = HeadsWeights(b.y, b.a), make([]float64, n)
	for h, bounds := range b.heads {
		t := SquaredNorm(b.a[h], d)
		if t == 0 {
			continue
		}
		size := d * max(1, b.a[h].Cols)
		for i := range n {
			var kernel float64
			for j := range n {
				kernel += bounds.g.At(i, j)*bounds.rel.At(i, j) + b.Tiny
			}
			ops := float64(n+size+len(b.a)+2) * b.Unit
			rel[i] += second * (kernel*t + bounds.d[i]*(t*ops+float64(size)*b.Tiny)) / c[i]
		}
	}
	return c, rel
}

// terms returns, for head h and values V = Sₕ (tied) or V = I, the element-wise
// size Σⱼ Gᵢⱼ|yⱼ−yᵢ||V| of the sum Σⱼ Gᵢⱼ(yⱼ−yᵢ)V and the bound of its error
//
//	Σⱼ Gᵢⱼ (relᵢⱼ + (n+d+p+6)u) |yⱼ−yᵢ||A||Aᵀ| + Gᵢⱼ(τᵢ+τⱼ) 1|Aᵀ| + underflow:
//
// n−1 additions over tokens, d+p for the products with A and Aᵀ, six single
// operations; τ when the differences are taken among the rows of U. Products
// that underflow lose tiny/2 each: n of them in a sum over tokens, among the
// rows of U or of Y, d in one with A and p in one with Aᵀ, so that
// (n+d)·tiny·Σ|Aᵀ| + (p+2)·tiny is added.
func (b *HeadsBounds) terms(h int, tied bool) (size, err matrix) {
	n, d := b.y.Rows, b.y.Cols
	bounds := b.heads[h]
	a := matrix{}
	if tied {
		a = absMatrix(b.a[h])
	}
	p := max(d, a.Cols)
	size, err = newMatrix(n, d), newMatrix(n, d)
	for i := range n {
		plain, weighted := make([]float64, d), make([]float64, d)
		slip := make([]float64, p) // among the rows of U
		for j := range n {
			if i == j {
				continue
			}
			g := bounds.g.At(i, j)
			for k := range d {
				r := math.Abs(b.y.At(j, k) - b.y.At(i, k))
				plain[k] += g * r
				weighted[k] += g*r*(bounds.rel.At(i, j)+float64(n+d+p+6)*b.Unit) + b.Tiny*(r+1)
			}
			if tied && !a.IsZero() {
				for l := range slip[:a.Cols] {
					slip[l] += g*(bounds.tau[i]+bounds.tau[j]) + b.Tiny
				}
			}
		}
		if !a.IsZero() {
			for l := range slip[:a.Cols] {
				slip[l] += float64(d) * b.Tiny
			}
			plain = TimesTransposed(RowTimes(plain, a), a)
			weighted = TimesTransposed(RowTimes(weighted, a), a)
			for k, x := range TimesTransposed(slip, a) {
				weighted[k] += x
			}
		}
		for k := range d {
			size.Set(i, k, plain[k])
			err.Set(i, k, second*weighted[k]+float64(a.Cols+2)*b.Tiny)
		}
	}
	return size, err
}

// Step returns the bound for each element of HeadsStep: the errors of N, of its
// division by c, and of the last addition,
//
//	(η/cᵢ)(Σₕ errₕ + (H+3)u Σₕ sizeₕ + relᵢ|Nᵢ|) + u|y⁺|,   |N| ≤ Σₕ sizeₕ.
func (b *HeadsBounds) Step(eta float64) matrix {
	out := newMatrix(b.y.Rows, b.y.Cols)
	exact := newMatrix(b.y.Rows, b.y.Cols)
	HeadsStep(exact, b.y, b.a, eta)
	c, rel := b.Weights()
	size, err := newMatrix(b.y.Rows, b.y.Cols), newMatrix(b.y.Rows, b.y.Cols)
	for h := range b.a {
		s, e := b.terms(h, true)
		addScaled(size, size, s, 1)
		addScaled(err, err, e, 1)
	}
	for i := range b.y.Rows {
		if c[i] == 0 {
			continue // the token stays, exactly
		}
		for k := range b.y.Cols {
			e := eta / c[i] * (err.At(i, k) + size.At(i, k)*(float64(len(b.a)+3)*b.Unit+rel[i]))
			out.Set(i, k, second*(e+b.Unit*math.Abs(exact.At(i, k)))+2*b.Tiny)
		}
	}
	return out
}

// ConcatStep returns the bound for each element of HeadsConcatStep: that of the
// softmax_β step of each head's own channels.
func (b *HeadsBounds) ConcatStep(cuts []int, eta float64) matrix {
	out := newMatrix(b.y.Rows, b.y.Cols)
	for h := range len(cuts) - 1 {
		own := NewInteractionBounds(b.y.Columns(cuts[h], cuts[h+1]), matrix{}, b.Rounding).Step(eta)
		for i := range own.Rows {
			copy(out.Row(i)[cuts[h]:cuts[h+1]], own.Row(i))
		}
	}
	return out
}

// normalized returns the bound for each element of Y + η Σₕ (PₕY − Y)V with
// V = Sₕ (tied) or V = I: the terms over Dʰᵢ, the relative error of Dʰᵢ, two
// operations more a head, and the last addition.
func (b *HeadsBounds) normalized(next matrix, eta float64, tied bool) matrix {
	out := newMatrix(b.y.Rows, b.y.Cols)
	n := b.y.Rows
	for h, bounds := range b.heads {
		size, err := b.terms(h, tied)
		for i := range n {
			var den float64
			for j := range n {
				den += (bounds.g.At(i, j)*bounds.rel.At(i, j) + b.Tiny) / bounds.d[i]
			}
			den += float64(n+len(b.a)+4) * b.Unit
			for k := range b.y.Cols {
				e := (err.At(i, k) + size.At(i, k)*den) / bounds.d[i]
				out.Set(i, k, out.At(i, k)+second*eta*e)
			}
		}
	}
	for i := range n {
		for k := range b.y.Cols {
			out.Set(i, k, out.At(i, k)+second*b.Unit*math.Abs(next.At(i, k))+2*b.Tiny)
		}
	}
	return out
}

// AverageStep returns the bound for each element of HeadsAverageStep.
func (b *HeadsBounds) AverageStep(eta float64) matrix {
	next := newMatrix(b.y.Rows, b.y.Cols)
	HeadsAverageStep(next, b.y, b.a, eta)
	return b.normalized(next, eta/float64(max(1, len(b.a))), false)
}

// SumStep returns the bound for each element of HeadsSumStep.
func (b *HeadsBounds) SumStep(eta float64) matrix {
	next := newMatrix(b.y.Rows, b.y.Cols)
	HeadsSumStep(next, b.y, b.a, eta)
	return b.normalized(next, eta, false)
}

// NormalizedStep returns the bound for each element of HeadsNormalizedStep.
func (b *HeadsBounds) NormalizedStep(eta float64) matrix {
	next := newMatrix(b.y.Rows, b.y.Cols)
	HeadsNormalizedStep(next, b.y, b.a, eta)
	return b.normalized(next, eta, true)
}
