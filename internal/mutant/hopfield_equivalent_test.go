package mutant

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// hopfieldForm is a correct float32 retrieval in another order or form than this
// project's.
type hopfieldForm struct {
	after      bool // β multiplies the products, not the states
	fused      bool // sums run backwards and are fused
	divided    bool // weights are divided before they are averaged with
	difference bool // q + η(o−q)
	parts      bool // E = (‖q‖²/2 − top/β) − log(sum)/β
}

// dot returns Σ xₖyₖ.
func (f hopfieldForm) dot(x, y []float32) (s float32) {
	if !f.fused {
		for k := range x {
			s += x[k] * y[k]
		}
		return s
	}
	for k := len(x) - 1; k >= 0; k-- {
		s = fused(x[k], y[k], s)
	}
	return s
}

// exponentials returns exp(xⱼ − top) of the visible patterns and 0 of the others, top
// and their sum.
func (f hopfieldForm) exponentials(q []float32, k spec.Matrix[float32], visible []bool, beta float32) (p []float32, top, sum float32) {
	p, top = make([]float32, k.Rows), float32(math.Inf(-1))
	seen := func(j int) bool { return visible == nil || visible[j] }
	scaled := make([]float32, len(q))
	for c, x := range q {
		scaled[c] = beta * x
	}
	for j := range p {
		if !seen(j) {
			continue
		}
		if p[j] = f.dot(scaled, k.Row(j)); f.after {
			p[j] = beta * f.dot(q, k.Row(j))
		}
		top = max(top, p[j])
	}
	for j := range p {
		if seen(j) {
			p[j] = float32(math.Exp(float64(p[j] - top)))
			sum += p[j]
		}
	}
	return p, top, sum
}

func (f hopfieldForm) energy(dst, q, k spec.Matrix[float32], visible []bool, beta float32) {
	for i := range q.Rows {
		_, top, sum := f.exponentials(q.Row(i), k, visible, beta)
		half, log := f.dot(q.Row(i), q.Row(i))/2, float32(math.Log(float64(sum)))
		if dst.Set(i, 0, half-(top+log)/beta); f.parts {
			dst.Set(i, 0, half-top/beta-log*(1/beta))
		}
	}
}

func (f hopfieldForm) step(dst, q, k spec.Matrix[float32], visible []bool, beta, eta float32) {
	for i := range q.Rows {
		p, _, sum := f.exponentials(q.Row(i), k, visible, beta)
		for c, x := range q.Row(i) {
			var o float32
			for j, w := range p {
				switch {
				case visible != nil && !visible[j]:
				case f.divided:
					o += w / sum * k.At(j, c)
				default:
					o += w * k.At(j, c)
				}
			}
			if !f.divided && sum != 0 {
				o /= sum
			}
			if dst.Set(i, c, (1-eta)*x+eta*o); f.difference {
				dst.Set(i, c, x+eta*(o-x))
			}
		}
	}
}

// TestEquivalentRetrieval requires that no claim rejects a correct retrieval.
func TestEquivalentRetrieval(t *testing.T) {
	for name, f := range map[string]hopfieldForm{
		"plain":                             {},
		"β after the products, fused":       {after: true, fused: true},
		"weights divided, the energy apart": {divided: true, parts: true},
		"difference":                        {fused: true, difference: true, parts: true},
	} {
		t.Run(name, func(t *testing.T) {
			im, oracle := suite.Float32()
			im.Hopfield = spec.Hopfield[float32]{Energy: f.energy, Step: f.step}
			for _, p := range props.Properties[float32]() {
				if !strings.HasPrefix(string(p.Claim), "HOP") {
					continue
				}
				if r := props.Run(p, im, oracle, props.Options{Cases: 50, Seed: 7}); !r.Verdict.OK() {
					t.Error(r.Message())
				}
			}
		})
	}
}
