package mutant

import (
	"math"

	"example.com/attest/spec"
)

// gradientFault says what is wrong with the gradients of an attention. The zero
// value is correct.
type gradientFault struct {
	// Operands.
	dOut      func(x float64) float64
	batch     func(b int) int // of keys and values
	keyHead   func(h, heads, keyHeads int) int
	queryHead func(h, group int) int // of the queries in dK
	valueRow  func(j int) int
	keys      func(n int) int                        // how many count
	rows      func(m int) int                        // how many queries count
	first     func(c *faultyGradients, b, h int) int // the query at which sums begin; the others follow in a circle
	distinct  bool                                   // keys equal to the first are left out
	// Weights.
	options   func(o *spec.AttentionOptions) // of the second pass, which adds up
	leak      bool                           // the second pass gives masked keys the weight of their logit
	sentinel  float64                        // a masked key weighs exp of this
	readAll   bool                           // masked pairs count with the weight 0
	noMax     bool
	undivided bool // dV takes exp(x − max)
	// D and dX.
	mean      func(mean, part float64) float64 // part: the keys' share of the weights
	stale     func(b, h, i int) bool           // D is that of the query before
	dX        func(a, dP, mean float64, n int) float64
	slope     func(y, c float64) float64
	biasSlope bool // the bias's gradient carries the slope
	keepOut   [2]bool
	deaf      func(dst spec.AttentionGradients[float64], dOut spec.Tensor[float64], b, h, i, g int)
	// Sums.
	scale     func(which int, s float64) float64 // of dQ, dK
	group     func(h, group int) float64         // what a query head counts in dK and dV
	firstBias bool                               // only the first that share an element count
	lastBias  bool                               // only the last
	bias      func(x, scale float64) float64
	sink      func(x float64, h int) float64
	value     func(a, dX float64) float64 // instead of the weight in dV
	decay     float64                     // times the value, added to dV
	fresh     func(i int) bool            // dK and dV begin anew at query i
	unzeroed  bool                        // adds to what dst holds
	skip      func(q, k spec.Tensor[float64]) bool
}

// gradientWith replaces an implementation's gradients by faulty ones.
func gradientWith(f gradientFault) func(im *implementation) {
	return func(im *implementation) {
		im.AttentionBackward = func(dst spec.AttentionGradients[float64], dOut, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
			spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
			(&faultyGradients{f, dst, dOut, q, k, v, opt, map[*float64]bool{}, 0}).all()
		}
	}
}

// faultyGradients is one call.
type faultyGradients struct {
	gradientFault
	dst           spec.AttentionGradients[float64]
	dOut, q, k, v spec.Tensor[float64]
	opt           *spec.AttentionOptions
	written       map[*float64]bool
	before        float64 // D of the query before
}

func (c *faultyGradients) all() {
	if c.skip != nil && c.skip(c.q, c.k) {
		return
	}
	if !c.unzeroed {
		c.zero()
	}
	for b := range c.q.Shape[0] {
		for h := range c.q.Shape[1] {
			from, rows := 0, applied(c.rows, c.q.Shape[2])
			if c.first != nil {
				from = c.first(c, b, h)
			}
			for i := range rows {
				c.row(b, h, (from+i)%rows)
			}
		}
	}
	if c.decay != 0 {
		each(c.dst.Value, func(x *float64, b, g, j, ch int) { *x += c.decay * c.v.At(b, g, j, ch) })
	}
}

// each calls f for each element of t.
func each(t spec.Tensor[float64], f func(x *float64, b, h, i, c int)) {
	for b := range t.Shape[0] {
		for h := range t.Shape[1] {
			for i := range t.Shape[2] {
				for c := range t.Shape[3] {
					f(&t.Data[t.Index(b, h, i, c)], b, h, i, c)
				}
			}
		}
	}
}

func (c *faultyGradients) zero() {
	for _, t := range []spec.Tensor[float64]{c.dst.Query, c.dst.Key, c.dst.Value} {
		each(t, func(x *float64, _, _, _, _ int) { *x = 0 })
	}
	if c.dst.Bias != nil {
		for b := range c.q.Shape[0] {
			for h := range c.q.Shape[1] {
				for i := range c.q.Shape[2] {
					clear(c.dst.Bias.Row(b, h, i))
				}
			}
		}
	}
	clear(c.dst.Sinks)
}

