package props

import (
	"fmt"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// drawOptions draws each of the options that can declares and s has not: which
// keys count, and what becomes of their logits and weights. They are drawn beside
// one another, for kernels that heed an option only where another is absent.
func (s *attentionScene[T]) drawOptions(t *Trial, can spec.AttentionAbilities) {
	if s.q.Shape[0] == 1 && s.opt.KeyLengths == nil && s.opt.Offsets == nil && can.Sequences && s.opt.Sequences == nil && t.Bool("packed") {
		s.opt.Sequences = drawTwoSequences(t, s.q.Shape[2], s.k.Shape[2])
	}
	if can.Broadcast && t.Bool("masked by axes") {
		s.opt.Mask = s.drawFlags(t, can, "mask", -0.25)
	}
	s.drawRanges(t, can)
	s.drawTerms(t, can)
}

// drawTwoSequences draws where m queries and n keys are divided into two sequences.
func drawTwoSequences(t *Trial, m, n int) *spec.Sequences {
	return &spec.Sequences{
		Queries: []int{0, t.Int("first queries", 0, 132) % (m + 1), m},
		Keys:    []int{0, t.Int("first keys", 0, 330) % (n + 1), n},
	}
}

// drawRanges draws a window, and lengths and offsets of the batches or packed
// sequences.
func (s *attentionScene[T]) drawRanges(t *Trial, can spec.AttentionAbilities) {
	queries, keys := s.tokensOfEach()
	if can.Window && s.opt.Window == nil && t.Bool("with window") {
		n := s.k.Shape[2]
		s.opt.Window = &spec.Window{Left: drawReach(t, "left", -1, n), Right: drawReach(t, "right", -1, n)}
	}
	if can.KeyLengths && s.opt.KeyLengths == nil && t.Bool("with lengths") {
		for p, n := range keys {
			s.opt.KeyLengths = append(s.opt.KeyLengths, n-t.Size(fmt.Sprint("keys beyond length of part ", p), 0, n))
		}
	}
	if can.Offsets && s.opt.Offsets == nil && t.Bool("with offsets") {
		bottomRight := t.Bool("bottom right")
		for p, m := range queries {
			offset := drawFirst(t, fmt.Sprint("offset of part ", p), m, keys[p])
			if bottomRight {
				n := keys[p]
				if s.opt.KeyLengths != nil {
					n = s.opt.KeyLengths[p]
				}
				offset = spec.BottomRight(m, n)
			}
			s.opt.Offsets = append(s.opt.Offsets, offset)
		}
	}
}

// tokensOfEach returns how many queries and keys each batch, or packed sequence, has.
func (s attentionScene[T]) tokensOfEach() (queries, keys []int) {
	if packed := s.opt.Sequences; packed != nil {
		for n := range packed.Count() {
			queries, keys = append(queries, packed.Queries[n+1]-packed.Queries[n]), append(keys, packed.Keys[n+1]-packed.Keys[n])
		}
		return queries, keys
	}
	for range s.q.Shape[0] {
		queries, keys = append(queries, s.q.Shape[2]), append(keys, s.k.Shape[2])
	}
	return queries, keys
}

// drawFirst draws the offset of m queries among n keys: of many queries, such
// that the last ones see few keys.
func drawFirst(t *Trial, name string, m, n int) int {
	if m > 48 {
		return drawReach(t, name, -m, n)
	}
	return drawReach(t, name, -3, n)
}

// drawReach draws an integer, of many keys most often one beyond 61.
func drawReach(t *Trial, name string, least, n int) int {
	if n > 65 && t.Int(name+" far", 0, 3) > 0 {
		return t.Size(name, 62, n)
	}
	return t.Size(name, least, max(12, n))
}

// drawTerms draws bias, softcap, sinks, slopes and kept weights.
func (s *attentionScene[T]) drawTerms(t *Trial, can spec.AttentionAbilities) {
	if can.Bias && s.opt.Bias == nil && t.Bool("biased") {
		axes, keys := s.drawAxes(t, can, "bias")
		s.opt.Bias = s.drawBias(t, axes, keys, exactKinds, -1, 2)
	}
	if can.Softcap && s.opt.Softcap == 0 && t.Bool("capped") {
		s.opt.Softcap = t.Power("softcap", -2, 4)
	}
	if can.Sinks && s.opt.Sinks == nil && t.Bool("with sinks") {
		s.opt.Sinks = s.drawSinks(t)
	}
	if can.Slopes && s.opt.Slopes == nil && t.Bool("sloped") {
		s.opt.Slopes = s.drawSlopes(t)
	}
	if can.Keep && s.opt.Keep == nil && t.Bool("dropping") {
		s.opt.Keep = s.drawFlags(t, can, "keep", 0)
		s.opt.KeepScale = t.Power("keep scale", 0, 1)
	}
}

// drawSlopes draws the slopes that are usual for the heads, or eight times these.
func (s attentionScene[T]) drawSlopes(t *Trial) []float32 {
	slopes, times := spec.AlibiSlopes(s.q.Shape[1]), []float64{1, 8}[t.Int("steep", 0, 1)]
	return s.eachHead(func(h int) float64 { return times * float64(slopes[h]) })
}

// drawAxes draws which axes the named grid has and how many keys: all, unless can
// declares that it may have fewer.
func (s attentionScene[T]) drawAxes(t *Trial, can spec.AttentionAbilities, name string) (axes string, keys int) {
	axes, keys = "batch", s.k.Shape[2]
	if can.Broadcast {
		axes = t.Word(name+" axes", "batch", "heads", "queries", "keys", "batch alone")
		keys -= t.Int(name+" shorter by", 0, 6) % max(1, keys)
	}
	return axes, keys
}

// drawFlags draws a mask of weights or keys: of those whose number is above the
// given one.
func (s attentionScene[T]) drawFlags(t *Trial, can spec.AttentionAbilities, name string, above float64) *spec.Mask {
	axes, keys := s.drawAxes(t, can, name)
	heads, m := s.q.Shape[1], s.q.Shape[2]
	x := t.Matrix(name, s.q.Shape[0]*heads*m, keys, []gen.Kind{gen.Normal, gen.Coarse, gen.Uniform, gen.One, gen.OneHot, gen.Ints}, 0, 0)
	return newGrid(s, axes, keys, true, func(b, h, i, j int) bool { return x.At((b*heads+h)*m+i, j) > above })
}

// sometimesGrids demands masks and kept weights of each kind that can declares.
func (s attentionScene[T]) sometimesGrids(t *Trial, can spec.AttentionAbilities) {
	grids := map[string]*spec.Mask{}
	if can.Broadcast {
		grids["mask"] = s.opt.Mask
		if can.Keep {
			grids["keep mask"] = s.opt.Keep
		}
	}
	for name, g := range grids {
		of := func(what string, met func(g *spec.Mask) bool) { t.Sometimes("a "+name+what, g != nil && met(g)) }
		of(" of each head", func(g *spec.Mask) bool { return g.HeadStride > 0 && s.q.Shape[1] > 1 })
		of(" of each batch", func(g *spec.Mask) bool { return g.BatchStride > 0 && s.q.Shape[0] > 1 })
		of(" of fewer keys", func(g *spec.Mask) bool { return g.Keys < s.k.Shape[2] })
	}
}
