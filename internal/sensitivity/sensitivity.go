// Package sensitivity measures how small a fault of attention a rule of
// comparison sees, and how many correct results it rejects: for this project's
// bound and for the fixed tolerances of other projects' tests, on the same cases.
package sensitivity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// A Fault is planted in one row of a correct result: that of the last query.
type Fault string

const (
	// FaultRow multiplies the row by 1+δ.
	FaultRow Fault = "row"
	// FaultWeight multiplies the largest weight of the row by 1+δ, and does not
	// normalise again.
	FaultWeight Fault = "weight"
)

// Faults lists them.
var Faults = []Fault{FaultRow, FaultWeight}

// perDecade is how many values of δ are tried between a power of ten and the
// next, from least to most.
const (
	perDecade   = 10
	least, most = 1e-9, 1e2
)

// Group is a set of cases of one sort.
type Group struct {
	Name  string `json:"group"`
	Cases int    `json:"cases"`
	Rows  []Row  `json:"rules"`
}

// Row is what became of one rule on the cases of a group.
type Row struct {
	Rule     string          `json:"rule"`
	Rejected int             `json:"correct_rejected"` // correct results that it rejects
	NoBound  int             `json:"no_bound"`         // cases that it cannot judge
	Seen     map[Fault]Range `json:"smallest_fault_seen"`
}

// Range says from which δ on a rule rejects a fault, over the cases whose
// correct result it accepts.
type Range struct {
	Cases  int     `json:"cases"`
	Unseen int     `json:"unseen"` // of these, in which no δ up to 100 was rejected
	Median float64 `json:"median"` // 0 when half the cases are unseen
	Least  float64 `json:"least"`
	Most   float64 `json:"most"` // of the cases in which some δ was
}

// Mixed measures on cases of all sorts: 1 to 64 keys, with and without a causal
// mask, values from 10⁻²⁰ to 10⁴, tokens in clusters, far from the origin, one-hot.
func Mixed(cases int, seed uint64) Group {
	return measure("mixed", cases, func(k int) *scene { return mixedCase(seed, k) })
}

// Growing measures on normally distributed operands with the given number of
// keys and 64 channels.
func Growing(keys, cases int, seed uint64) Group {
	name := fmt.Sprintf("normal, n = %d", keys)
	return measure(name, cases, func(k int) *scene {
		r := rand.New(rand.NewPCG(seed+uint64(keys), uint64(k)))
		return newScene(r, [4]int{2, keys, 64, 64}, [3]gen.Fill{{Kind: gen.Normal}, {Kind: gen.Normal}, {Kind: gen.Normal}}, false)
	})
}

// scene is a case: its operands, the correct result of the float32 kernel, and
// what rules compare it with.
type scene struct {
	q, k, v spec.Tensor[float64]
	opt     spec.AttentionOptions
	got     spec.Tensor[float32]
	want    spec.Tensor[float64]
	bound   spec.Tensor[float64] // for the way of rounding that the kernel declares
	bounded bool                 // there is a bound
	sigma   spec.Tensor[float64] // standard deviations
	weight  float64              // the largest of the last query
	value   []float64            // of the key that has it
}

var tokenKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Clustered, gen.Translated, gen.EqualNorm, gen.Heavy, gen.OneHot, gen.Coarse}

func mixedCase(seed uint64, number int) *scene {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	size := [4]int{1 + r.IntN(8), 1 + r.IntN(64), 1 + r.IntN(32), 1 + r.IntN(16)}
	kind := func() gen.Kind { return tokenKinds[r.IntN(len(tokenKinds))] }
	k := kind()
	return newScene(r, size, [3]gen.Fill{
		{Kind: k, Exponent: r.IntN(4) - 2},
		{Kind: k, Exponent: r.IntN(4) - 2},
		{Kind: kind(), Exponent: []int{-66, -4, 0, 0, 0, 13}[r.IntN(6)]},
	}, r.IntN(2) == 0)
}

