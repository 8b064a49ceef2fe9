package spec

const anyEnergy = "an energy handed over as spec.Energy, tokens in its domain"

var energyClaims = []Claim{
	{
		ID: "ENE-001", Name: "gradient_is_derivative_of_value", Kind: Identity,
		Statement: "E(Y+V) − E(Y−V) = ∫₋₁¹ ⟨∇E(Y+tV), V⟩ dt.",
		Domain:    anyEnergy + ", any V for which the segment stays in it",
		Bound:     "the value's rounding at both ends, the gradient's along the way, and the difference of two quadrature orders",
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.Gradient"},
	},
	{
		ID: "ENE-002", Name: "majorizer_touches_and_lies_above", Kind: Bound,
		Statement: "M(Y; Y₀) ≥ E(Y), and M(Y₀; Y₀) = E(Y₀).",
		Domain:    anyEnergy,
		Bound:     "the rounding of both values",
		Sources:   []Source{{"hunter2004", "definition of a majorizer"}, own("14 Any energy")},
		On:        []string{"Energies.Majorizer"},
	},
	{
		ID: "ENE-003", Name: "energy_nonincreasing_of_declared_step", Kind: Descent,
		Statement: "E(Y⁺) ≤ E(Y) for every 0 < η ≤ MaxStep.",
		Domain:    anyEnergy,
		Given:     []Hypothesis{{"η ≤ MaxStep", "ENE-004"}},
		Bound:     "the rounding of both values, and of the step through the gradient",
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.MaxStep", "Energies.Step"},
	},
	{
		ID: "ENE-004", Name: "energy_nonincreasing_of_undeclared_step", Kind: Refuted,
		Statement: "E(Y⁺) ≤ E(Y) for every η up to twice MaxStep: the declared range is needlessly small.",
		Domain:    "the energies of this project",
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.MaxStep", "Energies.Step"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 2, "d": 1},
			Numbers:  map[string]float64{"share": 1.5},
			Words:    map[string]string{"energy": "interaction"},
			Matrices: map[string][][]float64{"Y": {{0}, {1}}},
			Excess:   0.157391, // η = 3
		},
	},
	{
		ID: "ENE-005", Name: "step_is_descent_direction", Kind: Descent,
		Statement: "⟨∇E(Y), Y⁺−Y⟩ ≤ 0 for every 0 < η ≤ MaxStep.",
		Domain:    anyEnergy + " whose step has no activation",
		Bound:     "Σ|∇E|·(rounding of the step) + the rounding of the gradient times |Y⁺−Y|",
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.Gradient", "Energies.Step"},
	},
	{
		ID: "ENE-006", Name: "step_rests_only_where_gradient_vanishes", Kind: Bound,
		Statement: "‖∇E(Y)‖ ≤ (q/η)‖Y⁺−Y‖, q the declared stiffness.",
		Domain:    anyEnergy,
		Bound:     "the rounding of the gradient, and q/η times that of the step",
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.Gradient", "Energies.Step", "Energies.Stiffness"},
	},
	{
		ID: "ENE-007", Name: "update_is_gradient_field_of_declared", Kind: Identity,
		Statement: "∮⟨Y − Y⁺(Y), dY⟩ = 0 around every triangle.",
		Domain:    anyEnergy,
		Given:     []Hypothesis{{"GradientField is declared", "ENE-008"}},
		Bound:     "the rounding of the update along the way, and the difference of two quadrature orders",
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.GradientField", "Energies.Step"},
	},
	{
		ID: "ENE-008", Name: "update_is_gradient_field", Kind: Refuted,
		Statement: "∮⟨Y − Y⁺(Y), dY⟩ = 0 around every triangle, for the softmax_β step: it is the plain gradient of something.",
		Domain:    "the interaction energy of this project",
		Sources:   []Source{own("14 Any energy"), own("12 Asymmetric weights")},
		On:        []string{"Energies.Step"},
		Counterexample: &Counterexample{
			Sizes:    map[string]int{"n": 3, "d": 1},
			Words:    map[string]string{"energy": "interaction"},
			Matrices: map[string][][]float64{"P": {{0}, {0}, {0}}, "Q": {{1}, {0}, {0}}, "R": {{0}, {2}, {0}}},
		},
	},
	{
		ID: "ENE-009", Name: "activation_firmly_nonexpansive", Kind: Bound,
		Statement: "(σ(x)−σ(y))(x−y) ≥ (σ(x)−σ(y))²: σ is the prox of a convex penalty.",
		Domain:    "the activation of an energy, |x|, |y| ≤ 32",
		Bound:     "8u(|σ(x)|+|σ(y)|+|x|+|y|)²",
		Sources:   []Source{{"bauschke2017", "firm nonexpansiveness characterises resolvents"}, own("9 Activations as proximal operators")},
		On:        []string{"Energies.Activation"},
	},
	{
		ID: "ENE-010", Name: "largest_descending_step", Kind: Approximation,
		Statement: "The largest η that still lowers E at a drawn point, in units of MaxStep (or of 1), found by bisection up to 64.",
		Domain:    anyEnergy,
		Sources:   []Source{own("14 Any energy")},
		On:        []string{"Energies.Step"},
	},
}
