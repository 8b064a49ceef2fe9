package props

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// sceneOf returns a scene of two batches and two key heads of two query heads
// each, three queries and four keys, whose numbers are all different.
func sceneOf(opt spec.AttentionOptions) attentionScene[float64] {
	like := func(heads, n, d int, from float64) tensor {
		k := from
		return tensorLike([4]int{2, heads, n, d}, func(b, h, i, c int) float64 { k++; return k })
	}
	opt.Scale = 1
	return attentionScene[float64]{q: like(4, 3, 2, 0), k: like(2, 4, 2, 100), v: like(2, 4, 1, 200), opt: opt, layout: headsFirst}
}

// lower is a mask by which query i sees the keys before key i.
func lower(m, n int) *spec.Mask { return newMask(m, n, func(i, j int) bool { return j < i }) }

// TestSceneSees counts the keys that a query sees and says which keys are seen.
func TestSceneSees(t *testing.T) {
	s := sceneOf(spec.AttentionOptions{Mask: lower(3, 4)})
	for i := range 3 {
		if got := s.visible(1, 3, i); got != i {
			t.Errorf("query %d sees %d keys", i, got)
		}
	}
	for j := range 4 {
		if got := s.seen(1, 1, j); got != (j < 2) {
			t.Errorf("key %d is seen: %v", j, got)
		}
	}
	// A mask of the second key head's queries alone.
	s.opt.Mask = &spec.Mask{Queries: 3, Keys: 4, HeadStride: 12, Stride: 4, Data: make([]bool, 4*3*4)}
	s.opt.Mask.Data[(3*3+2)*4+1] = true
	for g := range 2 {
		if got := s.seen(0, g, 1); got != (g == 1) {
			t.Errorf("key 1 of head %d is seen: %v", g, got)
		}
	}
	if got := s.shapeOut(); got != [4]int{2, 4, 3, 1} {
		t.Errorf("the output's shape is %v", got)
	}
}

// TestSceneSpread requires the largest distance of two visible logits of a row.
func TestSceneSpread(t *testing.T) {
	s := attentionScene[float64]{opt: spec.AttentionOptions{Scale: 1},
		q: tensorLike([4]int{1, 1, 2, 1}, func(_, _, i, _ int) float64 { return float64(1 + i) }),
		k: tensorLike([4]int{1, 1, 3, 1}, func(_, _, j, _ int) float64 { return []float64{-2, 5, 9}[j] })}
	if got := s.spread(); got != 2*11 {
		t.Errorf("spread %v, want 22", got)
	}
	s.opt.Mask = newMask(2, 3, func(i, j int) bool { return i == 0 || j != 2 })
	if got := s.spread(); got != 2*7 {
		t.Errorf("spread %v, want 14", got)
	}
	s.opt.Mask = newMask(2, 3, func(i, j int) bool { return j == 0 })
	if got := s.spread(); got != 0 {
		t.Errorf("spread of one key %v", got)
	}
}

