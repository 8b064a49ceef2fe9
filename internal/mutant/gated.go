package mutant

import (
	"math"
	"slices"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// gatedOver makes a mutant of the gated layer from its hidden unit: a from the
// gate's branch, b from the other.
func gatedOver(f func(a, b float64, act spec.Activation) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Gated = func(dst, x, gate, up, down matrix, act spec.Activation) {
			hidden, branch := reference.Product(x, gate), reference.Product(x, up)
			for k, a := range hidden.Data {
				hidden.Data[k] = f(a, branch.Data[k], act)
			}
			reference.Linear(dst, hidden, down, nil)
		}
	}
}

// gatedWith calls the sound layer with other operands.
func gatedWith(f func(l *gatedLayer)) func(im *implementation) {
	return func(im *implementation) {
		im.Gated = func(dst, x, gate, up, down matrix, act spec.Activation) {
			l := gatedLayer{x, gate, up, down, act}
			f(&l)
			reference.Gated(dst, l.x, l.gate, l.up, l.down, l.act)
		}
	}
}

type gatedLayer struct {
	x, gate, up, down matrix
	act               spec.Activation
}

// square reports whether m can be transposed in place.
func square(m matrix) bool { return m.Rows == m.Cols }

var gatedMutants = []Mutant{
	{
		Name: "gated-branches-swapped", Fault: "gate and up are interchanged",
		Model:  "the halves of a fused projection taken in the wrong order",
		Kills:  []spec.ID{"GLU-001", "GLU-003", "GLU-004", "GLU-005", "GLU-007", "GLU-009"},
		Change: gatedWith(func(l *gatedLayer) { l.gate, l.up = l.up, l.gate }),
	},
	{
		Name: "gated-bilinear", Fault: "there is no activation",
		Kills:  []spec.ID{"GLU-001", "GLU-003", "GLU-007", "GLU-008", "GLU-009"},
		Change: gatedOver(func(a, b float64, _ spec.Activation) float64 { return a * b }),
	},
	{
		Name: "gated-both-activated", Fault: "the up branch is activated as well",
		Kills: []spec.ID{"GLU-001", "GLU-004", "GLU-005", "GLU-008", "GLU-009"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 {
			return reference.Activate(a, act) * reference.Activate(b, act)
		}),
	},
	{
		Name: "gated-activated-product", Fault: "the activation is applied to the product of the branches",
		Kills:  []spec.ID{"GLU-001", "GLU-004", "GLU-005", "GLU-008"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 { return reference.Activate(a*b, act) }),
	},
	{
		Name: "gated-sum", Fault: "the branches are added",
		Kills:  []spec.ID{"GLU-001", "GLU-002", "GLU-006", "GLU-009"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 { return reference.Activate(a, act) + b }),
	},
	{
		Name: "gated-biased", Fault: "the gate's argument is raised by 2⁻¹⁰",
		Kills:  []spec.ID{"GLU-001", "GLU-002", "GLU-006", "GLU-009"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 { return reference.Activate(a+0x1p-10, act) * b }),
	},
	{
		Name: "gated-sigmoid-overflows", Fault: "the sigmoid is eᵃ/(1+eᵃ) in numbers of float32, ∞/∞ from 89 on",
		Kills: []spec.ID{"GLU-001"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 {
			if e := float64(float32(math.Exp(a))); math.IsInf(e, 1) && (act == spec.ActSiLU || act == spec.ActSigmoid) {
				return math.NaN()
			}
			return reference.Activate(a, act) * b
		}),
	},
	{
		Name: "gated-clamped", Fault: "the gate's argument is clipped to [−1, 1]",
		Kills: []spec.ID{"GLU-001", "GLU-006", "GLU-009"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 {
			return reference.Activate(min(max(a, -1), 1), act) * b
		}),
	},
	{
		Name: "gated-hidden-clipped", Fault: "hidden units are clipped to [−1, 1]",
		Kills: []spec.ID{"GLU-001", "GLU-004", "GLU-005", "GLU-006"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 {
			return min(max(reference.Activate(a, act)*b, -1), 1)
		}),
	},
	{
		Name: "gated-relu", Fault: "every gate is ReLU",
		Kills:  []spec.ID{"GLU-001", "GLU-003", "GLU-007", "GLU-010"},
		Change: gatedWith(func(l *gatedLayer) { l.act = spec.ActReLU }),
	},
	{
		Name: "gated-sigmoid-is-silu", Fault: "sigmoid gates multiply by their own argument",
		Kills: []spec.ID{"GLU-001", "GLU-003", "GLU-010"},
		Change: gatedWith(func(l *gatedLayer) {
			if l.act == spec.ActSigmoid {
				l.act = spec.ActSiLU
			}
		}),
	},
	{
		Name: "gated-gelu-forms-swapped", Fault: "GeGLU takes the tanh form for the erf form and the other way round",
		Kills: []spec.ID{"GLU-001"},
		Change: gatedWith(func(l *gatedLayer) {
			switch l.act {
			case spec.ActGELU:
				l.act = spec.ActGELUTanh
			case spec.ActGELUTanh:
				l.act = spec.ActGELU
			}
		}),
	},
	{
		Name: "gated-silu-beta", Fault: "SwiGLU has the slope of GELU's sigmoid, 1.702",
		Kills: []spec.ID{"GLU-001"},
		Change: gatedOver(func(a, b float64, act spec.Activation) float64 {
			if act == spec.ActSiLU {
				return a * reference.Activate(1.702*a, spec.ActSigmoid) * b
			}
			return reference.Activate(a, act) * b
		}),
	},
	{
		Name: "gated-tail-dropped", Fault: "hidden units beyond the last multiple of eight are left out",
		Kills: []spec.ID{"GLU-001", "GLU-009", "GLU-011"},
		Change: gatedWith(func(l *gatedLayer) {
			h := max(1, l.gate.Cols&^7)
			l.gate.Cols, l.up.Cols, l.down.Rows = h, h, h
		}),
	},
	{
		Name: "gated-position-weighted", Fault: "later hidden units count a little more",
		Kills: []spec.ID{"GLU-001", "GLU-009", "GLU-011"},
		Change: gatedWith(func(l *gatedLayer) {
			l.down = spec.Convert[float64](l.down)
			for i := range l.down.Rows {
				for j, v := range l.down.Row(i) {
					l.down.Set(i, j, v*(1+float64(i)*0x1p-20))
				}
			}
		}),
	},
	{
		Name: "gated-down-untransposed", Fault: "a square D is used transposed",
		Kills: []spec.ID{"GLU-001", "GLU-011"},
		Change: gatedWith(func(l *gatedLayer) {
			if square(l.down) {
				l.down = reference.Transpose(l.down)
			}
		}),
	},
	{
		Name: "gated-first-row", Fault: "the gate sees the first row for all rows",
		Kills: []spec.ID{"GLU-001", "GLU-012"},
		Change: func(im *implementation) {
			im.Gated = func(dst, x, gate, up, down matrix, act spec.Activation) {
				hidden, branch := reference.Product(x, gate), reference.Product(x, up)
				for i := range hidden.Rows {
					for l, b := range branch.Row(i) {
						branch.Set(i, l, reference.Activate(hidden.At(0, l), act)*b)
					}
				}
				reference.Linear(dst, branch, down, nil)
			}
		},
	},
	{
		Name: "gated-nan-as-zero", Fault: "NaN is replaced by zero on the way in",
		Kills:  []spec.ID{"GLU-012"},
		Change: gatedWith(func(l *gatedLayer) { l.x = withoutNaN(l.x) }),
	},
	{
		Name: "gated-block-overwritten", Fault: "each block of 64 hidden units overwrites the output of the one before",
		Kills: []spec.ID{"GLU-001"},
		Change32: func(im *spec.Implementation[float32]) {
			sound := im.Gated
			im.Gated = func(dst, x, gate, up, down spec.Matrix[float32], act spec.Activation) {
				last := max(0, (gate.Cols-1)/64*64)
				for _, m := range []*spec.Matrix[float32]{&gate, &up} {
					m.Data, m.Cols = m.Data[last:], m.Cols-last
				}
				down.Data, down.Rows = down.Data[last*down.Stride:], down.Rows-last
				sound(dst, x, gate, up, down, act)
			}
		},
	},
	{
		Name: "gelu-tanh-coefficient", Fault: "the cubic coefficient of the tanh form is 0.04715",
		Kills: []spec.ID{"PRX-001", "GLU-013"},
		Change: applyOnly(spec.ActGELUTanh, func(x float64) float64 {
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.04715*x*x*x)))
		}),
	},
	{
		Name: "gelu-quick", Fault: "the tanh form is x·sigmoid(1.702x)",
		Kills: []spec.ID{"PRX-001", "GLU-013", "GLU-016"},
		Change: applyOnly(spec.ActGELUTanh, func(x float64) float64 {
			return x * reference.Activate(1.702*x, spec.ActSigmoid)
		}),
	},
	{
		Name: "gate-twice-as-steep", Fault: "both forms of GELU and SiLU are x·g(2x), g their gate",
		Kills: []spec.ID{"PRX-001", "GLU-015"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			if slices.Contains([]spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU}, act) {
				return reference.Activate(2*x, act) / 2
			}
			return reference.Activate(x, act)
		}),
	},
	{
		Name: "gate-table", Fault: "activations are read from a table whose entries of 2⁻⁴ are interpolated the wrong way round",
		Kills: []spec.ID{"PRX-001", "GLU-015", "GLU-016"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			const step = 0x1p-4
			left := math.Floor(x/step) * step
			return reference.Activate(left+step-(x-left), act)
		}),
	},
	{
		Name: "gelu-erf-for-tanh", Fault: "the erf form serves for the tanh form",
		Kills:  []spec.ID{"PRX-001", "GLU-014"},
		Change: applyOnly(spec.ActGELUTanh, func(x float64) float64 { return reference.Activate(x, spec.ActGELU) }),
	},
	{
		Name: "gelu-forms-relu", Fault: "both forms of GELU are ReLU",
		Kills: []spec.ID{"PRX-001", "GLU-014"},
		Change: applyThen(func(x float64, act spec.Activation) float64 {
			if slices.Contains([]spec.Activation{spec.ActGELU, spec.ActGELUTanh}, act) {
				act = spec.ActReLU
			}
			return reference.Activate(x, act)
		}),
	},
}
