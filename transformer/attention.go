package transformer

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/attest/spec"
)

var attention spec.Attention[float32] = spec.AttentionFunc[float32](Attend)

const (
	queryBlock = 16 // queries that share the copies of a block of keys and values
	keyBlock   = 32 // keys between two rescalings
	splitKeys  = 4 * keyBlock

	// serialWork is the number of multiplications below which starting
	// goroutines costs more than it saves.
	serialWork = 1 << 18
)

// profile declares how Attend rounds: sums run from left to right over the
// channels, over the keys within a block, over the blocks of a part and over the parts,
// each of which has several blocks; the exponential is rounded once from float64.
var profile = spec.Profile{KeyBlock: keyBlock, Exp: 0x1.1p-24, Tanh: 0x1.1p-24, ScaleRoundings: 2}

// determinism declares that a row's result depends on the row alone: keys are
// divided by their places, whatever the other rows and the number of goroutines.
// Leaving a key out moves those behind it to other places.
var determinism = func() spec.Determinism {
	d := spec.AllDeterminism()
	d.Absent = false
	return d
}()

// Attend stores softmax(cap(Scale·QKᵀ) + Bias over allowed keys)·V. It visits the keys
// once, block by block: when a block raises the maximum of a row's logits, the
// row's denominator and weighted sum are multiplied by exp(old − new). Keys,
// values and blocks that no query of a block of queries may see are not read.
//
// Every splitKeys keys a new partial result is begun, and each is merged into
// those before it. Where there are fewer blocks of queries than goroutines could
// work on, the parts are computed by several of them. Scratch memory is that of
// one block, and in that case of one row block for each part. Each row is
// computed and merged in the same order whatever the other rows and the number of
// goroutines, so that the result is always the same bit for bit.
func Attend(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttention(dst, q, k, v, opt)
	attend(dst, nil, q, k, v, opt)
}

// AttendLSE is Attend that also stores the logarithm of the sum of each row's
// exponentials. See spec.AttentionLSE.
func AttendLSE(dst, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionLSE(dst, lse, q, k, v, opt)
	attend(dst, &lse, q, k, v, opt)
}

// attend divides the work: a job is a block of queries of one head, or one part
// of the keys of such a block.
func attend(dst spec.Tensor[float32], lse *spec.Tensor[float32], q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	c := &call{dst: dst, lse: lse, q: q, k: k, v: v, opt: opt,
		heads: q.Shape[1], blocks: (q.Shape[2] + queryBlock - 1) / queryBlock, parts: max(1, (k.Shape[2]+splitKeys-1)/splitKeys)}
	jobs := q.Shape[0] * c.heads * c.blocks
	work := float64(jobs) * queryBlock * float64(k.Shape[2]) * float64(q.Shape[3]+v.Shape[3])
	workers := runtime.GOMAXPROCS(0)
	switch {
	case work < serialWork || workers < 2 || jobs*c.parts < 2:
		s := newTile(q.Shape[3], v.Shape[3])
		for job := range jobs {
			c.rows(s, job)
		}
	case jobs < 2*workers && c.parts > 1:
		partials := make([]partial, jobs*c.parts)
		c.share(min(len(partials), workers), len(partials), func(s *tile, n int) {
			partials[n] = newPartial(v.Shape[3])
			s.part = &partials[n]
			c.part(s, n/c.parts, n%c.parts)
		})
		for job := range jobs {
			all := partials[job*c.parts:][:c.parts]
			for n := range all[1:] {
				all[0].merge(&all[n+1])
			}
			c.store(&all[0], job)
		}
	default:
		c.share(min(jobs, workers), jobs, c.rows)
	}
}

// call holds the operands of one call and how it is divided.
type call struct {
	dst, q, k, v         spec.Tensor[float32]
	lse                  *spec.Tensor[float32]
	opt                  *spec.AttentionOptions
	heads, blocks, parts int
}

// share runs the jobs on several goroutines, each with scratch memory of its
// own.
func (c *call) share(workers, jobs int, run func(s *tile, job int)) {
	var next atomic.Int64
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			s := newTile(c.q.Shape[3], c.v.Shape[3])
			for job := int(next.Add(1)) - 1; job < jobs; job = int(next.Add(1)) - 1 {
				run(s, job)
			}
		})
	}
	done.Wait()
}

// place returns the batch, head and queries of a job.
func (c *call) place(job int) (b, h, i0, i1 int) {
	i0 = job % c.blocks * queryBlock
	return job / (c.heads * c.blocks), job / c.blocks % c.heads, i0, min(i0+queryBlock, c.q.Shape[2])
}

