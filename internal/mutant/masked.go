package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// averageFault is a masked step with a fault: the weights, what is added to
// their sum, the step size, or what the increments are divided by. The zero
// value is the sound step.
type averageFault struct {
	weight  func(i, j int, k, z float64) float64 // k·exp(−z)
	self    float64                              // added to the self weight
	eta     func(eta float64) float64
	degree  func(d []float64, i int) float64 // d[i]
	looks   bool                             // looks at pairs with k = 0 too
	keepAll bool                             // a token without weight is not treated apart
}

func (f averageFault) step(dst, y, x matrix, k func(i, j int) float64, self, eta float64) {
	if f.eta != nil {
		eta = f.eta(eta)
	}
	d, inc := make([]float64, y.Rows), spec.NewMatrix[float64](y.Rows, y.Cols)
	for i := range d {
		d[i] = self + f.self
		for j := range x.Rows {
			if k(i, j) == 0 && !f.looks {
				continue
			}
			var z float64
			for c := range y.Cols {
				r := y.At(i, c) - x.At(j, c)
				z += r * r / 2
			}
			w := k(i, j) * math.Exp(-z)
			if f.weight != nil {
				w = f.weight(i, j, k(i, j), z)
			}
			d[i] += w
			for c := range y.Cols {
				inc.Set(i, c, inc.At(i, c)+w*(x.At(j, c)-y.At(i, c)))
			}
		}
	}
	for i := range d {
		by := d[i]
		if f.degree != nil {
			by = f.degree(d, i)
		}
		for c := range y.Cols {
			if by == 0 && !f.keepAll {
				dst.Set(i, c, y.At(i, c))
				continue
			}
			dst.Set(i, c, y.At(i, c)+eta*inc.At(i, c)/by)
		}
	}
}

func (f averageFault) frozen(im *implementation) {
	im.Masked.FrozenStep = func(dst, y, x matrix, eta float64) {
		f.step(dst, y, x, func(int, int) float64 { return 1 }, 1, eta)
	}
}

// causal uses the tokens up to i+ahead.
func (f averageFault) causal(ahead int) func(im *implementation) {
	return func(im *implementation) {
		im.Masked.CausalStep = func(dst, y matrix, eta float64) {
			f.step(dst, y, y, func(i, j int) float64 {
				if j <= i+ahead {
					return 1
				}
				return 0
			}, 0, eta)
		}
	}
}

func (f averageFault) symmetric(im *implementation) {
	im.Masked.SymmetricStep = func(dst, y, k matrix, eta float64) {
		f.step(dst, y, y, k.At, 0, eta)
	}
}

// symmetricOver changes K before the step.
func symmetricOver(change func(k matrix)) func(im *implementation) {
	return func(im *implementation) {
		im.Masked.SymmetricStep = func(dst, y, k matrix, eta float64) {
			k = spec.Convert[float64](k)
			change(k)
			reference.SymmetricStep(dst, y, k, eta)
		}
	}
}

// all plants the same fault in all three steps.
func (f averageFault) all(im *implementation) {
	f.frozen(im)
	f.causal(0)(im)
	f.symmetric(im)
}

// etaTimes returns the function that multiplies by c.
func etaTimes(c float64) func(float64) float64 { return func(eta float64) float64 { return c * eta } }

