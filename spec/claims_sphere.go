package spec

const (
	sphereDomain = "finite tokens Y (n×d) of norm R up to rounding, R > 0, n ≥ 1"
	headDomain   = sphereDomain + ", matrices M and V (d×d)"
	sphereBound  = "SLACK of INT-017 with the bound of the step on the sphere, what the judge's own terms lose, and Σᵢ (Dᵢ/2η)|‖wᵢ‖/R−1||R²−‖yᵢ‖²|: tokens lie on the sphere only up to the rounding of their own precision"
)

var sphereClaims = []Claim{
	{
		ID: "SPH-001", Name: "step_is_normalized_softmax_beta_step", Kind: Equivalence,
		Statement: "The step is yᵢ⁺ = R·wᵢ/‖wᵢ‖, W = (1−η)Y + ηPY.",
		Domain:    sphereDomain + ", A = I, 0 < η ≤ 2",
		Bound:     "element-wise, reference.InteractionBounds.SphereStep",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step"},
	},
	{
		ID: "SPH-002", Name: "weighted_step_is_normalized_step_through_S", Kind: Equivalence,
		Statement: "The step with weights is yᵢ⁺ = R·wᵢ/‖wᵢ‖, W = Y + η(PY − Y)S.",
		Domain:    sphereDomain + ", weights A (d×p) of any rank, 0 < η‖S‖ ≤ 2",
		Bound:     "element-wise, reference.InteractionBounds.SphereStep",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.WeightedStep"},
	},
	{
		ID: "SPH-003", Name: "attention_step_is_normalized_softmax_attention", Kind: Equivalence,
		Statement: "The head's step is yᵢ⁺ = R·wᵢ/‖wᵢ‖, W = cY + softmax(YMYᵀ)YV.",
		Domain:    headDomain + ", 0 ≤ c ≤ 4",
		Bound:     "element-wise, reference.SphereAttentionBound through reference.NormalizedBound",
		Sources:   []Source{{"vaswani2017", "eq. (1), one head with queries and keys folded into M"}, own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
	},
	{
		ID: "SPH-004", Name: "norm_is_radius_of_every_step", Kind: Bound,
		Statement: "‖yᵢ⁺‖ = R for every token, antipodal and equal ones included.",
		Domain:    headDomain + ", weights A (d×p)",
		Bound:     "1.01(d/2+6)uR, and |‖yᵢ‖−R| for a token that stays",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.WeightedStep", "Sphere.AttentionStep"},
	},
	{
		ID: "SPH-005", Name: "token_stays_of_zero_direction", Kind: Identity,
		Statement: "A token whose direction wᵢ is exactly zero stays where it is.",
		Domain:    "tokens that are all zero, or any tokens with V = 0 and c = 0",
		Bound:     "exact",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.WeightedStep", "Sphere.AttentionStep"},
	},
	{
		ID: "SPH-006", Name: "decrease_identity_of_normalized_step", Kind: Identity,
		Statement: "E₁(YA) − E₁(Y⁺A) = Σᵢ (Dᵢ/2η)[(ωᵢ+1)‖δᵢ‖² − η‖δᵢA‖² + (ωᵢ−1)(R²−‖yᵢ‖²)] + ½⟨δA,GδA⟩ + KL(Y,Y⁺), ωᵢ = ‖wᵢ‖/R, for tokens of any norm.",
		Domain:    "finite tokens Y (n×d), weights A (d×p), R > 0, 0 < η‖S‖ ≤ 2, wᵢ ≠ 0",
		Bound:     "SLACK of INT-017 with the bound of the step on the sphere, and what rounding the right side and its Y⁺ loses",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.WeightedStep"},
	},
	{
		ID: "SPH-007", Name: "energy_nonincreasing_of_normalized_step_le_one", Kind: Descent,
		Statement: "E₁(Y⁺) ≤ E₁(Y) − Σᵢ (Dᵢ/2η)(‖wᵢ‖/R + 1 − η)‖δᵢ‖².",
		Domain:    sphereDomain + ", A = I",
		Given: []Hypothesis{
			{"0 < η ≤ 1", "SPH-008"},
			{"the tokens lie on the sphere", "SPH-009"},
		},
		Bound:   sphereBound,
		Sources: []Source{own("12 Tokens on a sphere")},
		On:      []string{"Sphere.Step"},
	},
	{
		ID: "SPH-008", Name: "energy_nonincreasing_of_normalized_step_le_two", Kind: Refuted,
		Statement: "E₁(Y⁺) ≤ E₁(Y) for every η ≤ 2, as off the sphere.",
		Domain:    sphereDomain + ", A = I, 1.75 ≤ η ≤ 2",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 2},
			Numbers:  map[string]float64{"R": 0.625, "eta": 2},
			Matrices: map[string][][]float64{"Y": {{0.625, 0}, {0, 0.625}, {-0.625, 0}}},
			Excess:   0.0716,
		},
	},
	{
		ID: "SPH-009", Name: "energy_nonincreasing_of_normalized_step_off_sphere", Kind: Refuted,
		Statement: "E₁(Y⁺) ≤ E₁(Y) for tokens of any norm, which the step puts on the sphere.",
		Domain:    "finite tokens Y (n×d), A = I, R > 0, 0 < η ≤ 1",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1},
			Numbers:  map[string]float64{"R": 1, "eta": 0.5},
			Matrices: map[string][][]float64{"Y": {{-0.125}, {0.125}}},
			Excess:   0.8339, // −e^{−1/32} → −e^{−2}
		},
	},
	{
		ID: "SPH-010", Name: "energy_nonincreasing_of_weighted_normalized_step", Kind: Descent,
		Statement: "E₁(Y⁺A) ≤ E₁(YA) − Σᵢ (Dᵢ/2η)[(‖wᵢ‖/R + 1)‖δᵢ‖² − η‖δᵢA‖²] for W = Y + η(PY − Y)S.",
		Domain:    sphereDomain + ", weights A (d×p) of any rank",
		Given: []Hypothesis{
			{"0 < η ≤ 1/‖S‖", "SPH-011"},
			{"the tokens lie on the sphere", "SPH-009"},
		},
		Bound:   sphereBound,
		Sources: []Source{own("12 Tokens on a sphere")},
		On:      []string{"Sphere.Step", "Sphere.WeightedStep"},
	},
	{
		ID: "SPH-011", Name: "energy_nonincreasing_of_long_weighted_normalized_step", Kind: Refuted,
		Statement: "E₁(Y⁺A) ≤ E₁(YA) for W = Y + η(PY − Y)S with η‖S‖ above 1.",
		Domain:    sphereDomain + ", weights A (d×p), 1.25 ≤ η‖S‖ ≤ 4",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.WeightedStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 2},
			Numbers:  map[string]float64{"R": 0.625, "eta": 2},
			Matrices: map[string][][]float64{"Y": {{0.625, 0}, {0, 0.625}, {-0.625, 0}}},
			Excess:   0.0716,
		},
	},
	{
		ID: "SPH-012", Name: "decrease_identity_of_tied_attention", Kind: Identity,
		Statement: "E(Y) = −½Σᵢⱼexp(yᵢMyⱼᵀ) falls by ½Σᵢ Zᵢ[(ωᵢ+c)‖δᵢ‖² + (ωᵢ−c)(R²−‖yᵢ‖²)] + ½⟨δM,Kδ⟩ + ½ΣKᵢⱼ(e^t − 1 − t), K = exp(YMYᵀ), Zᵢ = ΣⱼKᵢⱼ, ωᵢ = ‖wᵢ‖/R, t the change of a logit.",
		Domain:    "finite tokens Y (n×d) of any norm, M symmetric, V = M, any c, wᵢ ≠ 0",
		Bound:     "the judge's rounding of E, expm1 of what the step's bound does to each logit, and what rounding the right side loses",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
	},
	{
		ID: "SPH-013", Name: "exponential_energy_nonincreasing_of_tied_attention", Kind: Descent,
		Statement: "E(Y) = −½Σᵢⱼexp(yᵢMyⱼᵀ) falls by at least ½Σᵢ Zᵢ(‖wᵢ‖/R + c)‖δᵢ‖² in a step of ordinary softmax attention, W = cY + softmax(YMYᵀ)YV.",
		Domain:    headDomain,
		Given: []Hypothesis{
			{"M is positive semidefinite", "SPH-014"},
			{"the values are tied to the logits: V = M", "SPH-015"},
			{"M is symmetric", "SPH-016"},
			{"c ≥ 0", "SPH-017"},
		},
		Bound:   "that of SPH-012, and ½Σᵢ Zᵢ|ωᵢ−c||R²−‖yᵢ‖²|",
		Sources: []Source{own("12 Tokens on a sphere")},
		On:      []string{"Sphere.AttentionStep"},
	},
	{
		ID: "SPH-014", Name: "exponential_energy_nonincreasing_of_indefinite_logits", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for every symmetric M, V = M.",
		Domain:    headDomain + ", M = (A+Aᵀ)/2, 0 ≤ c ≤ 4",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 1},
			Numbers:  map[string]float64{"R": 1, "c": 0},
			Matrices: map[string][][]float64{"Y": {{-1}, {1}, {1}}, "A": {{-0.25}}},
			Excess:   1.0104, // −½(5e^{−1/4}+4e^{1/4}) → −½·9e^{−1/4}
		},
	},
	{
		ID: "SPH-015", Name: "exponential_energy_nonincreasing_of_untied_values", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for M = AAᵀ and V = I.",
		Domain:    headDomain + ", M = AAᵀ, V = I, 0 ≤ c ≤ 4",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 2},
			Numbers:  map[string]float64{"R": 1, "c": 0},
			Matrices: map[string][][]float64{"Y": {{4, -3}, {0, -5}}, "A": {{1, -2}, {2, 0}}},
			Excess:   2.9, // Y before it is scaled to norm R
		},
	},
	{
		ID: "SPH-016", Name: "exponential_energy_nonincreasing_of_asymmetric_logits", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for any M, V = Mᵀ.",
		Domain:    headDomain + ", 0 ≤ c ≤ 4",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2},
			Numbers:  map[string]float64{"R": 1, "c": 0},
			Matrices: map[string][][]float64{"Y": {{-4, 3}}, "A": {{2, 1}, {-2, -1}}},
			Excess:   0.668, // Y before it is scaled to norm R
		},
	},
	{
		ID: "SPH-017", Name: "exponential_energy_nonincreasing_of_any_residual", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for M = V = AAᵀ and a residual of negative weight c.",
		Domain:    headDomain + ", −4 ≤ c ≤ 0",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 1, "d": 2},
			Numbers:  map[string]float64{"R": 1, "c": -1},
			Matrices: map[string][][]float64{"Y": {{4, 3}}, "A": {{1, 0}, {0, 0}}},
			Excess:   0.448, // −½e^{0.64} → −½: the token turns to (0, −1)
		},
	},
	{
		ID: "SPH-018", Name: "softmax_beta_is_softmax_of_equal_norms_under_weights", Kind: Refuted,
		Statement: "Normalised tokens make β constant: P equals the ordinary softmax of UUᵀ when all ‖yⱼ‖ are equal, whatever A (INT-014 needs equal ‖yⱼA‖).",
		Domain:    "tokens Y (n×d) of equal norm, weights A (d×p), n ≥ 2",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Interaction.Weights"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 2, "p": 2},
			Matrices: map[string][][]float64{"Y": {{-5, 0}, {0, 5}, {3, 4}}, "A": {{1, 0}, {0, 0}}},
			Excess:   0.65, // the second token's own weight is 0.989, the softmax of its zero logits 1/3
		},
	},
	{
		ID: "SPH-019", Name: "normalized_step_commutes_with_permutation", Kind: Metamorphic,
		Statement: "Permuting the tokens permutes each of the steps.",
		Domain:    headDomain + ", weights A (d×p), 0 < η, c ≤ 1",
		Bound:     "twice the step's bound",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.WeightedStep", "Sphere.AttentionStep"},
	},
	{
		ID: "SPH-020", Name: "normalized_step_commutes_with_signed_permutation_of_channels", Kind: Metamorphic,
		Statement: "Permuting channels and flipping their signs commutes with the steps (A = M = V = I): a rotation that floats carry out exactly.",
		Domain:    sphereDomain + ", 0 < η, c ≤ 1",
		Bound:     "twice the step's bound",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.AttentionStep"},
	},
	{
		ID: "SPH-021", Name: "duplicates_move_together_on_sphere", Kind: Metamorphic,
		Statement: "Equal tokens stay equal after each of the steps.",
		Domain:    headDomain + ", weights A (d×p), 0 < η, c ≤ 1",
		Bound:     "the sum of both tokens' bounds",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step", "Sphere.WeightedStep", "Sphere.AttentionStep"},
	},
	{
		ID: "SPH-022", Name: "antipodal_pair_stays", Kind: Identity,
		Statement: "Two opposite tokens alone stay where they are: wᵢ = [(1−η) + η(1−g)/(1+g)]yᵢ, g = exp(−2R²).",
		Domain:    sphereDomain + ", n = 2, A = I, 0 < η ≤ 1",
		Bound:     "the step's bound, and what separates the tokens from the sphere",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.Step"},
	},
	{
		ID: "SPH-023", Name: "tokens_stay_of_zero_values", Kind: Identity,
		Statement: "With V = 0 every token stays, for every c > 0: the residual alone points where the token is.",
		Domain:    headDomain + ", V = 0, 0 < c ≤ 4",
		Bound:     "the step's bound, and what separates the tokens from the sphere",
		Sources:   []Source{own("12 Tokens on a sphere")},
		On:        []string{"Sphere.AttentionStep"},
	},
}
