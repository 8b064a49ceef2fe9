package transformer

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// backwardProfile declares how AttendBackward rounds: its logits and weights are
// formed as Attend forms them.
var backwardProfile = profile

// AttendBackward stores the gradients of the operands of Attend. It keeps no
// weights: a first pass over the keys finds for each query the largest logit, the
// denominator and D = Σⱼ aⱼdPⱼ, with an online softmax; a second one forms the
// weights again, block by block, and adds what each block owes.
//
// Where there are as many heads of keys as goroutines could work on, each takes
// heads, and adds to the gradients of queries, keys and values in one go; else
// those of the keys and values are computed block of keys by block of keys, and
// those of the queries by themselves. Either way each element is added up in the
// same order, so that the result is the same bit for bit however many goroutines
// there are. Scratch memory is that of one tile each, and three numbers a query.
func AttendBackward(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	bestBackward.AttendBackward(dst, dOut, q, k, v, opt)
}

// Backward computes the gradients of attention with the inner loops of some level
// of machine. It may be used by several goroutines.
type Backward struct {
	kernels *kernel.Backward
	forward *Attention
	calls   sync.Pool // of *backwardCall
	tiles   sync.Pool // of *backwardTile
}

var bestBackward = NewBackward(kernel.Best().Backward())

// NewBackward returns gradients with the given inner loops.
func NewBackward(k *kernel.Backward) *Backward {
	b := &Backward{kernels: k, forward: NewAttention(k.Attention)}
	b.calls.New = func() any { return &backwardCall{of: b} }
	b.tiles.New = func() any { return &backwardTile{} }
	return b
}

// AttendBackward is the function AttendBackward at the level of b.
func (b *Backward) AttendBackward(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	b.compute(dst, dOut, q, k, v, opt, func(c *backwardCall) { c.share(c.workers, c.tileJobs(), c.measure) })
}

// AttendBackwardFrom is AttendBackward for a caller that has kept the outputs and
// the log-sum-exps of the forward pass, as AttendLSE stores them: it saves the
// first of two passes. The two must be those of the operands and the options.
func (b *Backward) AttendBackwardFrom(dst spec.AttentionGradients[float32], dOut, out, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	spec.CheckAttentionLSE(out, lse, q, k, v, opt)
	spec.CheckSaved(dst, dOut, out, lse)
	b.compute(dst, dOut, q, k, v, opt, func(c *backwardCall) {
		c.share(c.workers, q.Shape[0]*q.Shape[1], func(_ *backwardTile, job int) { c.recall(out, lse, job) })
	})
}

// AttendBackwardFrom computes the gradients from what the forward pass stored. See
// Backward.AttendBackwardFrom.
func AttendBackwardFrom(dst spec.AttentionGradients[float32], dOut, out, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	bestBackward.AttendBackwardFrom(dst, dOut, out, lse, q, k, v, opt)
}

// backwardCall holds the operands of one call and what its first pass finds for
// each query: weights are b^(x − top)·inverse, and their average of dP is mean.
type backwardCall struct {
	of           *Backward
	call              // of the forward pass, for its tiles of queries
	stored       call // for the gradients of queries: the same tiles
	plain        spec.AttentionOptions
	dst          spec.AttentionGradients[float32]
	dOut         spec.Tensor[float32]
	keyStreams   int // streams for each head of keys
	keyBlocks    int
	workers      int
	top, inverse []float32
	mean         []float32
}

// compute runs the first pass that it is given, and the second.
func (b *Backward) compute(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions, first func(c *backwardCall)) {
	c := b.begin(dst, dOut, q, k, v, opt)
	if len(c.mean) > 0 {
		first(c)
		c.gradients()
	} else {
		c.nothing()
	}
	c.end()
}

