package gen

import (
	"fmt"
	"math"

	"example.com/attest/spec"
	"pgregory.net/rapid"
)

// Kind names how a matrix is filled. The order is from simple to wild; the
// reducer tries the earlier ones first.
type Kind string

const (
	Zero   Kind = "zero"
	One    Kind = "one"
	Iota   Kind = "iota"    // 1, 2, 3, … along the rows
	OneHot Kind = "one-hot" // 1 where the column is the row (modulo the columns)
	Ints   Kind = "ints"    // integers in [−3, 3]
	Coarse Kind = "coarse"  // multiples of ¼ in [−1, 1]

	Uniform Kind = "uniform" // [−1, 1)
	Normal  Kind = "normal"
	Heavy   Kind = "heavy" // normal times 2^k, k in [−8, 8]

	Duplicates     Kind = "duplicates"      // normal, every row twice
	NearDuplicates Kind = "near-duplicates" // the same, the second off by 2⁻¹⁰ normal
	Collinear      Kind = "collinear"       // multiples of one direction
	HalfZero       Kind = "half-zero"       // every other row zero, of either sign
	EqualNorm      Kind = "equal-norm"      // rows of norm 1 before scaling (up to rounding)
	Clustered      Kind = "clustered"       // two clusters
	Translated     Kind = "translated"      // normal, far from the origin
)

// order ranks the kinds for the reducer.
var order = []Kind{Zero, One, Iota, OneHot, Ints, Coarse, Uniform, Normal, Heavy,
	Duplicates, NearDuplicates, Collinear, HalfZero, EqualNorm, Clustered, Translated}

// Numbers and Tokens are the kinds for a general matrix and for a matrix of
// tokens.
var (
	Numbers = []Kind{Zero, One, Iota, OneHot, Ints, Coarse, Uniform, Normal, Heavy}
	Tokens  = []Kind{Normal, Uniform, Coarse, Ints, Duplicates, NearDuplicates, Collinear, HalfZero, EqualNorm, Clustered, Translated}
)

// Fill is the recipe of a matrix: element (i, j) is a function of the kind, the
// seed, i and j alone, times 2^Exponent, rounded to float32. Cropping a matrix
// therefore leaves its other elements as they were.
type Fill struct {
	Kind     Kind   `json:"kind"`
	Exponent int    `json:"exponent"`
	Seed     uint16 `json:"seed"`
}

func (f Fill) String() string {
	return fmt.Sprintf("%s·2^%d#%d", f.Kind, f.Exponent, f.Seed)
}

// Matrix returns the filled rows×cols matrix.
func (f Fill) Matrix(rows, cols int) spec.Matrix[float64] {
	m := spec.NewMatrix[float64](rows, cols)
	scale := math.Ldexp(1, f.Exponent)
	for i := range rows {
		row := m.Row(i)
		for j := range row {
			row[j] = f.at(i, j, cols)
		}
		if f.Kind == EqualNorm {
			normalize(row)
		}
		for j := range row {
			row[j] = float64(float32(row[j] * scale))
		}
	}
	return m
}

func (f Fill) at(i, j, cols int) float64 {
	switch f.Kind {
	case Zero:
		return 0
	case One:
		return 1
	case Iota:
		return float64(i*cols + j + 1)
	case OneHot:
		if i%cols == j {
			return 1
		}
		return 0
	case Ints:
		return float64(mix(f.Seed, i, j)%7) - 3
	case Coarse:
		return (float64(mix(f.Seed, i, j)%9) - 4) / 4
	case Uniform:
		return 2*unit(mix(f.Seed, i, j)) - 1
	case Heavy:
		return math.Ldexp(f.normal(i, j), int(mix(f.Seed, i, ^j)%17)-8)
	case Duplicates:
		return f.normal(i/2, j)
	case NearDuplicates:
		return f.normal(i/2, j) + float64(i%2)*0x1p-10*f.normal(^i, j)
	case Collinear:
		return f.normal(^i, 0) * f.normal(-7, j)
	case HalfZero:
		return float64(i%2) * f.normal(i, j)
	case Clustered:
		return f.normal(-1-i%2, j) + f.normal(i, j)/16
	case Translated:
		return f.normal(i, j) + math.Ldexp(1, int(f.Seed%8))*f.normal(-9, j)
	default: // Normal, EqualNorm
		return f.normal(i, j)
	}
}

