package transformer

import (
	"math"
	"sync"
	"sync/atomic"

	"example.com/attest/spec"
)

// call holds the operands of one call and how it is divided.
//
// A stream is the queries that run along the same keys: those of a query head, or,
// where they are fewer than a tile has room for, those of all query heads that
// share a key head, one head behind the other.
type call struct {
	*Attention
	dst, lse, q, k, v spec.Tensor[float32]
	opt               *spec.AttentionOptions
	pages             *pages // of keys and values; nil for none

	streams, heads  int // of a batch; query heads in a stream
	tiles, tileRows int // of a stream
	parts, partKeys int
	few             bool    // rows rather than a tile
	two             bool    // exponentials are powers of 2
	scale           float32 // of the queries

	partials []partial // of each part of each job, if parts are jobs
	jobs     int64
	next     atomic.Int64
	done     sync.WaitGroup
	help     func() // a goroutine's work
}

// plan divides the call, into rows if there are few queries.
func (c *call) plan(few bool) {
	queries, opt := c.q.Shape[2], c.opt
	c.streams, c.heads = c.q.Shape[1], 1
	if lanes := c.kernels.Lanes; queries < lanes {
		c.streams = c.k.Shape[1]
		c.heads = c.q.Shape[1] / c.streams
	}
	rows := c.heads * queries
	c.few = few
	c.tileRows, c.partKeys = min(rows, c.kernels.Lanes), splitKeys
	if c.few {
		c.tileRows, c.partKeys = min(rows, fewRows), fewSplit
	}
	c.tiles = (rows + c.tileRows - 1) / c.tileRows
	c.parts = max(1, (c.k.Shape[2]+c.partKeys-1)/c.partKeys)
	// What is added to logits, or caps them, is in units of e.
	c.two = opt.Softcap == 0 && opt.Slopes == nil && opt.Bias == nil && opt.Sinks == nil
	c.scale = float32(opt.Scale)
	if c.two {
		c.scale = float32(opt.Scale * math.Log2E)
	}
}

// share runs the jobs on several goroutines, this one among them.
func (c *call) share(workers, jobs int) {
	c.jobs = int64(jobs)
	c.next.Store(0)
	for range min(workers, jobs) - 1 {
		c.done.Add(1)
		go c.help()
	}
	c.work()
	c.done.Wait()
}

// work does jobs until none is left.
func (c *call) work() {
	s := c.Attention.tiles.Get().(*tile)
	for job := c.next.Add(1) - 1; job < c.jobs && !c.ended(); job = c.next.Add(1) - 1 {
		if len(c.partials) > 0 {
			c.setRows(s, int(job)/c.parts)
			c.part(s, &c.partials[job], int(job)%c.parts)
			continue
		}
		c.setRows(s, int(job))
		c.part(s, &s.first, 0)
		for n := 1; n < c.parts; n++ {
			c.part(s, &s.later, n)
			c.merge(&s.first, &s.later)
		}
		c.store(s, &s.first)
	}
	c.Attention.tiles.Put(s)
}

// part computes the attention of the scratch memory's rows over one part of the
// keys.
//
// Values of keys that a row may not see have the weight 0 there. If one of them is
// not finite, neither is the result: then the part is computed again, carefully.
func (c *call) part(s *tile, p *partial, n int) {
	s.careful = false
	c.keys(s, p, n)
	if s.hid && !c.kernels.Finite(p.sum) {
		s.careful = true
		c.keys(s, p, n)
	}
}

// keys visits a part of the keys.
func (c *call) keys(s *tile, p *partial, n int) {
	p.clear(s.lanes, c.v.Shape[3], c.few)
	s.hid = false
	first := max(s.lo, n*c.partKeys)
	last := min(s.hi, (n+1)*c.partKeys)
	block, visit := keyBlock, c.tileKeys
	if c.few {
		block, visit = fewBlock, c.fewKeys
	}
	if c.few { // where sums of weights begin does not depend on the keys left out
		first = first / fewStep * fewStep
	}
	for j0 := first; j0 < last; {
		j1 := min((j0/block+1)*block, last)
		visit(s, p, j0, j1)
		j0 = j1
	}
}

// minusInf is the logit of a key that is not to be seen.
var minusInf = float32(math.Inf(-1))
