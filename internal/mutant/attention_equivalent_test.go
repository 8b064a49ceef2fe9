package mutant

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// variant is a correct attention that rounds in its own way.
type variant struct {
	name      string
	profile   spec.Profile
	block     int     // keys between rescalings; 0: two passes
	backwards bool    // keys from the last to the first
	lanes     int     // accumulators of a dot product
	divided   bool    // weights are divided before they meet values
	bothSides bool    // √Scale on q and k
	first     bool    // Scale on q
	exp2      bool    // 2^(x·log₂e)
	shift     float64 // added to all logits of a row
	absolute  bool    // slopes count from key 0, not from the query
}

var variants = []variant{
	{name: "two passes"},
	{name: "blocks of 1", block: 1, profile: spec.Profile{KeyBlock: 1}},
	{name: "blocks of 3", block: 3, profile: spec.Profile{KeyBlock: 3}},
	{name: "blocks of 16", block: 16, profile: spec.Profile{KeyBlock: 16}},
	{name: "blocks of 3, any block declared", block: 3, profile: spec.Profile{KeyBlock: 1}},
	{name: "backwards", backwards: true},
	{name: "four lanes", lanes: 4},
	{name: "eight lanes, backwards, blocks of 5", lanes: 8, backwards: true, block: 5, profile: spec.Profile{KeyBlock: 5}},
	{name: "weights divided first", divided: true},
	{name: "root of scale on both sides", bothSides: true, profile: spec.Profile{ScaleRoundings: 6}},
	{name: "scale on the queries", first: true},
	{name: "base 2", exp2: true, profile: spec.Profile{Exp2: true}},
	// x+8 is rounded by up to u|x| + 8u: the one as x·log₂e is, the other beside ε.
	{name: "logits shifted by 8", shift: 8, profile: spec.Profile{Exp2: true, Exp: 0x1p-20}},
	// slope·j and its sum are rounded by up to 4u·|slope·position| < 2¹⁰u more.
	{name: "slopes from key 0", absolute: true, profile: spec.Profile{Exp: 0x1p-13}},
}

// TestEquivalent requires that no claim rejects a correct attention, in
// whatever order and form it computes. ATTEST_CASES sets the cases a claim, a
// third of them in float64.
func TestEquivalent(t *testing.T) {
	opt, err := props.OptionsFromEnv(props.Options{Cases: 24, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		opt.Cases = 6
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			im32, oracle := suite.Float32()
			cases := equivalent(t, v, im32, oracle, opt)
			im, oracle := suite.Reference()
			slow := opt // as the judge of float64 is
			slow.Cases = max(1, opt.Cases/3)
			t.Logf("%d cases in float32, %d in float64", cases, equivalent(t, v, im, oracle, slow))
		})
	}
}

// equivalent returns the number of cases tried.
func equivalent[T spec.Float](t *testing.T, v variant, im *spec.Implementation[T], oracle *spec.Implementation[float64], opt props.Options) (cases int) {
	im.Profile = v.profile
	im.Attention = spec.AttentionFunc[T](func(dst, q, k, x spec.Tensor[T], opt *spec.AttentionOptions) {
		spec.CheckAttention(dst, q, k, x, opt)
		eachQuery(q.Shape, func(b, h, i int) { attendVariant(v, dst, q, k, x, opt, b, h, i) })
	})
	if v.shift == 0 && !v.absolute { // what these add to the logits would be in the log-sum-exp
		im.AttentionLSE = func(dst, lse, q, k, x spec.Tensor[T], opt *spec.AttentionOptions) {
			spec.CheckAttentionLSE(dst, lse, q, k, x, opt)
			eachQuery(q.Shape, func(b, h, i int) { lse.Set(b, h, i, 0, attendVariant(v, dst, q, k, x, opt, b, h, i)) })
		}
	}
	for _, p := range props.Properties[T]() {
		if c, err := spec.ClaimByID(p.Claim); err != nil || !strings.HasPrefix(string(p.Claim), "ATT") || c.Kind == spec.Refuted {
			continue
		}
		r := props.Run(p, im, oracle, opt)
		cases += r.Cases
		if !r.Verdict.OK() && r.Verdict != props.Vacuous {
			t.Error(r.Message())
		}
		if r.Suspects > 0 {
			t.Log(r.Claim.ID, r.SuspectSummary())
		}
	}
	return cases
}

