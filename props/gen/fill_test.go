package gen_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

func matrixOf(rows ...[]float64) spec.Matrix[float64] { return spec.MatrixOf(rows...) }

// TestFillsStayAsTheyAre compares each kind with values of record: a stored case
// names a fill by its recipe, which must not come to mean something else.
func TestFillsStayAsTheyAre(t *testing.T) {
	for kind, want := range map[gen.Kind]string{
		gen.Zero:           "[[0 0 0] [0 0 0] [0 0 0] [0 0 0]]",
		gen.One:            "[[8 8 8] [8 8 8] [8 8 8] [8 8 8]]",
		gen.Iota:           "[[8 16 24] [32 40 48] [56 64 72] [80 88 96]]",
		gen.OneHot:         "[[8 0 0] [0 8 0] [0 0 8] [8 0 0]]",
		gen.Ints:           "[[0 24 24] [-16 -8 0] [8 8 -16] [-8 -24 0]]",
		gen.Coarse:         "[[2 2 0] [-4 -6 -6] [-8 2 0] [-4 6 -4]]",
		gen.Uniform:        "[[-2.07 -3.153 -7.399] [-2.118 -4.239 -2.595] [3.091 -1.269 5.009] [-6.877 -0.04271 6.429]]",
		gen.Normal:         "[[9.097 -4.835 0.3939] [-1.543 0.3214 7.286] [6.059 -10.42 -0.8377] [12.23 -7.336 0.6366]]",
		gen.Heavy:          "[[0.07107 -9.67 0.04923] [-197.6 0.08034 58.29] [6.059 -166.7 -0.05236] [195.7 -0.02866 163]]",
		gen.Duplicates:     "[[9.097 -4.835 0.3939] [9.097 -4.835 0.3939] [-1.543 0.3214 7.286] [-1.543 0.3214 7.286]]",
		gen.NearDuplicates: "[[9.097 -4.835 0.3939] [9.091 -4.841 0.3915] [-1.543 0.3214 7.286] [-1.532 0.3277 7.281]]",
		gen.Collinear:      "[[9.969 -8.099 -3.833] [-14.83 12.05 5.702] [21.04 -17.09 -8.09] [27.97 -22.72 -10.75]]",
		gen.HalfZero:       "[[0 -0 0] [-1.543 0.3214 7.286] [0 -0 -0] [12.23 -7.336 0.6366]]",
		gen.EqualNorm:      "[[7.059 -3.752 0.3056] [-1.656 0.3449 7.819] [4.013 -6.898 -0.5548] [6.853 -4.112 0.3568]]",
		gen.Clustered:      "[[4.655 2.268 2.764] [-6.175 -6.261 -2.015] [4.465 1.919 2.687] [-5.315 -6.739 -2.431]]",
		gen.Translated:     "[[1342 -1757 -42.58] [1331 -1751 -35.68] [1339 -1762 -43.81] [1345 -1759 -42.33]]",
	} {
		f := gen.Fill{Kind: kind, Exponent: 3, Seed: 0xbeef}
		m := f.Matrix(4, 3)
		var rows []string
		for i := range m.Rows {
			rows = append(rows, fmt.Sprintf("%.4g", m.Row(i)))
		}
		if got := fmt.Sprint(rows); got != want {
			t.Errorf("%s is now %s, not %s", kind, got, want)
		}
	}
	for _, kind := range everyKind {
		if f := (gen.Fill{Kind: kind, Exponent: -1, Seed: 7}); f.String() != string(kind)+"·2^-1#7" {
			t.Errorf("%s is written as %s", kind, f)
		}
	}
}

var everyKind = append(slices.Clone(gen.Numbers), gen.Duplicates, gen.NearDuplicates, gen.Collinear, gen.HalfZero, gen.EqualNorm, gen.Clustered, gen.Translated)