// begin plans a call.
func (b *Backward) begin(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) *backwardCall {
	c := b.calls.Get().(*backwardCall)
	c.dst, c.dOut = dst, dOut
	c.call.Attention, c.call.q, c.call.k, c.call.v, c.call.opt = b.forward, q, k, v, opt
	rows := q.Shape[0] * q.Shape[1] * q.Shape[2]
	c.top, c.inverse, c.mean = grow(c.top, rows), grow(c.inverse, rows), grow(c.mean, rows)
	if rows == 0 {
		return c
	}
	c.plan(false)
	c.plain = spec.AttentionOptions{Scale: 1}
	c.stored = call{Attention: b.forward, dst: dst.Query, v: q, opt: &c.plain}
	c.keyStreams = c.streams / k.Shape[1]
	c.keyBlocks = (k.Shape[2] + keyBlock - 1) / keyBlock
	c.workers = runtime.GOMAXPROCS(0)
	if work := float64(rows) * float64(k.Shape[2]) * float64(q.Shape[3]+v.Shape[3]); work < serial {
		c.workers = 1
	}
	return c
}

// end gives the call's memory back without what it points to.
func (c *backwardCall) end() {
	c.dst, c.dOut = spec.AttentionGradients[float32]{}, spec.Tensor[float32]{}
	c.call.q, c.call.k, c.call.v, c.call.opt, c.stored = spec.Tensor[float32]{}, spec.Tensor[float32]{}, spec.Tensor[float32]{}, nil, call{}
	c.of.calls.Put(c)
}

// tileJobs is the number of tiles of queries.
func (c *backwardCall) tileJobs() int { return c.q.Shape[0] * c.streams * c.tiles }

// row returns where the first pass keeps query (b, h, i).
func (c *backwardCall) row(b, h, i int) int { return (b*c.q.Shape[1]+h)*c.q.Shape[2] + i }

// share runs the jobs on several goroutines, each with scratch memory of its own.
func (c *backwardCall) share(workers, jobs int, run func(s *backwardTile, job int)) {
	var next atomic.Int64
	work := func() {
		s := c.of.tiles.Get().(*backwardTile)
		for job := int(next.Add(1)) - 1; job < jobs && !c.ended(); job = int(next.Add(1)) - 1 {
			run(s, job)
		}
		c.of.tiles.Put(s)
	}
	var done sync.WaitGroup
	for range min(workers, jobs) - 1 {
		done.Go(work)
	}
	work()
	done.Wait()
}

// recall takes what the first pass would find from the outputs of the forward
// pass, one head a job.
func (c *backwardCall) recall(out, lse spec.Tensor[float32], job int) {
	b, h := job/c.q.Shape[1], job%c.q.Shape[1]
	for i := range c.q.Shape[2] {
		at := c.row(b, h, i)
		if !c.sees(b, h, i) {
			c.top[at], c.inverse[at], c.mean[at] = 0, 0, 0
			continue
		}
		x := lse.At(b, h, i, 0)
		if c.two {
			x = float32(float64(x) * math.Log2E)
		}
		c.top[at], c.inverse[at], c.mean[at] = x, 1, dotRows(out, c.dOut, b, h, i)
	}
}

// dotRows returns the scalar product of the channels of two tokens.
func dotRows(x, y spec.Tensor[float32], b, h, i int) float32 {
	const chains = 8
	var s [chains]float32
	p, q, n := x.Index(b, h, i, 0), y.Index(b, h, i, 0), x.Shape[3]
	if x.Stride[3] != 1 || y.Stride[3] != 1 {
		for ch := range n { // in the chains that they would be in
			s[ch%chains] += x.Data[p+ch*x.Stride[3]] * y.Data[q+ch*y.Stride[3]]
		}
		n = 0
	}
	for ; n >= chains; p, q, n = p+chains, q+chains, n-chains {
		u, v := x.Data[p:][:chains], y.Data[q:][:chains]
		for l := range s {
			s[l] += u[l] * v[l]
		}
	}
	for l := range n {
		s[l] += x.Data[p+l] * y.Data[q+l]
	}
	return (s[0] + s[1]) + (s[2] + s[3]) + ((s[4] + s[5]) + (s[6] + s[7]))
}

// sees reports whether a query may attend to some key.
func (c *backwardCall) sees(b, h, i int) bool {
	lo, hi := c.opt.KeyRange(b, i, c.k.Shape[2])
	if c.opt.Mask == nil && c.opt.Bias == nil {
		return lo < hi
	}
	for j := lo; j < hi; j++ {
		if c.opt.Allowed(b, h, i, j) {
			return true
		}
	}
	return false
}

