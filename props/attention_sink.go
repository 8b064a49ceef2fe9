package props

import (
	"fmt"
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionSinkProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-068", Run: sinkValue[T]},
		{Claim: "ATT-069", Run: sinkScales[T]},
		{Claim: "ATT-070", Run: slopesValue[T]},
		{Claim: "ATT-071", Run: slopesBias[T]},
		{Claim: "ATT-072", Run: sinkLeaves[T]},
		{Claim: "ATT-073", Run: slopesAbsolute[T]},
		{Claim: "ATT-119", Run: sinkOfMaskedRow[T]},
	}
}

// eachHead returns f of each query head.
func (s attentionScene[T]) eachHead(f func(h int) float64) []float32 {
	var out []float32
	for h := range s.q.Shape[1] {
		out = append(out, float32(f(h)))
	}
	return out
}

// drawSinks draws a sink for each query head.
func (s attentionScene[T]) drawSinks(t *Trial) []float32 {
	return s.eachHead(func(h int) float64 {
		if x := t.Number(fmt.Sprint("sink of head ", h), -8, 8); x > -7 {
			return x
		}
		return math.Inf(-1)
	})
}

// withoutSinks returns s without its sinks.
func (s attentionScene[T]) withoutSinks() attentionScene[T] {
	s.opt.Sinks = nil
	return s
}

func sinkValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys = 9, 65
	s := drawAttention[T](t, l)
	s.opt.Sinks = s.drawSinks(t)
	s.drawOptions(t, im.AttentionAbilities)
	_, bound := s.judge(t, im)
	t.Informative(s.differs(s.withoutSinks(), bound))
}

func sinkScales[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	s.opt.Sinks = s.drawSinks(t)
	plain := s.withoutSinks()
	got, base := s.run(t, im), plain.run(t, im)
	e, f := s.bound(t, im), plain.bound(t, im)
	eachElement(got.Shape, func(b, h, i, c int) {
		lse := reference.RowLSE(s.q, s.k, &plain.opt, b, h, i)
		share := 0.0 // without an allowed key
		if !math.IsInf(lse, -1) {
			share = 1 / (1 + math.Exp(float64(s.opt.Sinks[h])-lse))
		}
		want := share * base.At(b, h, i, c)
		// lse and the factor are evaluated in float64, off by little more than
		// the logits are there.
		slack := gamma(16+s.q.Shape[3]+s.k.Shape[2]) * (1 + math.Abs(lse)) * math.Abs(base.At(b, h, i, c))
		if math.IsInf(lse, -1) {
			slack = 0
		}
		t.Near(atTensor("output", b, h, i, c), got.At(b, h, i, c), want, e.At(b, h, i, c)+f.At(b, h, i, c)+slack)
	})
	t.Informative(s.differs(plain, addTensors(e, f)))
}

func slopesValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys = 9, 65
	s := drawAttention[T](t, l)
	s.opt.Slopes = s.drawSlopes(t)
	s.drawOptions(t, im.AttentionAbilities)
	flat := s
	flat.opt.Slopes = nil
	_, bound := s.judge(t, im)
	t.Informative(s.differs(flat, bound))
}

func slopesBias[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	flat := s
	s.opt.Slopes = s.eachHead(func(h int) float64 { return t.Power(fmt.Sprint("slope of head ", h), -5, 0) })
	other := s
	other.opt.Slopes = nil
	other.opt.Bias = s.fullBias(func(b, h, i, j int) float64 {
		return float64(s.opt.Slopes[h]) * float64(j-i-s.opt.OffsetOf(b))
	})
	bound := other.bound(t, im)
	s.agree(t, im, s.run(t, im), other.run(t, im), bound)
	t.Informative(s.differs(flat, bound))
}

func sinkLeaves[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.opt.Sinks = []float32{float32(t.Int("sink", -3, 3))}
	plain := s.withoutSinks()
	s.agree(t, im, s.run(t, im), plain.run(t, im), plain.bound(t, im))
}

// slopesAbsolute compares with a bias that falls on both sides of the query.
func slopesAbsolute[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.opt.Slopes = []float32{1}
	other := s
	other.opt.Slopes = nil
	other.opt.Bias = s.fullBias(func(_, _, i, j int) float64 { return -math.Abs(float64(j - i)) })
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}

func sinkOfMaskedRow[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noMask = true
	s := drawAttention[T](t, l)
	s.opt.Mask = drawMask(t, s.q.Shape[2], s.k.Shape[2])
	masked := t.Int("masked row", 0, 16) % s.q.Shape[2]
	for j := range s.k.Shape[2] {
		s.opt.Mask.Data[masked*s.opt.Mask.Stride+j] = false
	}
	values := map[string]float64{"0": 0, "NaN": math.NaN(), "+Inf": math.Inf(1), "-Inf": math.Inf(-1), "huge": math.MaxFloat32, "8": 8}
	s.opt.Sinks = s.eachHead(func(h int) float64 {
		return values[t.Word(fmt.Sprint("sink of head ", h), "0", "NaN", "+Inf", "-Inf", "huge", "8")]
	})
	got := s.run(t, im)
	for b := range s.q.Shape[0] {
		for h := range s.q.Shape[1] {
			for i := range s.q.Shape[2] {
				if s.visible(b, h, i) > 0 {
					continue
				}
				for c := range s.v.Shape[3] {
					t.Bits(atTensor("output without an allowed key", b, h, i, c), got.At(b, h, i, c), 0)
				}
			}
		}
	}
	t.Informative(true)
}