// rows computes a block of queries over all keys, part by part.
func (c *call) rows(s *tile, job int) {
	s.part = &s.first
	c.part(s, job, 0)
	s.part = &s.later
	for n := 1; n < c.parts; n++ {
		c.part(s, job, n)
		s.first.merge(&s.later)
	}
	c.store(&s.first, job)
}

// part computes the partial result of a block of queries over one part of the
// keys.
func (c *call) part(s *tile, job, n int) {
	b, h, i0, i1 := c.place(job)
	s.attend(c.q, c.k, c.v, c.opt, b, h, i0, i1, n*splitKeys, min((n+1)*splitKeys, c.k.Shape[2]))
}

// store writes the rows of a block of queries.
func (c *call) store(p *partial, job int) {
	b, h, i0, i1 := c.place(job)
	scale := float32(1)
	if c.opt.Keep != nil {
		scale = float32(c.opt.KeepScale)
	}
	if c.opt.Sinks != nil {
		p.addSink(c.opt.Sinks[h])
	}
	for r := range i1 - i0 {
		p.store(r, c.dst, c.lse, b, h, i0+r, scale)
	}
}

// tile is the scratch memory of one block of queries and one block of keys.
type tile struct {
	part          *partial // at work
	dHead, dValue int
	q             []float32      // queryBlock×dHead
	k             []float32      // keyBlock×dHead
	v             []float32      // keyBlock×dValue
	p             []float32      // keyBlock: logits, then weights of the keys that the row may see
	used          [keyBlock]bool // some query of the block may see the key
	allowed       [keyBlock]bool // to the row at hand
	place         [keyBlock]int  // in the block of the keys that the row may see
	first, later  partial
}

func newTile(dHead, dValue int) *tile {
	return &tile{dHead: dHead, dValue: dValue,
		q: make([]float32, queryBlock*dHead), k: make([]float32, keyBlock*dHead), v: make([]float32, keyBlock*dValue),
		p: make([]float32, keyBlock), first: newPartial(dValue), later: newPartial(dValue)}
}

// attend sets the part at work to queries i0 to i1 of one head over the keys
// first to last.
func (s *tile) attend(q, k, v spec.Tensor[float32], opt *spec.AttentionOptions, b, h, i0, i1, first, last int) {
	s.part.clear()
	for r := range i1 - i0 {
		load(s.q[r*s.dHead:][:s.dHead], q, b, h, i0+r)
	}
	g, n := 0, k.Shape[2]
	lo, hi := last, first // of the keys that the block of queries may see
	for i := i0; i < i1; i++ {
		from, to := opt.KeyRange(b, i, n)
		if from < to {
			lo, hi = min(lo, max(from, first)), max(hi, min(to, last))
		}
	}
	if k.Shape[1] > 0 {
		g = spec.KeyHead(h, q.Shape[1], k.Shape[1])
	}
	for j0 := lo / keyBlock * keyBlock; j0 < hi; j0 += keyBlock {
		j1 := min(j0+keyBlock, n)
		if !s.loadKeys(k, v, opt, b, h, g, i0, i1, j0, j1) {
			continue
		}
		for r := range i1 - i0 {
			s.row(r, b, h, i0+r, j0, j1, n, opt)
		}
	}
}

// loadKeys copies the keys and values j0 to j1 that some query from i0 to i1 may
// see, and reports whether there are any.
func (s *tile) loadKeys(k, v spec.Tensor[float32], opt *spec.AttentionOptions, b, h, g, i0, i1, j0, j1 int) bool {
	any := false
	for j := j0; j < j1; j++ {
		used := false
		for i := i0; i < i1 && !used; i++ {
			used = opt.Allowed(b, h, i, j)
		}
		s.used[j-j0] = used
		if used {
			any = true
			load(s.k[(j-j0)*s.dHead:][:s.dHead], k, b, g, j)
			load(s.v[(j-j0)*s.dValue:][:s.dValue], v, b, g, j)
		}
	}
	return any
}

// load copies the channels of token (b, h, i) into row.
func load(row []float32, t spec.Tensor[float32], b, h, i int) {
	if len(row) == 0 {
		return
	}
	at := t.Index(b, h, i, 0)
	if t.Stride[3] == 1 {
		copy(row, t.Data[at:])
		return
	}
	for c := range row {
		row[c] = t.Data[at+c*t.Stride[3]]
	}
}