// normal returns a normal deviate by the Box–Muller transform.
func (f Fill) normal(i, j int) float64 {
	h := mix(f.Seed, i, j)
	r := math.Sqrt(-2 * math.Log(unit(h)+0x1p-33))
	return r * math.Cos(2*math.Pi*unit(mix(f.Seed+1, i, ^j)^h))
}

// mix hashes seed, i and j with the finaliser of SplitMix64.
func mix(seed uint16, i, j int) uint64 {
	x := uint64(seed)*0x9e3779b97f4a7c15 + uint64(uint32(i))<<32 + uint64(uint32(j))
	for range 2 {
		x += 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// unit maps a hash to [0, 1) in steps of 2⁻³².
func unit(h uint64) float64 { return float64(h>>32) * 0x1p-32 }

func normalize(row []float64) {
	var s float64
	for _, x := range row {
		s += float64(x * x)
	}
	if s = math.Sqrt(s); s == 0 {
		return
	}
	for j := range row {
		row[j] /= s
	}
}

// Matrix draws a rows×cols matrix: one of the kinds, times 2^e with e in
// [loExp, hiExp]. All values are float32 numbers.
func (c *Case) Matrix(name string, rows, cols int, kinds []Kind, loExp, hiExp int) spec.Matrix[float64] {
	share := func(x uint) Value {
		return Value{Type: TypeFill, Fill: Fill{
			Kind:     kinds[x%uint(len(kinds))],
			Exponent: loExp + int(x/16)%(hiExp-loExp+1),
			Seed:     uint16(x>>8) ^ uint16(len(c.record)),
		}}
	}
	v := c.take(name, TypeFill, share, func(t *rapid.T) Value {
		return Value{Type: TypeFill, Fill: Fill{
			Kind:     kinds[uniform(t, name+" kind", len(kinds))],
			Exponent: loExp + uniform(t, name+" exponent", hiExp-loExp+1),
			Seed:     uint16(uniform(t, name+" seed", 1<<16)),
		}}
	})
	e := &c.record[c.index[name]]
	e.rows, e.cols, e.lo, e.hi = rows, cols, float64(loExp), float64(hiExp)
	if v.Type == TypeFill {
		return v.Fill.Matrix(rows, cols)
	}
	if v.Matrix.Rows < rows || v.Matrix.Cols < cols {
		c.invalid("%s is %d×%d, not %d×%d", name, v.Matrix.Rows, v.Matrix.Cols, rows, cols)
	}
	crop := v.Matrix
	crop.Rows, crop.Cols = rows, cols
	crop = spec.Convert[float64](crop)
	e.Matrix = crop
	return crop
}

// Tokens draws n tokens of d channels whose typical distance is between 2⁻³
// and 2³, most often about 1.
func (c *Case) Tokens(name string, n, d int) spec.Matrix[float64] {
	lo := -int(math.Round(math.Log2(float64(d)) / 2))
	return c.Matrix(name, n, d, Tokens, lo-2, lo+1)
}

// Weights draws a d×p matrix of weights: normal of spectral norm about 1, the
// identity (as a one-hot matrix), rank-deficient or coarse.
func (c *Case) Weights(name string, d, p int) spec.Matrix[float64] {
	lo := -int(math.Round(math.Log2(float64(max(d, p))) / 2))
	return c.Matrix(name, d, p, []Kind{OneHot, Normal, Coarse, Uniform, Collinear}, lo-1, lo+1)
}