// gradients is the second pass.
func (c *backwardCall) gradients() {
	heads := c.q.Shape[0] * c.k.Shape[1]
	if c.workers == 1 || heads >= c.workers {
		c.share(c.workers, heads, c.headGradients)
	} else {
		c.share(c.workers, heads*c.keyBlocks, c.keyGradients)
		c.share(c.workers, c.tileJobs(), c.queryGradients)
	}
	if c.dst.Bias != nil {
		c.clearBias()
		c.share(c.workers, (c.dst.Bias.Keys+keyBlock-1)/keyBlock, c.biasGradients)
	}
	if c.dst.Sinks != nil {
		c.sinkGradients()
	}
}

// headGradients computes all gradients of one head of keys and its queries.
func (c *backwardCall) headGradients(s *backwardTile, job int) {
	b, g := job/c.k.Shape[1], job%c.k.Shape[1]
	c.clearKeys(b, g, 0, c.k.Shape[2])
	for n := range c.keyStreams * c.tiles {
		c.load(s, job*c.keyStreams*c.tiles+n)
		c.eachBlock(s, func(j0, j1 int) {
			c.weights(s, j0, j1, false)
			c.addKeys(s, j0, j1)
			c.addQueries(s, j0, j1)
		})
		c.storeQueries(s)
	}
}

// keyGradients computes the gradients of one block of keys and values.
func (c *backwardCall) keyGradients(s *backwardTile, job int) {
	head, j0 := job/c.keyBlocks, job%c.keyBlocks*keyBlock
	j1 := min(j0+keyBlock, c.k.Shape[2])
	c.clearKeys(head/c.k.Shape[1], head%c.k.Shape[1], j0, j1)
	for n := range c.keyStreams * c.tiles {
		c.load(s, head*c.keyStreams*c.tiles+n)
		if c.see(s, j0, j1) {
			c.weights(s, j0, j1, false)
			c.addKeys(s, j0, j1)
		}
	}
}

// queryGradients computes the gradients of one tile of queries.
func (c *backwardCall) queryGradients(s *backwardTile, job int) {
	c.load(s, job)
	c.eachBlock(s, func(j0, j1 int) {
		c.weights(s, j0, j1, false)
		c.addQueries(s, j0, j1)
	})
	c.storeQueries(s)
}

// nothing stores the gradients where there is no query.
func (c *backwardCall) nothing() {
	for b := range c.k.Shape[0] {
		for g := range c.k.Shape[1] {
			c.clearKeys(b, g, 0, c.k.Shape[2])
		}
	}
	if c.dst.Bias != nil {
		c.clearBias()
	}
	clear(c.dst.Sinks)
}

// clearBias makes the gradient of the bias 0.
func (c *backwardCall) clearBias() {
	bias := c.dst.Bias
	for b := range c.q.Shape[0] {
		for h := range c.q.Shape[1] {
			for i := range bias.Queries {
				clear(bias.Row(b, h, i))
			}
		}
	}
}

// biasGradients adds up the gradient of the bias of one block of keys: what is
// shared by batches, heads or queries is added up by one goroutine.
func (c *backwardCall) biasGradients(s *backwardTile, block int) {
	bias, j0 := c.dst.Bias, block*keyBlock
	j1 := min(j0+keyBlock, bias.Keys)
	for job := range c.tileJobs() {
		c.load(s, job)
		if !c.see(s, j0, j1) {
			continue
		}
		c.weights(s, j0, j1, true)
		for r := range s.rows {
			row := bias.Row(s.b, s.head[r], s.query[r])
			for j := j0; j < j1; j++ {
				row[j] += s.p[(j-j0)*s.lanes+r]
			}
		}
	}
}

func (c *backwardCall) sinkGradients() {
	for h, sink := range c.opt.Sinks {
		var sum float32
		for b := range c.q.Shape[0] {
			for i := range c.q.Shape[2] {
				if at := c.row(b, h, i); c.inverse[at] != 0 { // it sees a key
					sum -= weight(sink, c.top[at], false) * c.inverse[at] * c.mean[at]
				}
			}
		}
		c.dst.Sinks[h] = sum
	}
}