// row lets query i of head h of batch b, row r of the block, attend to the keys
// of j0 to j1 that it may see. Places in the block count from j0.
func (s *tile) row(r, b, h, i, j0, j1, n int, opt *spec.AttentionOptions) {
	from, to := opt.KeyRange(b, i, n)
	from, to = max(from, j0), min(to, j1)
	if to <= from {
		return
	}
	p := s.p[:to-j0]
	allowed := s.visible(opt, b, h, i, j0, from, to)
	s.logits(p, s.q[r*s.dHead:][:s.dHead])
	part, scale := s.part, float32(opt.Scale)
	top, any := part.top[r], part.seen[r]
	for l := range p {
		if !allowed[l] {
			continue
		}
		p[l] *= scale
		if c := opt.Softcap; c != 0 {
			p[l] = float32(c * math.Tanh(float64(p[l])/c))
		}
		if opt.Slopes != nil {
			p[l] += opt.Slopes[h] * float32(opt.Distance(b, i, j0+l))
		}
		if opt.Bias != nil {
			p[l] += opt.Bias.At(b, h, i, j0+l)
		}
		if !any || p[l] > top {
			top, any = p[l], true
		}
	}
	if !any {
		return
	}
	sum := part.sum[r*s.dValue:][:s.dValue]
	den := part.den[r]
	if part.seen[r] && top != part.top[r] {
		f := weight(part.top[r], top)
		den *= f
		for c := range sum {
			sum[c] *= f
		}
	}
	// Weights of allowed keys, packed; then four keys a pass over the sums.
	count := 0
	for l, x := range p {
		if allowed[l] {
			e := weight(x, top)
			den += e
			if opt.Keep == nil || opt.KeepFactor(b, h, i, j0+l) != 0 {
				p[count], s.place[count] = e, l
				count++
			}
		}
	}
	l := 0
	for ; l+4 <= count; l += 4 {
		addScaled4(sum, p[l:l+4], s.value(l), s.value(l+1), s.value(l+2), s.value(l+3))
	}
	for ; l < count; l++ {
		addScaled(sum, p[l], s.value(l))
	}
	part.top[r], part.den[r], part.seen[r] = top, den, true
}

// visible returns, for keys j0 to j1, whether query i may attend to them: not
// before from, and from there on as mask and bias say.
func (s *tile) visible(opt *spec.AttentionOptions, b, h, i, j0, from, j1 int) []bool {
	if opt.Mask == nil && opt.Bias == nil && from == j0 {
		return s.used[:j1-j0] // every key of the range is in use
	}
	ok := s.allowed[:j1-j0]
	for l := range ok {
		ok[l] = j0+l >= from
	}
	if opt.Mask != nil {
		row := opt.Mask.Row(b, h, i)
		for l := range ok {
			ok[l] = ok[l] && j0+l < len(row) && row[j0+l]
		}
	}
	if opt.Bias != nil {
		row := opt.Bias.Row(b, h, i)
		for l := range ok {
			ok[l] = ok[l] && j0+l < len(row) && !math.IsInf(float64(row[j0+l]), -1)
		}
	}
	return ok
}

// logits stores q·kⱼ for the loaded keys, four at a time; what it stores for a
// key that was not loaded is of no use.
func (s *tile) logits(p, q []float32) {
	d := len(q)
	l := 0
	for ; l+4 <= len(p); l += 4 {
		k0, k1, k2, k3 := s.k[l*d:][:d], s.k[(l+1)*d:][:d], s.k[(l+2)*d:][:d], s.k[(l+3)*d:][:d]
		var s0, s1, s2, s3 float32
		for c, x := range q {
			s0 += x * k0[c]
			s1 += x * k1[c]
			s2 += x * k2[c]
			s3 += x * k3[c]
		}
		p[l], p[l+1], p[l+2], p[l+3] = s0, s1, s2, s3
	}
	for ; l < len(p); l++ {
		var s0 float32
		for c, y := range s.k[l*d:][:d] {
			s0 += q[c] * y
		}
		p[l] = s0
	}
}

// value returns the value of the l-th key that the row may see.
func (s *tile) value(l int) []float32 { return s.v[s.place[l]*s.dValue:][:s.dValue] }

// addScaled4 adds four times e·v to sum, one after the other.
func addScaled4(sum, e, v0, v1, v2, v3 []float32) {
	v0, v1, v2, v3 = v0[:len(sum)], v1[:len(sum)], v2[:len(sum)], v3[:len(sum)]
	e0, e1, e2, e3 := e[0], e[1], e[2], e[3]
	for c, x := range sum {
		x += e0 * v0[c]
		x += e1 * v1[c]
		x += e2 * v2[c]
		x += e3 * v3[c]
		sum[c] = x
	}
}

// addScaled adds e·v to sum.
func addScaled(sum []float32, e float32, v []float32) {
	v = v[:len(sum)]
	for c := range sum {
		sum[c] += e * v[c]
	}
}
