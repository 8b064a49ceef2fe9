package transformer

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/attest/spec"
)

var attentionBackward spec.AttentionBackward[float32] = AttendBackward

// backwardProfile declares how AttendBackward rounds: its logits and weights are
// formed as Attend forms them, over blocks of keys of its own.
var backwardProfile = spec.Profile{KeyBlock: backwardKeys, Exp: 0x1.1p-24, Tanh: 0x1.1p-24, ScaleRoundings: 2}

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
// there are. Scratch memory is that of one block each, and three numbers a query.
func AttendBackward(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	c := newBackwardCall(dst, dOut, q, k, v, opt)
	c.run(c.measure)
}

func newBackwardCall(dst spec.AttentionGradients[float32], dOut, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) *backwardCall {
	c := &backwardCall{dst: dst, dOut: dOut, q: q, k: k, v: v, opt: opt,
		queryBlocks: blocksOf(q.Shape[2], backwardQueries), keyBlocks: blocksOf(k.Shape[2], backwardKeys),
		rows: make([]backwardRow, q.Shape[0]*q.Shape[1]*q.Shape[2])}
	if k.Shape[1] > 0 {
		c.group = q.Shape[1] / k.Shape[1]
	}
	return c
}

// run stores all gradients, first being the first pass over a block of queries.
func (c *backwardCall) run(first func(s *backwardTile, job int)) {
	work := float64(len(c.rows)) * float64(c.k.Shape[2]) * float64(c.q.Shape[3]+c.v.Shape[3])
	workers := runtime.GOMAXPROCS(0)
	if work < 1<<17 { // starting goroutines costs more than it saves
		workers = 1
	}
	queryJobs, heads := c.q.Shape[0]*c.q.Shape[1]*c.queryBlocks, c.q.Shape[0]*c.k.Shape[1]
	c.share(workers, queryJobs, first)
	if workers == 1 || heads >= workers {
		c.share(workers, heads, c.headGradients)
	} else {
		c.share(workers, heads*c.keyBlocks, c.keyGradients)
		c.share(workers, queryJobs, c.queryGradients)
	}
	if c.dst.Bias != nil {
		c.share(workers, c.clearBias(), c.biasGradients)
	}
	if c.dst.Sinks != nil {
		c.sinkGradients()
	}
}

// backwardCall holds the operands of one call and what its first pass finds.
type backwardCall struct {
	dst                           spec.AttentionGradients[float32]
	dOut, q, k, v                 spec.Tensor[float32]
	opt                           *spec.AttentionOptions
	group, queryBlocks, keyBlocks int
	rows                          []backwardRow
}

// backwardRow is what the first pass finds for one query: its weights are
// exp(x − top)·inverse, and their average of dP is mean.
type backwardRow struct {
	top, inverse, mean float32
	seen               bool // an allowed key
}

func blocksOf(n, size int) int { return (n + size - 1) / size }

// share runs the jobs on several goroutines, each with scratch memory of its own.
func (c *backwardCall) share(workers, jobs int, run func(s *backwardTile, job int)) {
	if workers = min(workers, jobs); workers <= 1 {
		s := newBackwardTile(c)
		for job := range jobs {
			run(s, job)
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			s := newBackwardTile(c)
			for job := int(next.Add(1)) - 1; job < jobs; job = int(next.Add(1)) - 1 {
				run(s, job)
			}
		})
	}
	done.Wait()
}

// row returns where the first pass keeps query (b, h, i).
func (c *backwardCall) row(b, h, i int) *backwardRow {
	return &c.rows[(b*c.q.Shape[1]+h)*c.q.Shape[2]+i]
}

// queries returns the batch, head and block of queries of a job.
func (c *backwardCall) queries(job int) (b, h, i0 int) {
	heads := c.q.Shape[1]
	return job / (heads * c.queryBlocks), job / c.queryBlocks % heads, job % c.queryBlocks * backwardQueries
}