// newScene fills a case of m queries, n keys, dHead and dValue channels.
func newScene(r *rand.Rand, size [4]int, fills [3]gen.Fill, causal bool) *scene {
	m, n, d, dv := size[0], size[1], size[2], size[3]
	fill := func(f gen.Fill, rows, cols int) spec.Tensor[float64] {
		f.Seed = uint16(r.Uint32())
		x := spec.NewTensor[float64](1, 1, rows, cols)
		copy(x.Data, f.Matrix(rows, cols).Data)
		return x
	}
	s := &scene{q: fill(fills[0], m, d), k: fill(fills[1], n, d), v: fill(fills[2], n, dv)}
	s.opt = spec.AttentionOptions{Scale: spec.DefaultScale(d), Causal: causal, Offset: max(0, n-m)}
	s.want, s.got = spec.NewTensor[float64](1, 1, m, dv), spec.NewTensor[float32](1, 1, m, dv)
	reference.Attention(s.want, s.q, s.k, s.v, &s.opt)
	transformer.Attend(s.got, narrow(s.q), narrow(s.k), narrow(s.v), &s.opt)
	s.bound, s.bounded = reference.AttentionBound(s.q, s.k, s.v, &s.opt, transformer.Implementation().Profile, reference.RoundingOf[float32](), reference.InputError{})
	s.sigma = reference.AttentionDeviation(s.q, s.k, s.v, &s.opt, transformer.Implementation().Profile, reference.RoundingOf[float32]())
	for j, a := range reference.AttentionWeights(s.q, s.k, &s.opt, 0, 0, m-1) {
		if a > s.weight {
			s.weight, s.value = a, s.v.Data[j*dv:(j+1)*dv]
		}
	}
	return s
}

// narrow returns x in float32, which holds it exactly.
func narrow(x spec.Tensor[float64]) spec.Tensor[float32] {
	out := spec.Tensor[float32]{Shape: x.Shape, Stride: x.Stride, Data: make([]float32, len(x.Data))}
	for k, e := range x.Data {
		out.Data[k] = float32(e)
	}
	return out
}

// faulty returns the result with a fault of relative size δ, rounded to float32.
func (s *scene) faulty(f Fault, delta float64) spec.Tensor[float32] {
	out := s.got
	out.Data = slices.Clone(out.Data)
	cols := out.Shape[3]
	row := out.Data[len(out.Data)-cols:]
	for c, x := range row {
		switch f {
		case FaultRow:
			row[c] = float32(float64(x) * (1 + delta))
		case FaultWeight:
			row[c] = float32(float64(x) + delta*s.weight*s.value[c])
		}
	}
	return out
}

// measure tries every rule on every case.
func measure(name string, cases int, draw func(k int) *scene) Group {
	g := Group{Name: name, Cases: cases}
	seen := make([]map[Fault][]float64, len(Rules))
	for k := range Rules {
		g.Rows = append(g.Rows, Row{Rule: Rules[k].Name})
		seen[k] = map[Fault][]float64{}
	}
	for c := range cases {
		s := draw(c)
		for k, rule := range Rules {
			if !rule.judges(s) {
				g.Rows[k].NoBound++
				continue
			}
			if rule.rejects(s, s.got) {
				g.Rows[k].Rejected++
				continue
			}
			for _, f := range Faults {
				seen[k][f] = append(seen[k][f], smallest(s, rule, f))
			}
		}
	}
	for k := range Rules {
		g.Rows[k].Seen = map[Fault]Range{}
		for _, f := range Faults {
			g.Rows[k].Seen[f] = summary(seen[k][f])
		}
	}
	return g
}

// smallest returns the least δ that is tried from which on the rule rejects the
// fault, +Inf when it accepts the largest.
func smallest(s *scene, rule Rule, f Fault) float64 {
	steps := int(math.Round(math.Log10(most/least) * perDecade))
	from := math.Inf(1)
	for k := steps; k >= 0; k-- {
		delta := least * math.Pow(10, float64(k)/perDecade)
		if !rule.rejects(s, s.faulty(f, delta)) {
			break
		}
		from = delta
	}
	return from
}

func summary(x []float64) Range {
	r := Range{Cases: len(x)}
	slices.Sort(x)
	for len(x) > 0 && math.IsInf(x[len(x)-1], 1) {
		x, r.Unseen = x[:len(x)-1], r.Unseen+1
	}
	if len(x) > 0 {
		r.Least, r.Most = x[0], x[len(x)-1]
		if m := r.Cases / 2; m < len(x) {
			r.Median = x[m]
		}
	}
	return r
}