// row adds what query (b, h, i) owes.
func (c *faultyGradients) row(b, h, i int) {
	o, heads, keyHeads := *c.opt, c.q.Shape[1], c.k.Shape[1]
	g, from := spec.KeyHead(h, heads, keyHeads), applied(c.batch, b)
	if c.keyHead != nil {
		g = c.keyHead(h, heads, keyHeads)
	}
	n := applied(c.keys, c.k.Shape[2])
	skipped := func(j int) bool {
		same := c.distinct && j > 0
		for ch := range c.k.Shape[3] {
			same = same && c.k.At(from, g, j, ch) == c.k.At(from, g, 0, ch)
		}
		return same
	}
	logit := func(j int) (x, y float64) {
		for ch := range c.q.Shape[3] {
			y += c.q.At(b, h, i, ch) * c.k.At(from, g, j, ch)
		}
		y *= o.Scale
		if x = y; o.Softcap != 0 {
			x = o.Softcap * math.Tanh(y/o.Softcap)
		}
		if o.Slopes != nil {
			x += float64(o.Slopes[h]) * o.Distance(b, i, j)
		}
		if o.Bias != nil && j < o.Bias.Keys && o.Allowed(b, h, i, j) {
			x += o.BiasAt(b, h, i, j)
		}
		return x, y
	}
	top, seen := o.SinkAt(h), false
	for j := range n {
		if o.Allowed(b, h, i, j) && !skipped(j) {
			x, _ := logit(j)
			top, seen = math.Max(top, x), true
		}
	}
	if !seen {
		if c.deaf != nil {
			c.deaf(c.dst, c.dOut, b, h, i, g)
		}
		return
	}
	if c.noMax {
		top = 0
	}
	den := 0.0
	if !math.IsInf(o.SinkAt(h), -1) {
		den = math.Exp(o.SinkAt(h) - top)
	}
	weigh := func(j int) float64 {
		x, _ := logit(j)
		if c.noMax {
			return float64(float32(math.Exp(x)))
		}
		return math.Exp(x - top)
	}
	for j := range n {
		if o.Allowed(b, h, i, j) && !skipped(j) {
			den += weigh(j)
		}
	}
	second := o // options of the second pass
	if c.options != nil {
		c.options(&second)
	}
	type pair struct {
		j        int
		a, e, dP float64
	}
	var pairs []pair
	mean, part := 0.0, 0.0
	for j := range n {
		allowed := second.Allowed(b, h, i, j) && !skipped(j)
		if !allowed && !c.leak && c.sentinel == 0 && !c.readAll {
			continue
		}
		p := pair{j: j}
		switch {
		case allowed || c.leak:
			p.e = weigh(j)
		case c.sentinel != 0:
			p.e = math.Exp(c.sentinel)
		}
		p.a = p.e / den
		for ch := range c.v.Shape[3] {
			p.dP += c.grad(b, h, i, ch) * c.v.At(from, g, applied(c.valueRow, j), ch)
		}
		f := o.KeepFactor(b, h, i, j)
		mean += p.a * f * p.dP
		if !c.keepOut[0] {
			p.dP *= f
		}
		if c.readAll && !allowed {
			p.a = 0
		}
		part += p.a
		pairs = append(pairs, p)
	}
	if c.mean != nil {
		mean = c.mean(mean, part)
	}
	own := mean
	if c.stale != nil && c.stale(b, h, i) {
		mean = c.before
	}
	c.before = own
	group := heads / keyHeads
	for _, p := range pairs {
		dX := p.a * (p.dP - mean)
		if c.gradientFault.dX != nil {
			dX = c.gradientFault.dX(p.a, p.dP, mean, len(pairs))
		}
		_, y := logit(p.j)
		slope := 1.0
		switch {
		case o.Softcap == 0:
		case c.slope != nil:
			slope = c.slope(y, o.Softcap)
		default:
			slope = 1 / math.Pow(math.Cosh(y/o.Softcap), 2)
		}
		scales := [2]float64{o.Scale, o.Scale}
		if c.scale != nil {
			scales = [2]float64{c.scale(0, o.Scale), c.scale(1, o.Scale)}
		}
		counts, qh := 1.0, h
		if c.group != nil {
			counts = c.group(h%group, group)
		}
		if c.queryHead != nil {
			qh = c.queryHead(h, group)
		}
		key, value := func(ch int) *float64 { return &c.dst.Key.Data[c.dst.Key.Index(b, g, p.j, ch)] }, func(ch int) *float64 { return &c.dst.Value.Data[c.dst.Value.Index(b, g, p.j, ch)] }
		for ch := range c.q.Shape[3] {
			c.dst.Query.Data[c.dst.Query.Index(b, h, i, ch)] += scales[0] * dX * slope * c.k.At(from, g, p.j, ch)
			c.begin(key(ch), h%group, i)
			*key(ch) += counts * scales[1] * dX * slope * c.q.At(b, qh, i, ch)
		}
		w := p.a
		if c.undivided {
			w = p.e
		}
		if c.value != nil {
			w = c.value(p.a, dX)
		}
		if !c.keepOut[1] {
			w *= o.KeepFactor(b, h, i, p.j)
		}
		for ch := range c.v.Shape[3] {
			c.begin(value(ch), h%group, i)
			*value(ch) += counts * w * c.grad(b, h, i, ch)
		}
		if c.dst.Bias != nil && p.j < c.dst.Bias.Keys {
			c.addBias(&c.dst.Bias.Row(b, h, i)[p.j], dX, slope)
		}
	}
	if c.dst.Sinks != nil {
		x := -math.Exp(o.SinkAt(h)-top) / den * own
		if c.sink != nil {
			x = c.sink(x, h)
		}
		c.dst.Sinks[h] += x
	}
}

// grad returns an element of dOut.
func (c *faultyGradients) grad(b, h, i, ch int) float64 {
	return applied(c.gradientFault.dOut, c.dOut.At(b, h, i, ch))
}

// begin makes a sum over queries 0 where the fault says that it begins anew.
func (c *faultyGradients) begin(at *float64, h, i int) {
	if c.fresh != nil && h == 0 && c.fresh(i) {
		*at = 0
	}
}

// addBias adds the gradient in a logit to that of the bias.
func (c *faultyGradients) addBias(at *float64, dX, slope float64) {
	if c.biasSlope {
		dX *= slope
	}
	if c.bias != nil {
		dX = c.bias(dX, c.opt.Scale)
	}
	switch {
	case c.firstBias && c.written[at]:
		return
	case c.lastBias:
		*at = 0
	}
	c.written[at] = true
	*at += dX
}
