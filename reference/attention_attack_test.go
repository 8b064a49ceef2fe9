package reference_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// kernel32 is one way of computing a single query in float32.
type kernel32 struct {
	name    string
	profile spec.Profile
	// block is the number of keys of one step of an online softmax, 0 for two
	// passes. backwards adds from the last to the first, pairs by halves.
	block                                int
	backwards, pairs                     bool
	queryFirst, bothSides, exp2, weights bool // scale on q, √scale on q and k, 2^x, division before values
	reciprocal                           bool
}

var kernels32 = []kernel32{
	{name: "two passes"},
	{name: "backwards", backwards: true},
	{name: "by halves", pairs: true},
	{name: "scale first", queryFirst: true},
	{name: "scale on both sides", bothSides: true, profile: spec.Profile{ScaleRoundings: 6}},
	{name: "divided weights", weights: true},
	{name: "base 2", exp2: true, profile: spec.Profile{Exp2: true}},
	{name: "online by 1", block: 1, profile: spec.Profile{KeyBlock: 1}},
	{name: "online by 3", block: 3, profile: spec.Profile{KeyBlock: 3}},
	{name: "online by 1, reciprocal", block: 1, reciprocal: true, profile: spec.Profile{KeyBlock: 1}},
	{name: "declared chains", profile: spec.Profile{QueryKeyChain: 16, KeyChain: 16}},
}

func (f kernel32) sum(t []float32) float32 {
	switch {
	case f.pairs && len(t) > 1:
		return f.sum(t[:len(t)/2]) + f.sum(t[len(t)/2:])
	case f.backwards:
		var s float32
		for i := len(t) - 1; i >= 0; i-- {
			s += t[i]
		}
		return s
	}
	var s float32
	for _, x := range t {
		s += x
	}
	return s
}

// exp is off by up to 3u as the bits of its argument decide, and then rounded.
func (f kernel32) exp(x float32) float32 {
	y := math.Exp(float64(x))
	if f.exp2 {
		y = math.Exp2(float64(x))
	}
	if x != 0 {
		y *= 1 + 0x1p-24*float64(int(math.Float32bits(x)*2654435761>>29)-4)*0.75
	}
	return float32(y)
}

// attend computes one query over keys and values of one channel.
func (f kernel32) attend(q []float32, k [][]float32, v []float32, scale float64) float32 {
	s, root := float32(scale), float32(math.Sqrt(scale))
	x := make([]float32, len(k))
	for j := range k {
		t := make([]float32, len(q))
		for c := range q {
			switch {
			case f.queryFirst:
				t[c] = float32(q[c]*s) * k[j][c]
			case f.bothSides:
				t[c] = float32(q[c]*root) * float32(k[j][c]*root)
			default:
				t[c] = q[c] * k[j][c]
			}
		}
		x[j] = f.sum(t)
		if !f.queryFirst && !f.bothSides {
			x[j] *= s
		}
		if f.exp2 {
			x[j] = float32(x[j] * float32(math.Log2E))
		}
	}
	block := f.block
	if block == 0 {
		block = len(k)
	}
	var num, den float32
	top := float32(math.Inf(-1))
	for j0 := 0; j0 < len(k); j0 += block {
		j1, old := min(j0+block, len(k)), top
		for _, e := range x[j0:j1] {
			top = max(top, e)
		}
		if j0 > 0 && top != old {
			r := f.exp(old - top)
			num *= r
			den *= r
		}
		p, t := make([]float32, j1-j0), make([]float32, j1-j0)
		for l := range p {
			p[l] = f.exp(x[j0+l] - top)
		}
		if f.weights {
			z := f.sum(p)
			for l := range p {
				p[l] /= z
			}
		}
		for l := range p {
			t[l] = p[l] * v[j0+l]
		}
		num += f.sum(t)
		den += f.sum(p)
	}
	switch {
	case f.weights:
		return num
	case f.reciprocal:
		return num * float32(1/den)
	}
	return num / den
}

