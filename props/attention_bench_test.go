package props_test

import (
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/props/gen"
)

// BenchmarkCases reports how many cases of attention a second the kit tries on
// one core: ATT-001 on small shapes, with its reference and its bound, and the
// drawing of such cases alone.
//
//	go test ./props -run '^$' -bench Cases -cpu 1
func BenchmarkCases(b *testing.B) {
	im, oracle := suite.Float32()
	p, err := props.PropertyOf[float32]("ATT-001")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("value", func(b *testing.B) {
		r := props.Run(p, im, oracle, props.Options{Cases: max(b.N, props.DefaultCases)})
		if r.Verdict != props.Holds {
			b.Fatal(r.Message())
		}
		b.ReportMetric(float64(r.Cases)/b.Elapsed().Seconds(), "cases/s")
	})
	b.Run("drawing", func(b *testing.B) {
		for k := range b.N {
			gen.Example(uint64(k), nil, func(c *gen.Case) { drawLike(c) })
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "cases/s")
	})
}

// drawLike draws what ATT-001 does: sizes, three matrices, scale and mask.
func drawLike(c *gen.Case) {
	batch, keyHeads, group := c.Int("batch", 1, 2), c.Int("keyHeads", 1, 2), c.Int("group", 1, 3)
	m, n, d, dv := c.Size("m", 1, 9), c.Size("n", 2, 65), c.Size("dHead", 1, 17), c.Size("dValue", 1, 17)
	c.Bool("tokens first")
	c.Matrix("Q", batch*keyHeads*group*m, d, gen.Tokens, -2, 2)
	c.Matrix("K", batch*keyHeads*n, d, gen.Tokens, -2, 2)
	c.Matrix("V", batch*keyHeads*n, dv, gen.Numbers, -2, 2)
	c.Word("scale", "default", "one", "drawn")
	if c.Bool("masked") {
		c.Matrix("M", m, n, gen.Numbers, 0, 0)
	}
}
