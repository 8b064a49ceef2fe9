// Package gomlx plugs the attention of github.com/gomlx/gomlx, run by its backend
// in Go, into attest.
package gomlx

import (
	"math"

	"example.com/attest/spec"
	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/layers/attention"
)

// way is one of the two ways in which attention.Core computes: by an operation of
// its backend, or, when it is asked for the coefficients too, by products and a
// softmax.
type way bool

const (
	fused      way = false
	decomposed way = true
)

// attend stores the attention.Core of the operands. Core takes causality without an
// offset for as many keys as queries, and otherwise one mask, of truth values or of
// numbers to add; what else there is in the options becomes such a mask. The
// operation of the backend takes values of as many channels as keys have: zeros
// are added to the ones or the others.
func (w way) attend(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	channels := max(q.Shape[3], v.Shape[3])
	inputs := []any{padded(q, channels), padded(k, channels), padded(v, channels)}
	square := q.Shape[2] == k.Shape[2]
	causal := opt.Causal && opt.Mask == nil && opt.Bias == nil && opt.OffsetOf(0) == 0 && square
	switch shape := [4]int{q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2]}; {
	case opt.Bias != nil:
		inputs = append(inputs, grid(shape, func(b, h, i, j int) float32 {
			if !opt.Allowed(b, h, i, j) {
				return float32(math.Inf(-1))
			}
			return opt.Bias.At(b, h, i, j)
		}))
	case opt.Mask != nil || opt.Causal && !causal:
		inputs = append(inputs, grid(shape, opt.Allowed))
	}
	store(dst, w.core(opt.Scale, causal, inputs...), channels)
}

// core calls attention.Core with queries, keys, values and perhaps a mask.
func (w way) core(scale float64, causal bool, inputs ...any) *tensors.Tensor {
	return graph.MustExecOnce(backend, func(x []*graph.Node) *graph.Node {
		var mask *graph.Node
		if len(x) > 3 {
			mask = x[3]
		}
		out, _ := attention.Core(nil, x[0], x[1], x[2], scale, mask, 0, attention.LayoutBHSD, causal, bool(w))
		return out
	}, inputs...)
}

var backend = func() backends.Backend {
	b, err := simplego.New("")
	if err != nil {
		panic(err)
	}
	return b
}()

// padded returns a copy of a view with channels of zeros added.
func padded(t spec.Tensor[float32], channels int) *tensors.Tensor {
	shape := t.Shape
	shape[3] = channels
	return grid(shape, func(b, h, i, c int) float32 {
		if c >= t.Shape[3] {
			return 0
		}
		return t.At(b, h, i, c)
	})
}

// grid returns a tensor of four axes.
func grid[T float32 | bool](shape [4]int, at func(b, h, i, j int) T) *tensors.Tensor {
	var data []T
	for b := range shape[0] {
		for h := range shape[1] {
			for i := range shape[2] {
				for j := range shape[3] {
					data = append(data, at(b, h, i, j))
				}
			}
		}
	}
	return tensors.FromFlatDataAndDimensions(data, shape[:]...)
}

// store copies a result without the channels that were added.
func store(dst spec.Tensor[float32], out *tensors.Tensor, channels int) {
	data := tensors.MustCopyFlatData[float32](out)
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for i := range dst.Shape[2] {
				row := data[((b*dst.Shape[1]+h)*dst.Shape[2]+i)*channels:]
				for c := range dst.Shape[3] {
					dst.Set(b, h, i, c, row[c])
				}
			}
		}
	}
}