// measure is the first pass over one block of queries.
func (c *backwardCall) measure(s *backwardTile, job int) {
	b, h, i0 := c.queries(job)
	s.loadQueries(b, h, i0)
	for block := range c.keyBlocks {
		if s.loadKeys(b, h/c.group, block*backwardKeys) {
			s.measure()
		}
	}
	if c.opt.Sinks != nil {
		for r := range s.count {
			c.row(b, h, i0+r).addSink(c.opt.Sinks[h])
		}
	}
	for r := range s.count {
		row := c.row(b, h, i0+r)
		row.inverse, row.mean = 1/row.inverse, row.mean/row.inverse
	}
}

// addSink adds a key with the given logit and the value 0; inverse is still the
// denominator.
func (row *backwardRow) addSink(x float32) {
	if math.IsInf(float64(x), -1) || !row.seen {
		return
	}
	if x > row.top {
		f := backwardWeight(row.top, x)
		row.inverse, row.mean, row.top = row.inverse*f, row.mean*f, x
	}
	row.inverse += backwardWeight(x, row.top)
}

// headGradients computes all gradients of one head of keys and its queries.
func (c *backwardCall) headGradients(s *backwardTile, job int) {
	b, g := job/c.k.Shape[1], job%c.k.Shape[1]
	for h := g * c.group; h < (g+1)*c.group; h++ {
		for block := range c.queryBlocks {
			s.placeQueries(b, h, block*backwardQueries)
			s.storeQueries(s.clearedQueries())
		}
	}
	for block := range c.keyBlocks {
		c.keyBlock(s, b, g, block*backwardKeys, true)
	}
}

// keyGradients computes the gradients of one block of keys and values.
func (c *backwardCall) keyGradients(s *backwardTile, job int) {
	head := job / c.keyBlocks
	c.keyBlock(s, head/c.k.Shape[1], head%c.k.Shape[1], job%c.keyBlocks*backwardKeys, false)
}

// keyBlock computes the gradients of a block of keys and values, and adds to those
// of its queries if asked to.
func (c *backwardCall) keyBlock(s *backwardTile, b, g, j0 int, queriesToo bool) {
	clear(s.dK)
	clear(s.dV)
	for h := g * c.group; h < (g+1)*c.group; h++ {
		for block := range c.queryBlocks {
			s.loadQueries(b, h, block*backwardQueries)
			if !s.loadKeys(b, g, j0) {
				continue
			}
			s.weights()
			s.addKeys()
			if queriesToo {
				s.fetchQueries()
				s.addQueries()
				s.storeQueries(s.dQ)
			}
		}
	}
	s.storeKeys(b, g, j0)
}

// queryGradients computes the gradients of one block of queries.
func (c *backwardCall) queryGradients(s *backwardTile, job int) {
	b, h, i0 := c.queries(job)
	s.loadQueries(b, h, i0)
	s.clearedQueries()
	for block := range c.keyBlocks {
		if s.loadKeys(b, h/c.group, block*backwardKeys) {
			s.weights()
			s.addQueries()
		}
	}
	s.storeQueries(s.dQ)
}

// clearBias makes the gradient of the bias 0 and returns into how many blocks of
// keys it is divided: what is shared by batches, heads or queries is added up by
// one goroutine.
func (c *backwardCall) clearBias() (blocks int) {
	bias := c.dst.Bias
	for b := range c.q.Shape[0] {
		for h := range c.q.Shape[1] {
			for i := range bias.Queries {
				clear(bias.Row(b, h, i))
			}
		}
	}
	return blocksOf(bias.Keys, backwardKeys)
}

// biasGradients adds up the gradient of the bias of one block of keys.
func (c *backwardCall) biasGradients(s *backwardTile, block int) {
	for b := range c.q.Shape[0] {
		for h := range c.q.Shape[1] {
			for i := range c.queryBlocks {
				s.loadQueries(b, h, i*backwardQueries)
				if s.loadKeys(b, h/c.group, block*backwardKeys) {
					s.weights()
					s.addBias()
				}
			}
		}
	}
}

func (c *backwardCall) sinkGradients() {
	for h, sink := range c.opt.Sinks {
		var sum float32
		for b := range c.q.Shape[0] {
			for i := range c.q.Shape[2] {
				if row := c.row(b, h, i); row.seen {
					sum -= backwardWeight(sink, row.top) * row.inverse * row.mean
				}
			}
		}
		c.dst.Sinks[h] = sum
	}
}
