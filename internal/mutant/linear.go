package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// linearOver makes a mutant of the linear layer from its element: f returns
// output (i, l).
func linearOver(f func(x, w matrix, bias []float64, i, l int) float64) func(im *implementation) {
	return func(im *implementation) {
		im.Linear = func(dst, x, w matrix, bias []float64) {
			for i := range dst.Rows {
				for l := range dst.Cols {
					dst.Set(i, l, f(x, w, bias, i, l))
				}
			}
		}
	}
}

// linearSum returns Σₖ xᵢₖwₖₗ over k < depth, and the bias if there is one.
func linearSum(x, w matrix, bias []float64, i, l, depth int) float64 {
	var s float64
	for k := range depth {
		s += x.At(i, k) * w.At(k, l)
	}
	if bias != nil {
		s += bias[l]
	}
	return s
}

// reluOver makes a mutant of ReLU from its function.
func reluOver(f func(x float64) float64) func(im *implementation) {
	return func(im *implementation) {
		im.ReLU = func(dst, src []float64) {
			for k, x := range src {
				dst[k] = f(x)
			}
		}
	}
}

var linearMutants = []Mutant{
	{
		Name: "linear-untransposed", Fault: "a square W is used transposed",
		Kills: []spec.ID{"LIN-001", "LIN-005", "LIN-006"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			if w.Rows == w.Cols {
				w = reference.Transpose(w)
			}
			return linearSum(x, w, bias, i, l, x.Cols)
		}),
	},
	{
		Name: "linear-depth-tail-dropped", Fault: "channels beyond the last multiple of four are left out",
		Kills: []spec.ID{"LIN-001", "LIN-005", "LIN-006"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			return linearSum(x, w, bias, i, l, x.Cols-x.Cols%4)
		}),
	},
	{
		Name: "linear-column-tail-unwritten", Fault: "columns beyond the last multiple of eight are left as found",
		Kills: []spec.ID{"LIN-001", "LIN-004", "LIN-005"},
		Change: func(im *implementation) {
			im.Linear = func(dst, x, w matrix, bias []float64) {
				for i := range dst.Rows {
					for l := range dst.Cols - dst.Cols%8 {
						dst.Set(i, l, linearSum(x, w, bias, i, l, x.Cols))
					}
				}
			}
		},
	},
	{
		Name: "linear-bias-missing", Fault: "the bias is left out",
		Kills: []spec.ID{"LIN-001", "LIN-002", "LIN-004", "LIN-005"},
		Change: linearOver(func(x, w matrix, _ []float64, i, l int) float64 {
			return linearSum(x, w, nil, i, l, x.Cols)
		}),
	},
	{
		Name: "linear-bias-before", Fault: "the bias is added to X before the product where their lengths agree",
		Kills: []spec.ID{"LIN-001", "LIN-004"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			if len(bias) != x.Cols {
				return linearSum(x, w, bias, i, l, x.Cols)
			}
			sum := spec.MatrixOf(append([]float64(nil), x.Row(i)...))
			for k, b := range bias {
				sum.Data[k] += b
			}
			return linearSum(sum, w, nil, 0, l, x.Cols)
		}),
	},
	{
		Name: "linear-bias-by-row", Fault: "the bias is indexed by the row",
		Kills: []spec.ID{"LIN-001", "LIN-003", "LIN-004"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			s := linearSum(x, w, nil, i, l, x.Cols)
			if bias != nil {
				s += bias[i%len(bias)]
			}
			return s
		}),
	},
	{
		Name: "linear-bias-twice", Fault: "the bias is added once for each half of the channels",
		Kills: []spec.ID{"LIN-001", "LIN-002", "LIN-004", "LIN-005"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			s := linearSum(x, w, bias, i, l, x.Cols)
			if bias != nil {
				s += bias[l]
			}
			return s
		}),
	},
	{
		Name: "linear-zeros-skipped", Fault: "products with a zero of X are skipped, so that NaN in W is lost there",
		Kills: []spec.ID{"LIN-006"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			s := 0.0
			for k, v := range x.Row(i) {
				if v != 0 {
					s += v * w.At(k, l)
				}
			}
			if bias != nil {
				s += bias[l]
			}
			return s
		}),
	},
	{
		Name: "linear-row-below-leaks", Fault: "zero times the next row is added, which NaN and Inf survive",
		Kills: []spec.ID{"LIN-003", "LIN-006"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			return linearSum(x, w, bias, i, l, x.Cols) + 0*x.At((i+1)%x.Rows, 0)
		}),
	},
	{
		Name: "linear-accumulator-scaled", Fault: "the accumulator is cleared by a product with zero, which NaN and Inf of the row above survive",
		Kills: []spec.ID{"LIN-003"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			var before float64
			for r := range i {
				before = 0*before + linearSum(x, w, nil, r, l, x.Cols)
			}
			return 0*before + linearSum(x, w, bias, i, l, x.Cols)
		}),
	},
	{
		Name: "linear-rows-centred", Fault: "the mean of the rows is subtracted, as batch normalization would",
		Kills: []spec.ID{"LIN-001", "LIN-003", "LIN-004"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			s := linearSum(x, w, bias, i, l, x.Cols)
			for r := range x.Rows {
				s -= linearSum(x, w, nil, r, l, x.Cols) / float64(x.Rows)
			}
			return s
		}),
	},
	{
		Name: "linear-saturating", Fault: "outputs are clipped to [−4, 4]",
		Kills: []spec.ID{"LIN-001", "LIN-002", "LIN-005"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			return min(max(linearSum(x, w, bias, i, l, x.Cols), -4), 4)
		}),
	},
	{
		Name: "linear-products-single", Fault: "products are rounded to float32",
		Kills: []spec.ID{"LIN-001", "LIN-002"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			var s float64
			for k, v := range x.Row(i) {
				s += float64(float32(v * w.At(k, l)))
			}
			if bias != nil {
				s += bias[l]
			}
			return s
		}),
	},
	{
		Name: "linear-last-row-of-block", Fault: "the fourth row of each block of four gets the third's result",
		Kills: []spec.ID{"LIN-001", "LIN-003", "LIN-005"},
		Change: linearOver(func(x, w matrix, bias []float64, i, l int) float64 {
			if i%4 == 3 {
				i--
			}
			return linearSum(x, w, bias, i, l, x.Cols)
		}),
	},
	{
		Name: "relu-nan-to-zero", Fault: "NaN becomes zero, as a comparison that NaN fails makes it",
		Kills: []spec.ID{"LIN-007"},
		Change: reluOver(func(x float64) float64 {
			if x > 0 {
				return x
			}
			return 0
		}),
	},
	{
		Name: "relu-keeps-negative-zero", Fault: "negative numbers become −0",
		Kills: []spec.ID{"LIN-007"},
		Change: reluOver(func(x float64) float64 {
			if x < 0 {
				return math.Copysign(0, -1)
			}
			return x
		}),
	},
	{
		Name: "relu-leaky", Fault: "negative numbers keep a hundredth of their size",
		Kills:  []spec.ID{"LIN-007", "LIN-008"},
		Change: reluOver(func(x float64) float64 { return max(x, x/100) }),
	},
	{
		Name: "relu-subnormals-flushed", Fault: "numbers below the smallest normal one become zero",
		Kills: []spec.ID{"LIN-007"},
		Change: reluOver(func(x float64) float64 {
			if math.Abs(x) < 0x1p-1022 {
				return 0
			}
			return max(x, 0)
		}),
	},
	{
		Name: "relu6", Fault: "numbers above six become six",
		Kills:  []spec.ID{"LIN-007", "LIN-008"},
		Change: reluOver(func(x float64) float64 { return min(max(x, 0), 6) }),
	},
	{
		Name: "relu-absolute", Fault: "negative numbers lose their sign instead of vanishing",
		Kills:  []spec.ID{"LIN-007", "LIN-008"},
		Change: reluOver(math.Abs),
	},
	{
		Name: "relu-identity", Fault: "nothing is cut off",
		Kills:  []spec.ID{"LIN-007", "LIN-008", "LIN-009"},
		Change: reluOver(func(x float64) float64 { return x }),
	},
	{
		Name: "relu-halved", Fault: "the half of x, nothing cut off: (x + |x|)/2 without its second term",
		Kills:  []spec.ID{"LIN-007", "LIN-008", "LIN-009"},
		Change: reluOver(func(x float64) float64 { return x / 2 }),
	},
	{
		Name: "relu-of-nothing", Fault: "everything becomes zero",
		Kills:  []spec.ID{"LIN-007", "LIN-008", "LIN-009"},
		Change: reluOver(func(float64) float64 { return 0 }),
	},
}
