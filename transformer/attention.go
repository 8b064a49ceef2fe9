package transformer

import (
	"context"
	"runtime"
	"sync"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

const (
	keyBlock   = 64      // keys between two rescalings, for a tile of queries
	fewBlock   = 256     // and for a few queries
	splitKeys  = 4096    // keys of a part, for a tile of queries
	fewSplit   = 1024    // and for a few queries
	fewQueries = 4       // of a head, at most, for which a tile is too wide
	fewStep    = 16      // keys whose weights are added side by side
	fewRows    = 16      // of several heads that share keys, at most
	mostLanes  = 64      // queries in a tile, at most: there is a bit for each in a word
	serial     = 1 << 18 // multiplications below which goroutines cost more than they save
)

// Attend stores softmax(cap(Scale·QKᵀ) + Bias over allowed keys)·V. It visits the
// keys once, block by block: when a block raises the maximum of a row's logits,
// the row's denominator and weighted sum are multiplied by exp(old − new). Blocks
// that no query of a tile may see are skipped.
//
// Every 4096 keys (1024 for a few queries) a new partial result is begun, and each is
// merged into those before it. Where there are fewer tiles than goroutines could
// work on, the parts are computed by several of them. Each row is computed and
// merged in the same order whatever the number of goroutines and whatever the keys
// hold that it may not see, so that the result is always the same bit for bit.
// Scratch memory is that of a tile for each goroutine, and in that case that of a
// tile for each part; it is kept for the next call.
func Attend(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	bestAttention.Attend(dst, q, k, v, opt)
}

// AttendLSE is Attend that also stores the logarithm of the sum of each row's
// exponentials. See spec.AttentionLSE.
func AttendLSE(dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	bestAttention.AttendLSE(dst, lse, q, k, v, opt)
}

// Attention computes attention with the inner loops of some level of machine. It
// may be used by several goroutines.
type Attention struct {
	kernels *kernel.Attention
	context context.Context // nil never ends a call
	calls   sync.Pool       // of *call
	tiles   sync.Pool       // of *tile
}

var bestAttention = NewAttention(kernel.Best().Attention())

// NewAttention returns attention with the given inner loops.
func NewAttention(k *kernel.Attention) *Attention {
	a := &Attention{kernels: k}
	a.calls.New = func() any {
		c := &call{Attention: a}
		c.help = func() { c.work(); c.done.Done() }
		return c
	}
	a.tiles.New = func() any { return &tile{} }
	return a
}

// profile declares how Attend rounds: the sum of a logit runs over the channels,
// those over keys run over blocks, of which several make a part; queries are
// multiplied by a rounded scale, which has log₂e in it if nothing is added to the
// logits.
var profile = spec.Profile{KeyBlock: keyBlock, Exp: kernel.ExpError, Tanh: kernel.TanhError, ScaleRoundings: 2}

// determinism declares that a row's result depends on the row alone, its keys being
// divided by their places, and on whether there are more than a few queries of a
// head: for these it is computed otherwise. Leaving a key out moves those behind it
// to other places, as other sequences of a pack do. Gradients and products of
// matrices are divided by what they are the gradients and elements of.
var determinism = func() spec.Determinism {
	d := spec.AllDeterminism()
	d.Queries, d.Prefix, d.Cache, d.Absent = false, false, false, false
	d.Packed, d.Steps = false, false
	return d
}()

// Attend is the function Attend at the level of a.
func (a *Attention) Attend(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	a.attend(dst, spec.Tensor[float32]{}, q, k, v, opt)
}

// AttendLSE is the function AttendLSE at the level of a.
func (a *Attention) AttendLSE(dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionLSE(dst, lse, q, k, v, opt)
	a.attend(dst, lse, q, k, v, opt)
}

// attend attends to keys and values that lie as tensors do.
func (a *Attention) attend(dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	a.attendIn(nil, dst, lse, q, k, v, opt)
}

// attendIn divides the work: a job is a tile of queries, or one part of the keys of
// such a tile. If keys and values are in pages, k and v have their sizes alone.
func (a *Attention) attendIn(in *pages, dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	if q.Shape[0] == 0 || q.Shape[1] == 0 || q.Shape[2] == 0 {
		return
	}
	c := a.calls.Get().(*call)
	c.dst, c.lse, c.q, c.k, c.v, c.opt, c.pages = dst, lse, q, k, v, opt, in
	c.plan(q.Shape[2] <= fewQueries)
	jobs := q.Shape[0] * c.streams * c.tiles
	workers := runtime.GOMAXPROCS(0)
	if work := float64(jobs) * float64(c.tileRows) * float64(k.Shape[2]) * float64(q.Shape[3]+v.Shape[3]); work < serial {
		workers = 1
	}
	if workers > 1 && jobs < 2*workers && c.parts > 1 {
		c.partials = grow(c.partials, jobs*c.parts)
		c.share(workers, jobs*c.parts)
		s := a.tiles.Get().(*tile)
		for job := 0; job < jobs && !a.ended(); job++ {
			all := c.partials[job*c.parts:][:c.parts]
			for n := range all[1:] {
				c.merge(&all[0], &all[n+1])
			}
			c.setRows(s, job)
			c.store(s, &all[0])
		}
		a.tiles.Put(s)
	} else {
		c.partials = c.partials[:0]
		c.share(workers, jobs)
	}
	c.dst, c.lse, c.q, c.k, c.v, c.opt = spec.Tensor[float32]{}, spec.Tensor[float32]{}, spec.Tensor[float32]{}, spec.Tensor[float32]{}, spec.Tensor[float32]{}, nil
	c.pages = nil
	a.calls.Put(c)
}

// grow returns x with n elements, of which those that were there keep their
// memory.
func grow[E any](x []E, n int) []E {
	if n > cap(x) {
		x = append(x[:cap(x)], make([]E, n-cap(x))...)
	}
	return x[:n]
}