var maskedMutants = []Mutant{
	{
		Name: "masked-half-step", Fault: "masked steps go half as far as they should",
		Kills:  []spec.ID{"MSK-001", "MSK-002", "MSK-004", "MSK-005", "MSK-014", "MSK-018"},
		Change: averageFault{eta: etaTimes(0.5)}.all,
	},
	{
		Name: "masked-backwards", Fault: "masked steps go up the energy",
		Kills:  []spec.ID{"MSK-001", "MSK-005", "MSK-006", "MSK-008", "MSK-009", "MSK-010", "MSK-018"},
		Change: averageFault{eta: etaTimes(-1)}.all,
	},
	{
		Name: "masked-overlong", Fault: "masked steps go five times as far as they should",
		Kills:  []spec.ID{"MSK-002", "MSK-006", "MSK-008", "MSK-009", "MSK-010"},
		Change: averageFault{eta: etaTimes(5)}.all,
	},
	{
		Name: "masked-standing-still", Fault: "masked steps move nothing",
		Kills:  []spec.ID{"MSK-001", "MSK-002", "MSK-003", "MSK-004", "MSK-007", "MSK-011", "MSK-012"},
		Change: averageFault{eta: etaTimes(0)}.all,
	},
	{
		Name: "masked-temperature-2", Fault: "masked steps weigh by exp(−2z)",
		Kills:  []spec.ID{"MSK-001", "MSK-002", "MSK-004", "MSK-005", "MSK-014", "MSK-018"},
		Change: averageFault{weight: func(_, _ int, k, z float64) float64 { return k * math.Exp(-2*z) }}.all,
	},
	{
		Name: "masked-clamped", Fault: "step sizes above 1 are taken as 1",
		Kills:  []spec.ID{"MSK-001", "MSK-002", "MSK-004", "MSK-007", "MSK-011"},
		Change: averageFault{eta: func(eta float64) float64 { return min(eta, 1) }}.all,
	},
	{
		Name: "masked-neighbour-degree", Fault: "each token is divided by the next one's sum of weights",
		Kills:  []spec.ID{"MSK-002", "MSK-004", "MSK-014", "MSK-015", "MSK-018"},
		Change: averageFault{degree: func(d []float64, i int) float64 { return d[(i+1)%len(d)] }}.all,
	},
	{
		Name: "masked-unnormalized", Fault: "increments are not divided by the sum of weights",
		Kills:  []spec.ID{"MSK-001", "MSK-004", "MSK-006", "MSK-009", "MSK-010"},
		Change: averageFault{degree: func([]float64, int) float64 { return 1 }}.all,
	},
	{
		Name: "frozen-no-self", Fault: "the query itself is no key",
		Kills:  []spec.ID{"MSK-001", "MSK-005", "MSK-006", "MSK-017"},
		Change: averageFault{self: -1}.frozen,
	},
	{
		Name: "frozen-self-twice", Fault: "the query counts twice among its keys",
		Kills:  []spec.ID{"MSK-001", "MSK-005", "MSK-017"},
		Change: averageFault{self: 1}.frozen,
	},
	{
		Name: "frozen-tail-dropped", Fault: "keys beyond the last multiple of four are left out",
		Kills: []spec.ID{"MSK-001", "MSK-005", "MSK-017"},
		Change: func(im *implementation) {
			im.Masked.FrozenStep = func(dst, y, x matrix, eta float64) {
				x.Rows -= x.Rows % 4
				reference.FrozenStep(dst, y, x, eta)
			}
		},
	},
	{
		Name: "causal-one-ahead", Fault: "a token sees the next one too",
		Kills:  []spec.ID{"MSK-002", "MSK-016", "MSK-017"},
		Change: averageFault{}.causal(1),
	},
	{
		Name: "causal-strict", Fault: "a token does not see itself",
		Kills:  []spec.ID{"MSK-002", "MSK-017"},
		Change: averageFault{}.causal(-1),
	},
	{
		Name: "causal-unmasked", Fault: "every token sees every other",
		Kills: []spec.ID{"MSK-002", "MSK-003", "MSK-016", "MSK-017"},
		Change: func(im *implementation) {
			im.Masked.CausalStep = func(dst, y matrix, eta float64) {
				reference.InteractionStep(dst, y, matrix{}, eta)
			}
		},
	},
	{
		Name: "causal-last-only", Fault: "only the last token moves",
		Kills: []spec.ID{"MSK-002", "MSK-003", "MSK-016", "MSK-017"},
		Change: func(im *implementation) {
			im.Masked.CausalStep = func(dst, y matrix, eta float64) {
				reference.CausalStep(dst, y, eta)
				for i := range y.Rows - 1 {
					copy(dst.Row(i), y.Row(i))
				}
			}
		},
	},
	{
		Name: "causal-in-place", Fault: "a token sees the earlier ones where they have moved to",
		Kills: []spec.ID{"MSK-002", "MSK-017"},
		Change: func(im *implementation) {
			im.Masked.CausalStep = func(dst, y matrix, eta float64) {
				now, next := spec.Convert[float64](y), spec.NewMatrix[float64](y.Rows, y.Cols)
				for i := range y.Rows {
					reference.CausalStep(next, now, eta)
					copy(now.Row(i), next.Row(i))
					copy(dst.Row(i), next.Row(i))
				}
			}
		},
	},
	{
		Name: "causal-zero-times-later", Fault: "later tokens are multiplied by zero instead of left out, which NaN survives",
		Model:  "flash-attention#1745",
		Kills:  []spec.ID{"MSK-016"},
		Change: averageFault{looks: true}.causal(0),
	},
	{
		Name: "symmetric-zero-times-masked", Fault: "masked tokens are multiplied by zero instead of left out, which NaN survives",
		Model:  "flash-attention#1745",
		Kills:  []spec.ID{"MSK-015"},
		Change: averageFault{looks: true}.symmetric,
	},
	{
		Name: "symmetric-sentinel", Fault: "a masked pair keeps a weight of 2^−20",
		Kills: []spec.ID{"MSK-004", "MSK-013", "MSK-015"},
		Change: averageFault{looks: true, weight: func(_, _ int, k, z float64) float64 {
			return max(k, 0x1p-20) * math.Exp(-z)
		}}.symmetric,
	},
	{
		Name: "symmetric-transposed", Fault: "K is read transposed",
		Kills: []spec.ID{"MSK-004"},
		Change: func(im *implementation) {
			im.Masked.SymmetricStep = func(dst, y, k matrix, eta float64) {
				reference.SymmetricStep(dst, y, reference.Transpose(k), eta)
			}
		},
	},
	{
		Name: "symmetric-symmetrized", Fault: "K is made symmetric first",
		Kills: []spec.ID{"MSK-004", "MSK-012"},
		Change: symmetricOver(func(k matrix) {
			for i := range k.Rows {
				for j := range i {
					mean := (k.At(i, j) + k.At(j, i)) / 2
					k.Set(i, j, mean)
					k.Set(j, i, mean)
				}
			}
		}),
	},
	{
		Name: "symmetric-dominant-diagonal", Fault: "each token's own weight is raised to the sum of the others', so that K is semidefinite",
		Kills: []spec.ID{"MSK-004", "MSK-011", "MSK-018", "MSK-014"},
		Change: symmetricOver(func(k matrix) {
			for i := range k.Rows {
				var others float64
				for j, x := range k.Row(i) {
					if j != i {
						others += x
					}
				}
				k.Set(i, i, max(k.At(i, i), others))
			}
		}),
	},
	{
		Name: "symmetric-no-self", Fault: "the diagonal of K is ignored",
		Kills: []spec.ID{"MSK-004", "MSK-010", "MSK-014"},
		Change: symmetricOver(func(k matrix) {
			for i := range k.Rows {
				k.Set(i, i, 0)
			}
		}),
	},
	{
		Name: "symmetric-factors-ignored", Fault: "every factor that is not zero counts as one",
		Kills: []spec.ID{"MSK-004", "MSK-018"},
		Change: symmetricOver(func(k matrix) {
			for j, x := range k.Data {
				if x != 0 {
					k.Data[j] = 1
				}
			}
		}),
	},
	{
		Name: "symmetric-weightless-nan", Fault: "a token without weight is divided by zero",
		Kills:  []spec.ID{"MSK-004", "MSK-013"},
		Change: averageFault{keepAll: true}.symmetric,
	},
	{
		Name: "symmetric-weightless-shrinks", Fault: "a token without weight averages nothing, and shrinks by 1−η",
		Kills: []spec.ID{"MSK-004", "MSK-013"},
		Change: func(im *implementation) {
			im.Masked.SymmetricStep = func(dst, y, k matrix, eta float64) {
				reference.SymmetricStep(dst, y, k, eta)
				for i := range y.Rows {
					if reference.Norm(k.Row(i)) == 0 {
						for c := range y.Cols {
							dst.Set(i, c, (1-eta)*y.At(i, c))
						}
					}
				}
			}
		},
	},
	{
		Name: "symmetric-weightless-mean", Fault: "a token without weight goes towards the mean of all",
		Kills: []spec.ID{"MSK-004", "MSK-013"},
		Change: symmetricOver(func(k matrix) {
			for i := range k.Rows {
				if reference.Norm(k.Row(i)) == 0 {
					for j := range k.Cols {
						k.Set(i, j, 1)
					}
				}
			}
		}),
	},
}