// sceneMakers draw inputs that are hard in different ways.
var sceneMakers = map[string]func(r *rand.Rand, j, c int) (q, k, v float64){
	"normal": func(r *rand.Rand, _, _ int) (q, k, v float64) {
		return r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
	},
	"large":      func(r *rand.Rand, _, _ int) (q, k, v float64) { return 8 * r.NormFloat64(), 8 * r.NormFloat64(), 1 },
	"increasing": func(r *rand.Rand, j, _ int) (q, k, v float64) { return 1, float64(j) + r.Float64()/8, r.NormFloat64() },
	"decreasing": func(r *rand.Rand, j, _ int) (q, k, v float64) { return 1, -float64(j) * r.Float64(), r.NormFloat64() },
	"cancelling": func(r *rand.Rand, _, c int) (q, k, v float64) {
		return 100 * float64(1-2*(c%2)), 100 + r.NormFloat64(), 1 + r.NormFloat64()/100
	},
	"offset":    func(r *rand.Rand, _, _ int) (q, k, v float64) { return 20, 100 + r.NormFloat64()/50, r.NormFloat64() },
	"same sign": func(r *rand.Rand, _, _ int) (q, k, v float64) { return r.Float64(), r.Float64(), r.Float64() },
	"decades": func(r *rand.Rand, _, _ int) (q, k, v float64) {
		return r.NormFloat64(), r.NormFloat64(), math.Pow(10, 40*r.Float64()-20)
	},
	"tiny values": func(r *rand.Rand, _, _ int) (q, k, v float64) {
		return r.NormFloat64(), r.NormFloat64(), 0x1p-145 * r.NormFloat64()
	},
	"constant": func(r *rand.Rand, _, _ int) (q, k, v float64) { return r.NormFloat64(), r.NormFloat64(), 1000 },
	"opposite": func(r *rand.Rand, j, _ int) (q, k, v float64) {
		return r.NormFloat64() / 100, r.NormFloat64(), 1e4 * float64(1-2*(j%2))
	},
	"tiny keys": func(r *rand.Rand, _, _ int) (q, k, v float64) {
		return 0x1p-70 * r.NormFloat64(), 0x1p-75 * r.NormFloat64(), r.NormFloat64()
	},
	"underflow": func(r *rand.Rand, j, _ int) (q, k, v float64) {
		return 1, -float64(j) * 20 * r.Float64(), math.Pow(10, 20*r.Float64())
	},
}

// TestAttentionBoundUnderAttack changes single bits of the inputs so that the
// error comes as near to the bound as it can, for each way of computing and each
// kind of input: it must never get beyond.
func TestAttentionBoundUnderAttack(t *testing.T) {
	const steps = 60
	for _, name := range slices.Sorted(maps.Keys(sceneMakers)) {
		r, draw := rand.New(rand.NewPCG(5, 6)), sceneMakers[name]
		worst := 0.0
		for _, f := range kernels32 {
			for range 4 {
				n, d := 1+r.IntN(16), 1+r.IntN(16)
				q, k, v := make([]float32, d), make([][]float32, n), make([]float32, n)
				for j := range k {
					k[j] = make([]float32, d)
					for c := range q {
						a, b, e := draw(r, j, c)
						q[c], k[j][c], v[j] = float32(a), float32(b), float32(e)
					}
				}
				best := 0.0
				for range steps {
					x := &v[r.IntN(n)]
					switch r.IntN(3) {
					case 0:
						x = &q[r.IntN(d)]
					case 1:
						x = &k[r.IntN(n)][r.IntN(d)]
					}
					old := *x
					*x = math.Float32frombits(math.Float32bits(old) ^ 1<<r.IntN(24))
					ratio, ok := errorRatio(f, q, k, v, spec.DefaultScale(d))
					if !ok || ratio < best {
						*x = old
						continue
					}
					best = ratio
				}
				if !(best <= 1) {
					t.Errorf("%s, %s: err/bound %v at q=%v k=%v v=%v", name, f.name, best, q, k, v)
				}
				worst = max(worst, best)
			}
		}
		t.Logf("%-12s err/bound up to %.3f", name, worst)
	}
}

// widened returns the operands in float64.
func widened(q []float32, k [][]float32, v []float32) (qs, ks, vs spec.Tensor[float64]) {
	qs, ks, vs = spec.NewTensor[float64](1, 1, 1, len(q)), spec.NewTensor[float64](1, 1, len(k), len(q)), spec.NewTensor[float64](1, 1, len(k), 1)
	for c, x := range q {
		qs.Data[c] = float64(x)
	}
	for j := range k {
		vs.Data[j] = float64(v[j])
		for c, x := range k[j] {
			ks.Set(0, 0, j, c, float64(x))
		}
	}
	return qs, ks, vs
}

// errorRatio returns err/bound of one kernel, and whether there is a bound.
func errorRatio(f kernel32, q []float32, k [][]float32, v []float32, scale float64) (float64, bool) {
	qs, ks, vs := widened(q, k, v)
	opt := &spec.AttentionOptions{Scale: scale}
	bound, ok := reference.AttentionBound(qs, ks, vs, opt, f.profile, reference.RoundingOf[float32](), reference.InputError{})
	if !ok {
		return 0, false
	}
	want := spec.NewTensor[float64](1, 1, 1, 1)
	reference.Attention(want, qs, ks, vs, opt)
	return math.Abs(float64(f.attend(q, k, v, scale))-want.Data[0]) / bound.Data[0], true
}
