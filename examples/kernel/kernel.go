// Package kernel stands for somebody else's project: an attention kernel in
// float32 that has never heard of attest. Its test plugs it in.
package kernel

import "math"

// View is a strided view in the order batch, head, token, channel.
type View struct {
	Data          []float32
	Shape, Stride [4]int
}

func (v View) at(b, h, i, c int) *float32 {
	return &v.Data[b*v.Stride[0]+h*v.Stride[1]+i*v.Stride[2]+c*v.Stride[3]]
}

// Options says how logits are formed and what a query may attend to.
type Options struct {
	Scale      float32
	Softcap    float32 // logits x become Softcap·tanh(x/Softcap); 0 leaves them
	Causal     bool    // key j only if j ≤ i+Offset
	Offset     int
	Mask       []bool // row i begins at i*MaskStride; nil allows everything
	MaskStride int
}

func (o *Options) allowed(i, j int) bool {
	return (!o.Causal || j-i <= o.Offset) && (o.Mask == nil || o.Mask[i*o.MaskStride+j])
}

// block is the number of keys that are met at a time.
const block = 8

// fault is planted: the weighted sum of values is not rescaled when a later
// block raises the maximum, while its denominator is. With one block, or when
// the first one holds the largest logit, the output is right.
const fault = true

// Attend stores softmax(Scale·QKᵀ)·V in out, block by block with a running
// maximum. Heads of K and V serve groups of query heads.
func Attend(out, q, k, v View, o Options) { attend(out, q, k, v, o, fault) }

func attend(out, q, k, v View, o Options, faulty bool) {
	sum := make([]float32, v.Shape[3])
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				row(sum, q, k, v, &o, [3]int{b, h, i}, faulty)
				for c, x := range sum {
					*out.at(b, h, i, c) = x
				}
			}
		}
	}
}

// row stores the output of one query in sum.
func row(sum []float32, q, k, v View, o *Options, at [3]int, faulty bool) {
	b, h, i := at[0], at[1], at[2]
	n := k.Shape[2]
	clear(sum)
	top, den, seen := float32(math.Inf(-1)), float32(0), false
	var logits [block]float32
	for j0 := 0; j0 < n; j0 += block {
		g := h / (q.Shape[1] / k.Shape[1])
		old := top
		for j := j0; j < min(j0+block, n); j++ {
			if !o.allowed(i, j) {
				continue
			}
			var x float32
			for c := range q.Shape[3] {
				x += *q.at(b, h, i, c) * *k.at(b, g, j, c)
			}
			x *= o.Scale
			if o.Softcap != 0 {
				x = o.Softcap * float32(math.Tanh(float64(x/o.Softcap)))
			}
			logits[j-j0] = x
			top, seen = max(top, x), true
		}
		if math.IsInf(float64(top), -1) {
			continue // nothing yet that counts
		}
		if rescale := exp(old - top); rescale != 1 {
			den *= rescale
			for c := range sum {
				if !faulty {
					sum[c] *= rescale
				}
			}
		}
		for j := j0; j < min(j0+block, n); j++ {
			if !o.allowed(i, j) {
				continue
			}
			w := exp(logits[j-j0] - top)
			den += w
			for c := range sum {
				sum[c] += w * *v.at(b, g, j, c)
			}
		}
	}
	for c := range sum {
		if seen {
			sum[c] /= den
		}
	}
}

func exp(x float32) float32 { return float32(math.Exp(float64(x))) }
