package spec

const (
	mapDomain         = "finite W (d×d)"
	loopDomain        = "W (d×d), d ≥ 2, parallelogram p, p+a, p+a+b, p+b"
	eigenDomain       = "W = V diag(ω) V⁻¹, V near the identity, −1 ≤ ω ≤ 1, d ≤ 5"
	equilibriumDomain = "states x (1×d), W (d×d), b (1×d)"
	polygonDomain     = "triangles in the space of n×d matrices"
)

var dilationSources = []Source{own("12 Asymmetric weights"), {"higham2002", "lemmas 19.7 and 19.9: sequences of rotations"}}

var asymmetricClaims = []Claim{
	{
		ID: "ASY-001", Name: "linear_map_value", Kind: Equivalence,
		Statement: "The linear map stores YW.",
		Domain:    mapDomain,
		Bound:     "element-wise (d+1)u|Y||W| (reference.ApplyBound)",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Apply"},
	},
	{
		ID: "ASY-002", Name: "loop_integral_zero_of_symmetric", Kind: Identity,
		Statement: "∮⟨y−yW, dy⟩ = 0 round every parallelogram: y → yW is the gradient step of an energy.",
		Domain:    loopDomain,
		Given:     []Hypothesis{{"W = Wᵀ", "ASY-003"}},
		Bound:     "reference.ApplyBound at the edges' midpoints times |edge|, and (4d+2)u64 of the terms; the midpoint rule is exact for a linear field",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Apply"},
	},
	{
		ID: "ASY-003", Name: "loop_integral_zero", Kind: Refuted,
		Statement: "∮⟨y−yW, dy⟩ = 0 round every parallelogram, for any W.",
		Domain:    loopDomain,
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Apply"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 2},
			Matrices: map[string][][]float64{"W": {{0, 1}, {0, 0}}, "p": {{0, 0}}, "a": {{1, 0}}, "b": {{0, 1}}},
			Excess:   1, // the integral is −1 round the unit square
		},
	},
	{
		ID: "ASY-004", Name: "loop_integral_is_asymmetry_of_jacobian", Kind: Identity,
		Statement: "∮⟨y−yW, dy⟩ = bWaᵀ − aWbᵀ round the parallelogram of a and b: what the Jacobian W lacks in symmetry.",
		Domain:    loopDomain,
		Bound:     "that of ASY-002, and (2d+2)u64 of the right side's terms",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Apply"},
	},
	{
		ID: "ASY-005", Name: "lift_is_symmetric_and_maps_to_second_half", Kind: Identity,
		Statement: "Lift(W) = [[0, W], [Wᵀ, 0]] is symmetric and [y, 0]·Lift(W) = [0, yW].",
		Domain:    mapDomain,
		Bound:     "bitwise: only zeros are added",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Lift"},
	},
	{
		ID: "ASY-006", Name: "lift_twice_is_gram", Kind: Identity,
		Statement: "[y, 0]·Lift(W)² = [yWWᵀ, 0] and [0, y]·Lift(W)² = [0, yWᵀW], so that ‖Lift(W)‖₂ = ‖W‖₂.",
		Domain:    mapDomain,
		Given:     []Hypothesis{{"the second application goes through Wᵀ", "ASY-007"}},
		Bound:     "bitwise: only zeros are added",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Lift"},
	},
	{
		ID: "ASY-007", Name: "lift_twice_is_square", Kind: Refuted,
		Statement: "Applying the lift twice applies W twice: [y, 0]·Lift(W)² = [yW², 0].",
		Domain:    mapDomain,
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Lift"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2},
			Matrices: map[string][][]float64{"Y": {{1, 0}}, "W": {{0, 1}, {0, 0}}},
			Excess:   1, // WWᵀ keeps the first channel, W² = 0
		},
	},
	{
		ID: "ASY-008", Name: "dilation_value", Kind: Equivalence,
		Statement: "The dilation is [[√(I−WWᵀ), W], [Wᵀ, −√(I−WᵀW)]].",
		Domain:    "‖W‖₂ ≤ 1, d ≤ 5",
		Bound:     "reference.DilationBound: min(‖Δ‖/√λ_min(I−WWᵀ), √‖Δ‖), Δ the backward error of Jacobi's method",
		Sources:   dilationSources,
		On:        []string{"Asymmetric.Dilate"},
	},
	{
		ID: "ASY-009", Name: "dilation_is_symmetric_orthogonal_with_block", Kind: Identity,
		Statement: "The dilation J is symmetric with W as its off-diagonal block, bit for bit, and J·J = I.",
		Domain:    "d ≤ 5",
		Given:     []Hypothesis{{"‖W‖₂ ≤ 1", "ASY-010"}},
		Bound:     "|J|e + e|J| + e², e = reference.DilationBound, and (2d+1)u64|J||J|",
		Sources:   dilationSources,
		On:        []string{"Asymmetric.Dilate"},
	},
	{
		ID: "ASY-010", Name: "dilation_is_orthogonal", Kind: Refuted,
		Statement: "J·J = I for the dilation of any W.",
		Domain:    "d ≤ 3",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Dilate"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 1},
			Matrices: map[string][][]float64{"W": {{2}}},
			Excess:   3, // J = [[0, 2], [2, 0]]
		},
	},
	{
		ID: "ASY-011", Name: "precondition_value", Kind: Equivalence,
		Statement: "H = V diag(1−ω) Vᵀ and Q = (VVᵀ)⁻¹.",
		Domain:    eigenDomain,
		Bound:     "reference.PreconditionBound",
		Sources:   []Source{own("12 Asymmetric weights"), {"higham2002", "theorem 10.4: solving with a Cholesky factor"}},
		On:        []string{"Asymmetric.Precondition"},
	},
	{
		ID: "ASY-012", Name: "identity_minus_weights_is_symmetric_times_definite", Kind: Identity,
		Statement: "I − W = HQ, in the form HQV = V diag(1−ω), with H symmetric and Q symmetric positive definite: y → yW is the gradient step of ½yHyᵀ, preconditioned by Q.",
		Domain:    eigenDomain,
		Given: []Hypothesis{
			{"W has d independent eigenvectors", "ASY-013"},
			{"its eigenvalues are real", "ASY-016"},
		},
		Bound:   "(e_H|Q| + |H|e_Q + e_He_Q)|V|, e_H and e_Q of reference.PreconditionBound, and (3d+2)u64 of the terms",
		Sources: []Source{own("12 Asymmetric weights")},
		On:      []string{"Asymmetric.Precondition"},
	},
	{
		ID: "ASY-013", Name: "preconditioner_bounded_of_any_vectors", Kind: Refuted,
		Statement: "‖Q‖_F = ‖(VVᵀ)⁻¹‖_F ≤ 2 + ‖V‖²_F for every integer V, even with dependent columns: where they are independent, |det V| ≥ 1 and the inverse is the adjugate over det².",
		Domain:    "d = 2, V of small integers",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Precondition"},
		Counterexample: &Counterexample{
			Matrices: map[string][][]float64{"V": {{1, 1}, {0, 0}}, "omega": {{0, 0.5}}},
		},
	},
	{
		ID: "ASY-014", Name: "preconditioned_energy_nonincreasing", Kind: Descent,
		Statement: "½yHyᵀ falls by ½Σₖ(1−ωₖ)²(1+ωₖ)(yV)ₖ² under y → y − yHQ = yW.",
		Domain:    eigenDomain,
		Given:     []Hypothesis{{"every eigenvalue ω ≥ −1", "ASY-015"}},
		Bound:     "the bounds of H and Q carried through y − yHQ and ½yHyᵀ",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Precondition"},
	},
	{
		ID: "ASY-015", Name: "preconditioned_energy_nonincreasing_of_any_eigenvalue", Kind: Refuted,
		Statement: "½yHyᵀ does not rise under y → y − yHQ, whatever the eigenvalues.",
		Domain:    "W = V diag(ω) V⁻¹, V near the identity, −6 ≤ ω ≤ 6",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Precondition"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 1},
			Matrices: map[string][][]float64{"tilt": {{0}}, "omega": {{-2}}, "y": {{1}}},
			Excess:   4.5, // H = 3: from 1.5 to 6
		},
	},
	{
		ID: "ASY-016", Name: "eigenvalues_real", Kind: Refuted,
		Statement: "Every W (2×2) has a symmetric H and a symmetric positive definite Q with I − W = HQ, so that its eigenvalues are real: (w₁₁−w₂₂)² + 4w₁₂w₂₁ ≥ 0.",
		Domain:    "W (2×2)",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.Apply"},
		Counterexample: &Counterexample{
			Matrices: map[string][][]float64{"W": {{0, 1}, {-1, 0}}},
			Excess:   4, // a quarter turn: eigenvalues ±i
		},
	},
	{
		ID: "ASY-017", Name: "equilibrium_step_value", Kind: Equivalence,
		Statement: "x⁺ = max(0, (1−η)x + η(xWᵀ + b)).",
		Domain:    equilibriumDomain + ", 0 ≤ η ≤ 2",
		Bound:     "element-wise (d+5)u((1+2η)|x| + η(|x||Wᵀ| + |b|)) (reference.EquilibriumBound)",
		Sources:   []Source{{"winston2020", "forward-backward splitting"}, own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.EquilibriumStep"},
	},
	{
		ID: "ASY-018", Name: "equilibrium_energy_nonincreasing_of_symmetric", Kind: Descent,
		Statement: "f(x) = ½⟨x,(I−W)x⟩ − ⟨b,x⟩ falls by at least ½⟨δ,(I+W)δ⟩ under x⁺ = max(0, Wx + b), δ = x⁺−x.",
		Domain:    equilibriumDomain + ", eigenvalues of W below 1",
		Given: []Hypothesis{
			{"eigenvalues of W above −1", "ASY-019"},
			{"W = Wᵀ", "ASY-020"},
			{"x ≥ 0", "ASY-021"},
			{"the objective is f, not ½‖(I−W)x−b‖²", "ASY-022"},
		},
		Bound:   "(|x⁺||I−W| + |b|)ε + ½ε|I−W|ε, ε = reference.EquilibriumBound, and the rounding of f at both ends and of ½⟨δ,(I+W)δ⟩",
		Sources: []Source{own("12 Asymmetric weights")},
		On:      []string{"Asymmetric.EquilibriumStep"},
	},
	{
		ID: "ASY-019", Name: "equilibrium_energy_nonincreasing_of_any_symmetric", Kind: Refuted,
		Statement: "f does not rise under x⁺ = max(0, Wx + b) for symmetric W ≺ I, however far its eigenvalues lie below −1.",
		Domain:    equilibriumDomain + ", x ≥ 0",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.EquilibriumStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 1},
			Matrices: map[string][][]float64{"W": {{-2}}, "x": {{1}}, "b": {{10}}},
			Excess:   24.5, // from −8.5 to 16
		},
	},
	{
		ID: "ASY-020", Name: "equilibrium_energy_nonincreasing_of_asymmetric", Kind: Refuted,
		Statement: "f does not rise under x⁺ = max(0, Wx + b) for asymmetric W whose symmetric part lies between −I and I (here: is diagonal).",
		Domain:    equilibriumDomain + ", x ≥ 0",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.EquilibriumStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 2},
			Matrices: map[string][][]float64{"W": {{0, 0.5}, {-0.5, 0}}, "x": {{1, 1}}, "b": {{1, 1}}},
			Excess:   0.25, // f has its minimum at x
		},
	},
	{
		ID: "ASY-021", Name: "equilibrium_energy_nonincreasing_of_any_start", Kind: Refuted,
		Statement: "f does not rise under x⁺ = max(0, Wx + b), symmetric −I ≺ W ≺ I, from any x.",
		Domain:    equilibriumDomain,
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.EquilibriumStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 1},
			Matrices: map[string][][]float64{"W": {{0}}, "x": {{-1}}, "b": {{-1}}},
			Excess:   0.5, // f has its minimum at x, which max(0, ·) leaves
		},
	},
	{
		ID: "ASY-022", Name: "equilibrium_step_descends_residual", Kind: Refuted,
		Statement: "x⁺ = max(0, Wx + b) is the projected gradient step of ½‖(I−W)x−b‖².",
		Domain:    equilibriumDomain + ", W symmetric, x ≥ 0",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.EquilibriumStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"d": 1},
			Matrices: map[string][][]float64{"W": {{0.5}}, "x": {{1}}, "b": {{0}}},
			Excess:   0.25, // ½ against ¾
		},
	},
	{
		ID: "ASY-023", Name: "equilibrium_step_contracts_of_monotone", Kind: Bound,
		Statement: "‖x⁺−x′⁺‖ ≤ √(1−2ηm+η²L²)‖x−x′‖, below ‖x−x′‖, for I−W ⪰ mI, ‖I−W‖ ≤ L: the iteration converges although asymmetric W has no energy.",
		Domain:    equilibriumDomain + ", m > 0 from Gershgorin's discs, L² = ‖I−W‖₁‖I−W‖_∞",
		Given:     []Hypothesis{{"0 < η < 2m/L²", "ASY-024"}},
		Bound:     "the norm of both rows' EquilibriumBound, and (d+4)u64 of both distances",
		Sources:   []Source{{"winston2020", "convergence of forward-backward splitting"}, {"bauschke2017", "forward-backward algorithm"}},
		On:        []string{"Asymmetric.EquilibriumStep"},
	},
	{
		ID: "ASY-024", Name: "equilibrium_step_nonexpansive_of_any_step", Kind: Refuted,
		Statement: "‖x⁺−x′⁺‖ ≤ ‖x−x′‖ for η above 2m/L².",
		Domain:    equilibriumDomain + ", m > 0, 2m/L² < η ≤ 4",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.EquilibriumStep"},
		Counterexample: &Counterexample{
			Sizes:   map[string]int{"d": 2},
			Numbers: map[string]float64{"eta": 1},
			Matrices: map[string][][]float64{"W": {{0.5, 2}, {-2, 0.5}}, "x": {{1, 1}, {2, 1}},
				"b": {{8, 8}}},
			Excess: 1.06, // the difference (1, 0) becomes (½, −2)
		},
	},
	{
		ID: "ASY-025", Name: "interaction_gradient_has_no_circulation", Kind: Identity,
		Statement: "∮⟨∇E₁, dY⟩ = 0 round every triangle.",
		Domain:    polygonDomain + ", A = I",
		Given:     []Hypothesis{{"the gradient is not divided by D", "ASY-026"}},
		Bound:     "InteractionBounds.Gradient along the edges, ‖∇²E₁‖ ≤ n times what rounding moves the points, and the quadrature's error from a bound on the Bernstein ellipse",
		Sources:   []Source{own("12 Asymmetric weights"), {"trefethen2013", "theorem 19.3: Gauss quadrature of analytic functions"}},
		On:        []string{"Interaction.Gradient"},
	},
	{
		ID: "ASY-026", Name: "interaction_step_has_no_circulation", Kind: Refuted,
		Statement: "∮⟨Y⁺−Y, dY⟩ = 0 round every triangle: the softmax_β step is a plain gradient step of some energy.",
		Domain:    polygonDomain + ", A = I, n ≥ 3, η = 1",
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Interaction.Step"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 1},
			Matrices: map[string][][]float64{"P": {{0}, {0}, {0}}, "Q": {{1}, {1}, {0}}, "R": {{1}, {0}, {0}}},
			Excess:   0.02305,
		},
	},
	{
		ID: "ASY-027", Name: "attention_map_value", Kind: Equivalence,
		Statement: "The attention map stores KXA, Kᵢⱼ = exp(xᵢAxⱼᵀ), or with the rows of K divided by their sums.",
		Domain:    "X (n×d), A (d×d)",
		Bound:     "element-wise, reference.AttentionMapBound",
		Sources:   []Source{own("12 Asymmetric weights"), {"vaswani2017", "attention"}},
		On:        []string{"Asymmetric.AttentionMap"},
	},
	{
		ID: "ASY-028", Name: "unnormalized_attention_has_no_circulation", Kind: Identity,
		Statement: "∮⟨KXA, dX⟩ = 0 round every triangle: KXA is the gradient of ½Σᵢⱼ exp(xᵢAxⱼᵀ).",
		Domain:    polygonDomain,
		Given: []Hypothesis{
			{"A = Aᵀ", "ASY-029"},
			{"K is not normalised", "ASY-030"},
		},
		Bound:   "reference.AttentionMapBound along the edges, the field's slope times what rounding moves the points, and the quadrature's error",
		Sources: []Source{own("12 Asymmetric weights"), {"trefethen2013", "theorem 19.3"}},
		On:      []string{"Asymmetric.AttentionMap"},
	},
	{
		ID: "ASY-029", Name: "unnormalized_attention_of_asymmetric_weights_has_no_circulation", Kind: Refuted,
		Statement: "∮⟨KXA, dX⟩ = 0 round every triangle, for any A.",
		Domain:    polygonDomain,
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.AttentionMap"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2},
			Matrices: map[string][][]float64{"P": {{0, 0}}, "Q": {{1, 0}}, "R": {{0, 1}}, "A": {{0, 1}, {0, 0}}},
			Excess:   0.592296,
		},
	},
	{
		ID: "ASY-030", Name: "softmax_attention_has_no_circulation", Kind: Refuted,
		Statement: "∮⟨PXA, dX⟩ = 0 round every triangle for P = softmax(XAXᵀ), A symmetric: ordinary attention is the gradient of some energy.",
		Domain:    polygonDomain,
		Sources:   []Source{own("12 Asymmetric weights")},
		On:        []string{"Asymmetric.AttentionMap"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1},
			Matrices: map[string][][]float64{"P": {{0}, {0}}, "Q": {{0}, {1}}, "R": {{1}, {1}}, "A": {{1}}},
			Excess:   0.080816,
		},
	},
}
