package bench

import (
	"math"
	"math/rand/v2"

	"example.com/attest/spec"
)

// Operands are the inputs of a case: normal numbers of one seed, small
// ones for an energy. A product
// multiplies Query by Key; the tokens of an energy are Query.
type Operands struct {
	Query, Key, Value spec.Tensor[float32]
	Gradient          spec.Tensor[float32] // of the output, for the backward pass
	// Memory is the keys and values as one piece, which is what a case that is
	// bound by memory reads.
	Memory []float32
}

// NewOperands draws the operands of a case.
func NewOperands(c Case) *Operands {
	x := &Operands{
		Query:    spec.NewTensor[float32](c.Batch, c.Heads, c.Queries, c.Channels),
		Key:      spec.NewTensor[float32](c.Batch, c.KeyHeads, c.Keys, c.Channels),
		Value:    spec.NewTensor[float32](c.Batch, c.KeyHeads, c.Keys, c.Channels),
		Gradient: spec.NewTensor[float32](c.Batch, c.Heads, c.Queries, c.Channels),
	}
	size := len(x.Key.Data)
	x.Memory = make([]float32, 2*size)
	x.Key.Data, x.Value.Data = x.Memory[:size:size], x.Memory[size:]
	draw := rand.New(rand.NewPCG(1, 2))
	scale := float32(1)
	if c.Kind == Energy { // squared distances of about 2
		scale = float32(1 / math.Sqrt(float64(c.Channels)))
	}
	for _, data := range [][]float32{x.Query.Data, x.Memory, x.Gradient.Data} {
		for k := range data {
			data[k] = scale * float32(draw.NormFloat64())
		}
	}
	return x
}

// Options returns the options of an attention of the case.
func (c Case) Options() *spec.AttentionOptions {
	return &spec.AttentionOptions{Scale: spec.DefaultScale(c.Channels), Causal: c.Causal}
}
