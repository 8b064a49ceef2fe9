package spec

// Heads holds steps for the sum over heads h of the interaction energies,
//
//	E(Y) = Σₕ E₁(YAₕ),
//
// each head with its own Aₕ (d×pₕ), Gʰ, Dʰ, Pₕ and Sₕ = AₕAₕᵀ. The zero Matrix
// in place of an Aₕ stands for the identity. Without heads Y stays. A
// destination must not overlap an input.
type Heads[T Float] struct {
	// Step stores yᵢ⁺ = yᵢ + (η/cᵢ) Nᵢ, Nᵢ = Σₕ Σⱼ Gʰᵢⱼ(yⱼ−yᵢ)Sₕ,
	// cᵢ = Σₕ Dʰᵢ tr(Sₕ): heads with values tied to Sₕ, each weighted by its
	// partition function. With every Sₕ zero, Y stays.
	Step func(dst, y Matrix[T], a []Matrix[T], eta T)
	// ConcatStep stores Y⁺ = (1−η)Y + η Σₕ PₕYΠₕ for heads that own disjoint
	// ranges of channels: head h has Aₕ = Πₕ, the channels
	// [cuts[h], cuts[h+1]); cuts do not fall, the first is 0, the last d. It is
	// the usual concatenation of heads.
	ConcatStep func(dst, y Matrix[T], cuts []int, eta T)
	// AverageStep stores (1−η)Y + (η/H) Σₕ PₕY.
	AverageStep func(dst, y Matrix[T], a []Matrix[T], eta T)
	// SumStep stores Y + η Σₕ (PₕY − Y).
	SumStep func(dst, y Matrix[T], a []Matrix[T], eta T)
	// NormalizedStep stores Y + η Σₕ (PₕY − Y)Sₕ: tied values, each head
	// normalised by itself.
	NormalizedStep func(dst, y Matrix[T], a []Matrix[T], eta T)
}

// CheckHeads panics with a constant text when the operands of a step with heads
// a do not fit one another, their views do not fit their data, or dst shares
// memory with an input.
func CheckHeads[T Float](dst, y Matrix[T], a []Matrix[T]) {
	y.Check("Y")
	for _, m := range a {
		checkWeights("a head's weights", m, y.Cols, m.Cols)
	}
	CheckDestination(dst, y.Rows, y.Cols, y)
	CheckDestination(dst, y.Rows, y.Cols, a...)
}

// CheckCuts panics with a constant text when the operands of ConcatStep do not
// fit one another or dst shares memory with Y.
func CheckCuts[T Float](dst, y Matrix[T], cuts []int) {
	y.Check("Y")
	CheckDestination(dst, y.Rows, y.Cols, y)
	if len(cuts) == 0 || cuts[0] != 0 || cuts[len(cuts)-1] != y.Cols {
		panic("attest: cuts do not reach from channel 0 to the last")
	}
	for h := 1; h < len(cuts); h++ {
		if cuts[h] < cuts[h-1] {
			panic("attest: cuts fall")
		}
	}
}

// Columns returns the view of columns [lo, hi) of m; it shares memory with m.
func (m Matrix[T]) Columns(lo, hi int) Matrix[T] {
	if lo < 0 || hi < lo || hi > m.Cols {
		panic("attest: columns outside the matrix")
	}
	if m.Rows > 0 {
		m.Data = m.Data[lo:]
	}
	m.Cols = hi - lo
	return m
}