// TestFillsAreWhatTheirNamesSay checks what is said of the kinds.
func TestFillsAreWhatTheirNamesSay(t *testing.T) {
	const rows, cols = 12, 9
	seen := map[gen.Kind]map[float64]bool{gen.Ints: {}, gen.Coarse: {}, gen.Heavy: {}}
	for seed := range uint16(200) {
		of := func(k gen.Kind) spec.Matrix[float64] { return gen.Fill{Kind: k, Seed: seed}.Matrix(rows, cols) }
		normal := of(gen.Normal)
		for kind, check := range map[gen.Kind]func(x, y float64, i, j int) bool{
			gen.Zero:    func(x, _ float64, _, _ int) bool { return x == 0 },
			gen.One:     func(x, _ float64, _, _ int) bool { return x == 1 },
			gen.Iota:    func(x, _ float64, i, j int) bool { return x == float64(1+i*cols+j) },
			gen.OneHot:  func(x, _ float64, i, j int) bool { return x == 1 && j == i%cols || x == 0 && j != i%cols },
			gen.Ints:    func(x, _ float64, _, _ int) bool { return x == math.Trunc(x) && math.Abs(x) <= 3 },
			gen.Coarse:  func(x, _ float64, _, _ int) bool { return 4*x == math.Trunc(4*x) && math.Abs(x) <= 1 },
			gen.Uniform: func(x, _ float64, _, _ int) bool { return -1 <= x && x < 1 },
			gen.Heavy: func(x, y float64, _, _ int) bool {
				k := math.Log2(x / y)
				seen[gen.Heavy][k] = true
				return k == math.Trunc(k) && math.Abs(k) <= 8
			},
			gen.Duplicates: func(x, _ float64, i, j int) bool { return x == normal.At(i/2, j) },
			gen.NearDuplicates: func(x, _ float64, i, j int) bool {
				return (x == normal.At(i/2, j)) == (i%2 == 0) && math.Abs(x-normal.At(i/2, j)) < 0x1p-7
			},
			gen.HalfZero: func(x, y float64, i, _ int) bool { return i%2 == 0 && x == 0 || i%2 == 1 && x == y },
		} {
			m := of(kind)
			for i := range rows {
				for j := range cols {
					if x := m.At(i, j); !check(x, normal.At(i, j), i, j) {
						t.Fatalf("%s with seed %d: element (%d,%d) is %v", kind, seed, i, j, x)
					} else if s := seen[kind]; s != nil && kind != gen.Heavy {
						s[x] = true
					}
				}
			}
		}
		// Rows of a collinear matrix are multiples of the first, up to float32.
		collinear, equal, clustered, translated := of(gen.Collinear), of(gen.EqualNorm), of(gen.Clustered), of(gen.Translated)
		for i := range rows {
			var norm, apart, far float64
			for j := range cols {
				x, y := collinear.At(i, j)*collinear.At(0, 0), collinear.At(i, 0)*collinear.At(0, j)
				if !(math.Abs(x-y) <= 0x1p-22*math.Abs(x)) {
					t.Fatalf("collinear with seed %d: row %d is no multiple of row 0", seed, i)
				}
				norm += equal.At(i, j) * equal.At(i, j)
				apart += math.Abs(clustered.At(i, j) - clustered.At(i%2, j))
				far += math.Abs(translated.At(i, j) - translated.At(0, j) - normal.At(i, j) + normal.At(0, j))
			}
			if !(math.Abs(norm-1) <= 0x1p-22) {
				t.Fatalf("equal-norm with seed %d: row %d has the norm %v", seed, i, math.Sqrt(norm))
			}
			if !(apart < cols/2.) {
				t.Fatalf("clustered with seed %d: row %d is %v from row %d", seed, i, apart, i%2)
			}
			if !(far < 0x1p-10*cols) {
				t.Fatalf("translated with seed %d: row %d is not a row of normal, translated", seed, i)
			}
		}
	}
	if len(seen[gen.Ints]) != 7 || len(seen[gen.Coarse]) != 9 || len(seen[gen.Heavy]) != 17 {
		t.Errorf("%d integers, %d quarters and %d powers occur, want 7, 9 and 17", len(seen[gen.Ints]), len(seen[gen.Coarse]), len(seen[gen.Heavy]))
	}
}

// TestNormal requires mean 0, variance 1 and kurtosis 3, within five standard
// deviations of such estimates.
func TestNormal(t *testing.T) {
	const n = 300 * 300
	var mean, square, fourth float64
	for _, x := range (gen.Fill{Kind: gen.Normal, Seed: 3}).Matrix(300, 300).Data {
		mean, square, fourth = mean+x/n, square+x*x/n, fourth+x*x*x*x/n
	}
	for _, c := range []struct {
		name          string
		got, want, sd float64
	}{{"mean", mean, 0, 1}, {"variance", square, 1, math.Sqrt(2)}, {"fourth moment", fourth, 3, math.Sqrt(96)}} {
		if !(math.Abs(c.got-c.want) <= 5*c.sd/math.Sqrt(n)) {
			t.Errorf("the %s is %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestWidthOfTokens requires tokens and weights to be of about the same length at
// every width.
func TestWidthOfTokens(t *testing.T) {
	for _, d := range []int{1, 2, 4, 16, 64, 256} {
		half := -int(math.Round(math.Log2(float64(d)) / 2))
		lo, hi, lowest, highest := half-2, half+1, half-1, half+1
		exponents, weights, wide := map[int]bool{}, map[int]bool{}, map[int]bool{}
		for k := range uint64(60) {
			r := gen.Example(k, nil, func(c *gen.Case) {
				c.Tokens("Y", 1, d)
				c.Weights("W", d, 1)
				c.Weights("V", 1, d)
			})
			exponents[r[0].Fill.Exponent], weights[r[1].Fill.Exponent], wide[r[2].Fill.Exponent] = true, true, true
		}
		for e := lo - 1; e <= hi+1; e++ {
			if exponents[e] != (lo <= e && e <= hi) || weights[e] != (lowest <= e && e <= highest) || wide[e] != weights[e] {
				t.Errorf("width %d: the exponent %d is drawn of tokens: %v, of weights: %v and %v", d, e, exponents[e], weights[e], wide[e])
			}
		}
	}
}