// attendVariant computes query (b, h, i), and returns its log-sum-exp.
func attendVariant[T spec.Float](f variant, dst, q, k, v spec.Tensor[T], opt *spec.AttentionOptions, b, h, i int) (lse T) {
	g := spec.KeyHead(h, q.Shape[1], max(1, k.Shape[1]))
	exp := func(x T) T {
		if f.exp2 {
			return T(math.Exp2(float64(x)))
		}
		return T(math.Exp(float64(x)))
	}
	var keys []int
	for j := range k.Shape[2] {
		if opt.Allowed(b, h, i, j) {
			keys = append(keys, j)
		}
	}
	if f.backwards {
		for l, r := 0, len(keys)-1; l < r; l, r = l+1, r-1 {
			keys[l], keys[r] = keys[r], keys[l]
		}
	}
	x := make([]T, len(keys))
	for l, j := range keys {
		lanes := make([]T, max(1, f.lanes))
		for c := range q.Shape[3] {
			y, z := q.At(b, h, i, c), k.At(b, g, j, c)
			switch {
			case f.bothSides:
				root := math.Sqrt(math.Abs(opt.Scale))
				y, z = y*T(math.Copysign(root, opt.Scale)), z*T(root)
			case f.first:
				y *= T(opt.Scale)
			}
			lanes[c%len(lanes)] += y * z
		}
		for _, s := range lanes {
			x[l] += s
		}
		if !f.bothSides && !f.first {
			x[l] *= T(opt.Scale)
		}
		if c := opt.Softcap; c != 0 {
			x[l] = T(c) * T(math.Tanh(float64(x[l]/T(c))))
		}
		if opt.Slopes != nil {
			distance := opt.Distance(b, i, j)
			if f.absolute {
				distance = float64(j)
			}
			x[l] += T(opt.Slopes[h]) * T(distance)
		}
		x[l] += T(opt.BiasAt(b, h, i, j))
		if f.exp2 {
			x[l] *= T(math.Log2E)
		}
		x[l] += T(f.shift)
	}
	sum := make([]T, v.Shape[3])
	var den T
	top, block := T(math.Inf(-1)), f.block
	if block == 0 {
		block = max(1, len(keys))
	}
	for j0 := 0; j0 < len(keys); j0 += block {
		j1, old := min(j0+block, len(keys)), top
		for _, e := range x[j0:j1] {
			top = max(top, e)
		}
		if j0 > 0 && top != old {
			r := exp(old - top)
			den *= r
			for c := range sum {
				sum[c] *= r
			}
		}
		for l := j0; l < j1; l++ {
			x[l] = exp(x[l] - top)
			den += x[l]
		}
		for l := j0; l < j1; l++ {
			p := x[l]
			if f.divided {
				p /= den
			}
			for c := range sum {
				sum[c] += p * T(opt.KeepFactor(b, h, i, keys[l])) * v.At(b, g, keys[l], c)
			}
		}
	}
	if sink := opt.SinkAt(h); !math.IsInf(sink, -1) && len(keys) > 0 {
		y := T(sink)
		if f.exp2 {
			y *= T(math.Log2E)
		}
		y += T(f.shift)
		if f.absolute && opt.Slopes != nil { // what all logits of the row have more
			y += T(opt.Slopes[h]) * T(opt.Position(b, i))
		}
		r, old := T(1), den
		if y > top {
			r, top = exp(top-y), y
		}
		den = den*r + exp(y-top)
		for c := range sum {
			sum[c] *= r
			if f.divided { // the weights were divided without the sink
				sum[c] *= old / den
			}
		}
	}
	for c, s := range sum {
		if len(keys) > 0 && !f.divided {
			s /= den
		}
		dst.Set(b, h, i, c, s)
	}
	sink := T(opt.SinkAt(h))
	switch {
	case len(keys) == 0:
		return sink
	case f.exp2:
		return (top + T(math.Log2(float64(den)))) * T(math.Ln2)
	}
	return top + T(math.Log(float64(den)))
}