// TestSceneTelling requires an output that is neither zero, nor the mean of what
// its query sees, nor the first value, nor what comes out without the last key, by
// more than 8 bounds.
func TestSceneTelling(t *testing.T) {
	values := []float64{1, 2, 6}
	one := func(x float64) tensor {
		return tensorLike([4]int{1, 1, 1, 1}, func(_, _, _, _ int) float64 { return x })
	}
	for _, c := range []struct {
		name        string
		sees        func(j int) bool
		want, bound float64
		tells       bool
	}{
		{"the mean", func(int) bool { return true }, 3, 0.01, false},
		{"near the mean", func(int) bool { return true }, 3.5, 0.0625, false},
		{"far from it", func(int) bool { return true }, 3.5, 0.06, true},
		{"the mean of what is seen", func(j int) bool { return j < 2 }, 1.5, 0.01, false},
		{"the mean of all, where not all is seen", func(j int) bool { return j < 2 }, 3, 0.01, true},
		{"near zero", func(int) bool { return true }, -0.5, 0.0625, false},
		{"not near zero", func(int) bool { return true }, -0.5, 0.06, true},
		{"the first value", func(int) bool { return true }, 1, 0.01, false},
		{"the mean without the last key", func(int) bool { return true }, 1.5, 0.01, false},
		{"the mean without the last key that is seen", func(j int) bool { return j > 0 }, 2, 0.01, false},
		{"the only key, the first", func(j int) bool { return j == 0 }, 1, 0.01, false},
		{"the only key", func(j int) bool { return j == 1 }, 2, 0.01, true},
		{"the only key, the mean of all", func(j int) bool { return j == 1 }, 3, 0.01, false},
	} {
		s := attentionScene[float64]{opt: spec.AttentionOptions{Scale: 1, Mask: newMask(1, 3, func(_, j int) bool { return c.sees(j) })},
			q: one(0), k: tensorLike([4]int{1, 1, 3, 1}, func(_, _, _, _ int) float64 { return 0 }),
			v: tensorLike([4]int{1, 1, 3, 1}, func(_, _, j, _ int) float64 { return values[j] })}
		if got := s.telling(one(c.want), one(c.bound)); got != c.tells {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestScenePart requires parts of a scene to show a query the same keys.
func TestScenePart(t *testing.T) {
	bias := &spec.Bias{Queries: 3, Keys: 4, HeadStride: 12, Stride: 4, Data: make([]float32, 4*3*4)}
	for k := range bias.Data {
		bias.Data[k] = float32(k)
	}
	for name, opt := range map[string]spec.AttentionOptions{
		"plain":  {},
		"masked": {Mask: lower(3, 4)},
		"causal": {Causal: true, Offset: 1},
		"both":   {Mask: lower(3, 4), Causal: true, Offset: -1},
		"biased": {Bias: bias, Causal: true},
	} {
		s := sceneOf(opt)
		places := []int{3, 1, 0, 1}
		keys := s.withKeys(places)
		queries := s.withQueries(1, 3)
		for h := range 4 {
			for i := range 3 {
				for j, from := range places {
					if keys.opt.Allowed(1, h, i, j) != s.opt.Allowed(1, h, i, from) {
						t.Errorf("%s: query %d sees key %d in place of %d: %v", name, i, j, from, keys.opt.Allowed(1, h, i, j))
					}
					if s.opt.Bias != nil && keys.opt.BiasAt(1, h, i, j) != s.opt.BiasAt(1, h, i, from) {
						t.Errorf("%s: query %d has the bias %v for key %d in place of %d", name, i, keys.opt.BiasAt(1, h, i, j), j, from)
					}
					if i > 0 && s.opt.Bias == nil && queries.opt.Allowed(1, h, i-1, j) != s.opt.Allowed(1, h, i, j) {
						t.Errorf("%s: query %d alone sees key %d: %v", name, i, j, queries.opt.Allowed(1, h, i-1, j))
					}
				}
			}
		}
		if keys.k.At(1, 1, 0, 1) != s.k.At(1, 1, 3, 1) || keys.v.At(0, 1, 2, 0) != s.v.At(0, 1, 0, 0) || queries.q.At(1, 2, 0, 1) != s.q.At(1, 2, 1, 1) {
			t.Errorf("%s: the operands are not those of the part", name)
		}
	}
}

// TestLentOptions requires copies that hold the same, and a change of any word
// behind them to be noticed.
func TestLentOptions(t *testing.T) {
	nan := float32(math.NaN())
	opt := spec.AttentionOptions{Mask: lower(3, 4), Keep: lower(3, 4), Bias: &spec.Bias{Queries: 1, Keys: 2, Stride: 2, Data: []float32{nan, 1}},
		Sinks: []float32{1, nan}, Slopes: []float32{0.5}, KeyLengths: []int{3, 4}, Offsets: []int{0, 1}, Window: &spec.Window{Left: 1},
		Sequences: &spec.Sequences{Queries: []int{0, 3}, Keys: []int{0, 4}}}
	for name, change := range map[string]func(lent *spec.AttentionOptions){
		"":                   func(*spec.AttentionOptions) {},
		"mask":               func(l *spec.AttentionOptions) { l.Mask.Data[4] = !l.Mask.Data[4] },
		"keep mask":          func(l *spec.AttentionOptions) { l.Keep.Data[0] = !l.Keep.Data[0] },
		"bias":               func(l *spec.AttentionOptions) { l.Bias.Data[0] = 0 },
		"sinks":              func(l *spec.AttentionOptions) { l.Sinks[0] = nan },
		"slopes":             func(l *spec.AttentionOptions) { l.Slopes[0] = 0.25 },
		"key lengths":        func(l *spec.AttentionOptions) { l.KeyLengths[1] = 3 },
		"offsets":            func(l *spec.AttentionOptions) { l.Offsets[0] = 1 },
		"cumulative queries": func(l *spec.AttentionOptions) { l.Sequences.Queries[1] = 2 },
		"cumulative keys":    func(l *spec.AttentionOptions) { l.Sequences.Keys[0] = 1 },
	} {
		tr := plainTrial()
		lent := attentionScene[float64]{q: spec.NewTensor[float64](1, 1, 3, 1), opt: opt}.lend(tr)
		if lent.Window == opt.Window || *lent.Window != *opt.Window || !slices.Equal(lent.KeyLengths, opt.KeyLengths) || !slices.Equal(lent.Mask.Data, opt.Mask.Data[:2*lower(3, 4).Stride+4]) {
			t.Errorf("lent %+v", lent)
		}
		change(&lent)
		var said []string
		for _, g := range tr.guards {
			if s := g(); s != "" {
				said = append(said, s)
			}
		}
		if want := "input " + name + " was changed, "; name == "" && said != nil || name != "" && (len(said) != 1 || !strings.HasPrefix(said[0], want)) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// TestDrawnScenes requires what is drawn to lie within the sizes that are asked
// for, and to reach their ends.
func TestDrawnScenes(t *testing.T) {
	l := attentionSizes{batch: 2, leastKeys: 2, leastQueries: 2, group: 2, queries: 3, keys: 4, channels: 2, qkLo: -1, qkHi: 1, queryKeys: exactKinds, values: exactKinds}
	seen := map[string]bool{}
	for k := range uint64(1500) {
		l.noMask, l.noCausal, l.zeroScale = k%2 == 0, k%3 == 0, k%5 == 0
		var s attentionScene[float64]
		record := gen.Example(k, nil, func(c *gen.Case) { s = drawAttention[float64](&Trial{Case: c}, l) })
		if q, key, v := s.q.Shape, s.k.Shape, s.v.Shape; q[0] != 2 || q[1] < 2*key[1] || q[2] < 2 || q[2] > 3 || key[2] < 2 || key[2] > 4 || q[3] != key[3] || v[2] != key[2] || v[3] > 2 {
			t.Fatalf("shapes %v, %v, %v", q, key, v)
		}
		if l.noMask && s.opt.Mask != nil || l.noCausal && s.opt.Causal || !l.zeroScale && s.opt.Scale == 0 {
			t.Fatalf("%+v, though it was not to be", s.opt)
		}
		if !l.noMask && !l.noCausal {
			seen[fmt.Sprint("masked ", s.opt.Mask != nil)], seen[fmt.Sprint("causal ", s.opt.Causal)] = true, true
		}
		for _, e := range record {
			if e.Type == gen.TypeFill {
				seen[fmt.Sprint(e.Name, e.Fill.Exponent)] = true
			}
		}
		if s.opt.Causal {
			seen[fmt.Sprint("offset ", s.opt.Offset)] = true
		}
		seen[fmt.Sprint("zero scale ", s.opt.Scale == 0)] = true
	}
	for _, want := range []string{"masked true", "masked false", "causal true", "causal false", "zero scale true", "Q-1", "Q0", "Q1", "K-1", "K1", "V-2", "V2", "offset -2", "offset 12"} {
		if !seen[want] {
			t.Errorf("%s is never drawn", want)
		}
	}
	for _, never := range []string{"Q-2", "Q2", "V-3", "V3", "offset -3", "offset 13"} {
		if seen[never] {
			t.Errorf("%s is drawn", never)
		}
	}
}

// TestDrawnMask requires query i to see key j where M is positive, and what is
// in the gap to say true.
func TestDrawnMask(t *testing.T) {
	given := gen.Record{{Name: "M", Value: gen.Explicit(spec.MatrixOf([]float64{1, 0, -1}, []float64{0, 0.25, 2}))}}
	var mask *spec.Mask
	gen.Replay(given, func(c *gen.Case) { mask = drawMask(&Trial{Case: c}, 2, 3) })
	if want := []bool{true, false, false, true, true, true, false, true, true, true, true, true}; !slices.Equal(mask.Data, want) {
		t.Errorf("mask %v, want %v", mask.Data, want)
	}
	masked := 0
	for k := range uint64(100) {
		gen.Example(k, nil, func(c *gen.Case) {
			s := drawSingle[float64](&Trial{Case: c}, 3, exactKinds, exactKinds)
			if chosen := c.Word("masks", "none", "drawn") == "drawn"; chosen != (s.opt.Mask != nil) {
				t.Fatalf("drawn: %v, mask %v", chosen, s.opt.Mask)
			} else if chosen {
				masked++
			}
		})
	}
	if masked == 0 || masked == 100 {
		t.Errorf("%d of 100 are masked", masked)
	}
}

// TestSuspectOutputs requires outputs twelve standard deviations off to be suspect
// and those eight off not to be, however large they are.
func TestSuspectOutputs(t *testing.T) {
	for _, size := range []float64{0x1p-40, 1, 0x1p20} {
		one := func(x ...float64) tensor {
			return tensorLike([4]int{1, 1, len(x), 1}, func(_, _, i, _ int) float64 { return x[i] })
		}
		s := attentionScene[float32]{q: one(1, 2, 0.5), k: one(0, 1, -1), v: one(size, 3*size, -2*size), opt: spec.AttentionOptions{Scale: 1}}
		want := s.want(&Trial{Oracle: reference.Implementation()})
		sigma := reference.AttentionDeviation(s.q, s.k, s.v, &s.opt, spec.Profile{}, reference.RoundingOf[float32]())
		for off, suspects := range map[float64]int{8: 0, 12: 3} {
			got := tensorLike(want.Shape, func(b, h, i, c int) float64 { return want.At(b, h, i, c) - off*sigma.At(b, h, i, c) })
			tr := tryOnce(func(t *Trial) {
				s.nearWant(t, &spec.Implementation[float32]{}, got, want, mapTensor(want, func(float64) float64 { return math.Inf(1) }))
			})
			if tr.judged != 3 || tr.suspects != suspects || tr.failure != nil {
				t.Errorf("outputs near %v, %v standard deviations off: %d of %d are suspect, %+v", size, off, tr.suspects, tr.judged, tr.failure)
			}
		}
	}
}
