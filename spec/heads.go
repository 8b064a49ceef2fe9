package spec

// Heads holds steps for the sum over heads h of the interaction energies,
// E(Y) = Σₕ E₁(YAₕ), each head with its own Aₕ (d×p), Gʰ, Dʰ, Pₕ and Sₕ.
type Heads[T Float] struct {
	// Step stores yᵢ⁺ = yᵢ + (η/cᵢ) Nᵢ, Nᵢ = Σₕ Σⱼ Gʰᵢⱼ(yⱼ−yᵢ)Sₕ,
	// cᵢ = Σₕ Dʰᵢ tr(Sₕ): heads with values tied to Sₕ, each weighted by its
	// partition function. With every Sₕ zero, Y stays.
	Step func(dst, y Matrix[T], a []Matrix[T], eta T)
	// ConcatStep stores Y⁺ = (1−η)Y + η Σₕ PₕYΠₕ for heads that own disjoint
	// ranges of channels: head h has Aₕ = Π of channels [cuts[h], cuts[h+1]),
	// the last cut being d: the usual concatenation of heads.
	ConcatStep func(dst, y Matrix[T], cuts []int, eta T)
	// AverageStep stores (1−η)Y + (η/H) Σₕ PₕY.
	AverageStep func(dst, y Matrix[T], a []Matrix[T], eta T)
	// SumStep stores Y + η Σₕ (PₕY − Y).
	SumStep func(dst, y Matrix[T], a []Matrix[T], eta T)
	// NormalizedStep stores Y + η Σₕ (PₕY − Y)Sₕ: tied values, each head
	// normalised by itself.
	NormalizedStep func(dst, y Matrix[T], a []Matrix[T], eta T)
}
