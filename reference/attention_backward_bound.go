package reference

import (
	"math"

	"example.com/attest/spec"
)

// AttentionBackwardBound stores the bound on the error of each gradient that a
// backward pass rounding as the profile says computes from dOut, and reports
// whether there are any. Weights may be exp(x − m) divided by their sum or
// exp(x − lse), D may be Σ aⱼdPⱼ or dOut·O with an output O that the same profile
// covers, sums may run in any order, Scale may meet any factor of its product, and
// keep factors the weight or dP. For one query, with B, ρ and w as in
// AttentionBound:
//
//  1. Weights. Divided by their sum they are off by a factor of at most 1 + τ, τ =
//     (ρ+B)/(1−B) + 2u; with lse off by λ = −log(1−B) + 4u(log Z+B) + 2u(|lse|+B), as
//     AttentionLSEBound says, and u(log Z+λ) more for the difference x − lse, by τ =
//     (1+ρ)exp(λ + u(log Z+λ)) − 1. The larger counts: δaⱼ = aⱼτⱼ, and what underflows.
//
//  2. dPⱼ is a sum of products Tⱼ = Σ|dOut·vⱼ|, off by δPⱼ = fⱼ(sumError + uTⱼ) + 2u·fⱼTⱼ.
//
//  3. D is off by the larger of Σ(δaⱼ|dPⱼ| + (aⱼ+δaⱼ)δPⱼ) + sumError + (R+2)uΣ and
//     Σ|dOut|·AttentionBound + sumError + uΣ|dOut·O|, δD.
//
//  4. dXⱼ = aⱼ(dPⱼ−D) is off by (aⱼ+δaⱼ)(δPⱼ+δD) + δaⱼ|dPⱼ−D| and, for a difference and
//     two products in either order, 3u(aⱼ+δaⱼ)(fⱼTⱼ + |D| + δPⱼ + δD). The factor
//     |dPⱼ−D| keeps the share of weights small where values are alike.
//
//  5. dYⱼ = dXⱼ·cap′: cap′ ≤ 1 is off by slopeError, and the product is rounded.
//
//  6. dQ, dK, dV are sums of products of these with what is exact: Σδ|k| + sumError
//     + uΣ, and the roundings of the scale; bias and sinks are sums of dXⱼ and
//     −a_sink·D.
//
// All of it is enlarged by 1 % for what evaluating it in float64 costs, and by
// 1 + 4B when that is the arithmetic it bounds. There is no bound where B >
// MaxWeightError or something could overflow.
func AttentionBackwardBound(bound spec.AttentionGradients[float64], dOut, q, k, v tensor, opt *spec.AttentionOptions, p spec.Profile, r Rounding) bool {
	zeroGradients(bound)
	w := &backwardBound{attentionRow: newAttentionRow(q, k, v, opt, p, r, InputError{}), dOut: dOut, bound: bound,
		outputs: spec.NewTensor[float64](dOut.Shape[0], dOut.Shape[1], dOut.Shape[2], dOut.Shape[3]), shared: map[*float64][]float64{}}
	keyHeads := k.Shape[1]
	for b := range q.Shape[0] {
		for g := range keyHeads {
			group := q.Shape[1] / keyHeads
			var rows []queryErrors
			for h := g * group; h < (g+1)*group; h++ {
				for i := range q.Shape[2] {
					e, ok := w.query(b, h, i)
					if !ok {
						return false
					}
					rows = append(rows, e)
				}
			}
			if !w.products(rows, b, g) {
				return false
			}
		}
	}
	w.sums()
	return true
}

// backwardBound evaluates the bound.
type backwardBound struct {
	*attentionRow
	dOut, outputs tensor // outputs: the bounds of the forward pass
	bound         spec.AttentionGradients[float64]
	shared        map[*float64][]float64 // the terms that a gradient of bias or sinks adds up
	b             float64                // the largest B
}

// errorOf is a number and how far it may be off.
type errorOf struct{ x, err float64 }

// size is the most that the computed number may be.
func (e errorOf) size() float64 { return math.Abs(e.x) + e.err }

// queryErrors are what one query gives to its keys.
type queryErrors struct {
	h, i int
	keys []int
	dY   []errorOf // gradients in the logits before they are capped, by the allowed key
	kept []errorOf // weights times their keep factors
}

// query returns steps 1 to 5 for one query, and adds its share to bias and sinks.
func (w *backwardBound) query(b, h, i int) (queryErrors, bool) {
	r, ok := w.weights(b, h, i)
	e := queryErrors{h: h, i: i, keys: r.keys}
	if !ok || len(r.keys) == 0 {
		return e, ok
	}
	if !w.row(w.outputs, b, h, i) {
		return e, false
	}
	w.b = max(w.b, r.B)
	u := w.Unit
	lse := r.lse
	logZ := math.Abs(lse - r.m)
	lambda := -math.Log1p(-r.B) + logError*u*(logZ+r.B) + 2*u*(math.Abs(lse)+r.B)
	weight := func(a, rho float64) errorOf {
		divided := (rho+r.B)/(1-r.B)*(1+2*u) + 2*u
		shifted := (1+rho)*math.Exp(lambda+w.kappa*u*(logZ+lambda)) - 1
		return errorOf{a, a*(max(divided, shifted)+w.p.WeightUnit) + 2*r.under + 2*w.Tiny}
	}
	var a, dP []errorOf
	var sizes []float64 // fⱼTⱼ
	for l, j := range r.keys {
		p, size, raw := w.weightGradient(b, h, i, j, r.keep[l])
		if !(raw*max(1, math.Abs(r.keep[l])) < w.largest) {
			return e, false
		}
		a, dP, sizes = append(a, weight(r.a[l], r.rho[l])), append(dP, p), append(sizes, size)
	}
	mean := w.mean(&r, a, dP, b, h, i)
	if !(mean.size() < w.largest) {
		return e, false
	}
	for l, j := range r.keys {
		f := math.Abs(r.keep[l])
		apart := math.Abs(dP[l].x - mean.x)
		dX := errorOf{a[l].x * (dP[l].x - mean.x),
			a[l].size()*(dP[l].err+mean.err) + a[l].err*(apart+dP[l].err+mean.err) +
				3*u*a[l].size()*(sizes[l]+dP[l].err+mean.size()) + w.Tiny*(4+sizes[l]+mean.size())}
		e.dY = append(e.dY, w.beforeCap(dX, sizes[l]+mean.size(), b, h, i, j))
		e.kept = append(e.kept, errorOf{r.keep[l] * a[l].x, f*a[l].err*(1+2*u) + 2*u*f*a[l].size() + w.Tiny*f})
		if w.bound.Bias != nil {
			w.share(&w.bound.Bias.Row(b, h, i)[j], dX)
		}
	}
	if s := w.opt.SinkAt(h); w.bound.Sinks != nil && !math.IsInf(s, -1) {
		part := errorOf{x: math.Exp(s - lse)}
		if part.x > 0 {
			part = weight(part.x, r.sink/part.x)
		} else {
			part = weight(0, 0)
		}
		w.share(&w.bound.Sinks[h], errorOf{part.x * mean.x,
			part.size()*mean.err + part.err*math.Abs(mean.x) + 2*u*part.size()*mean.size() + w.Tiny*(2+mean.size())})
	}
	return e, true
}

// weightGradient returns step 2 for one key, fⱼTⱼ at most, and Tⱼ.
func (w *backwardBound) weightGradient(b, h, i, j int, keep float64) (dP errorOf, size, raw float64) {
	g := spec.KeyHead(h, w.q.Shape[1], w.v.Shape[1])
	terms := make([]float64, w.v.Shape[3])
	for c := range terms {
		x := w.dOut.At(b, h, i, c) * w.v.At(b, g, j, c)
		terms[c] = math.Abs(x)
		dP.x += x
		raw += terms[c]
	}
	f := math.Abs(keep)
	dP.x *= keep
	if f > 0 {
		sum := w.sumError(terms, raw, 0) + w.Unit*raw + w.Tiny*float64(len(terms))
		dP.err = f*sum*(1+2*w.Unit) + 2*w.Unit*f*raw + w.Tiny*(f+1)
	}
	return dP, f*raw + dP.err, raw
}

// mean returns step 3: D.
func (w *backwardBound) mean(r *weightErrors, a, dP []errorOf, b, h, i int) errorOf {
	u := w.Unit
	var x, move, total, values float64
	terms := make([]float64, len(a))
	for l := range a {
		x += a[l].x * dP[l].x
		move += a[l].err*math.Abs(dP[l].x) + a[l].size()*dP[l].err
		terms[l] = a[l].size() * dP[l].size()
		total += terms[l]
		values += dP[l].size()
	}
	sum := move + w.sumError(terms, total, 0) + (w.rescales+2)*u*total + w.Tiny*(values+float64(len(a))+w.rescales+2)
	// The output times dOut.
	terms = make([]float64, w.v.Shape[3])
	g := spec.KeyHead(h, w.q.Shape[1], w.v.Shape[1])
	move, total = 0, 0
	for c := range terms {
		var o float64
		for l, j := range r.keys {
			o += a[l].x * r.keep[l] * w.v.At(b, g, j, c)
		}
		d, e := math.Abs(w.dOut.At(b, h, i, c)), w.outputs.At(b, h, i, c)
		move += d * e
		terms[c] = d * (math.Abs(o) + e)
		total += terms[c]
	}
	dot := move + w.sumError(terms, total, 0) + u*total + w.Tiny*float64(len(terms)+1)
	return errorOf{x, max(sum, dot)}
}

// beforeCap returns step 5 for one key, whose dPⱼ and D add up to at most size.
func (w *backwardBound) beforeCap(dX errorOf, size float64, b, h, i, j int) errorOf {
	if w.opt.Softcap == 0 {
		dX.err += w.p.WeightUnit * dX.size()
		return dX
	}
	_, e := w.logitError(b, h, i, j)
	slope := softcapSlope(rawLogit(w.q, w.k, w.opt, b, h, i, j), w.opt.Softcap)
	off := w.slopeError(e)
	return errorOf{dX.x * slope, dX.err*(slope+off) + math.Abs(dX.x)*off + (2*w.Unit+w.p.WeightUnit)*dX.size()*(slope+off) + w.Tiny*(2+size)}
}

// slopeError bounds how far cap′ = 1 − t², t = tanh z, z = y/c, is off when y is off
// by e. Its derivative in z is at most 4/(3√3) < 0.77, and times z at most 0.65, which
// meets the 2u of z. t is off by 4u, or what the profile says, and by 2u when it is
// what is left of c·t/c; that counts 2t-fold. 4u are for a square, a difference and a
// quotient. Forms by cosh z or e²ᶻ are off by less.
func (w *backwardBound) slopeError(e float64) float64 {
	tanh := 4 * w.Unit
	if w.p.Tanh > 0 {
		tanh = w.p.Tanh
	}
	return math.Min(1, 0.77*(e/math.Abs(w.opt.Softcap)+w.Tiny)+1.3*w.Unit) + 2*(tanh+2*w.Unit) + 4*w.Unit
}

// share adds a term to a gradient that others share.
func (w *backwardBound) share(at *float64, x errorOf) {
	*at += x.err
	w.shared[at] = append(w.shared[at], x.size())
}

// sums adds what the shared gradients lose to their additions, and enlarges all
// bounds for what evaluating them costs.
func (w *backwardBound) sums() {
	for at, terms := range w.shared {
		var total float64
		for _, x := range terms {
			total += x
		}
		*at += w.sumError(terms, total, 0)
	}
	factor := second
	if w.Unit == spec.Unit[float64]() {
		factor *= 1 + 4*w.b
	}
	grow := func(x float64) float64 {
		if x == 0 {
			return 0 // nothing is added to it
		}
		return factor*x + w.Tiny
	}
	for _, t := range []tensor{w.bound.Query, w.bound.Key, w.bound.Value} {
		for e, x := range t.Data {
			t.Data[e] = grow(x)
		}
	}
	if w.bound.Bias != nil {
		for e, x := range w.bound.Bias.Data {
			w.bound.Bias.Data[e] = grow(x)
		}
	}
	for h, x := range w.bound.Sinks {
		w.bound.Sinks[h] = grow(x)
	}
}

// products stores step 6 for the keys of head g of batch b and the queries that
// use it, and reports whether nothing could overflow.
func (w *backwardBound) products(rows []queryErrors, b, g int) bool {
	n := w.k.Shape[2]
	seen := make([][][2]int, n) // the rows that see the key, and its place there
	for r, row := range rows {
		for l, j := range row.keys {
			seen[j] = append(seen[j], [2]int{r, l})
		}
	}
	ok := true
	for _, row := range rows {
		for c := range w.q.Shape[3] {
			sum := productSum{attentionRow: w.attentionRow, scaled: true}
			for l, j := range row.keys {
				sum.add(row.dY[l], w.k.At(b, g, j, c))
			}
			ok = sum.store(w.bound.Query, b, row.h, row.i, c) && ok
		}
	}
	for j, at := range seen {
		for c := range w.q.Shape[3] {
			sum := productSum{attentionRow: w.attentionRow, scaled: true}
			for _, x := range at {
				sum.add(rows[x[0]].dY[x[1]], w.q.At(b, rows[x[0]].h, rows[x[0]].i, c))
			}
			ok = sum.store(w.bound.Key, b, g, j, c) && ok
		}
		for c := range w.v.Shape[3] {
			sum := productSum{attentionRow: w.attentionRow}
			for _, x := range at {
				sum.add(rows[x[0]].kept[x[1]], w.dOut.At(b, rows[x[0]].h, rows[x[0]].i, c))
			}
			ok = sum.store(w.bound.Value, b, g, j, c) && ok
		}
	}
	return ok
}

// productSum is a sum of products of numbers that are off with exact ones.
type productSum struct {
	*attentionRow
	scaled       bool // and multiplied by Scale
	terms        []float64
	total        float64
	move, values float64
}

func (s *productSum) add(x errorOf, y float64) {
	y = math.Abs(y)
	s.terms = append(s.terms, x.size()*y)
	s.total += x.size() * y
	s.move += x.err * y
	s.values += x.size() + y
}

// store stores what the sum is off by, nothing for one without terms, and reports
// whether it could not overflow. What underflows is one product each, and one
// factor that is scaled first.
func (s *productSum) store(t tensor, b, h, i, c int) bool {
	if len(s.terms) == 0 {
		return true
	}
	scale, rounds, under := 1.0, 0.0, s.Tiny*float64(len(s.terms))
	if s.scaled {
		scale, rounds = s.scale, s.rounds
		under = s.Tiny * ((1+scale)*(float64(len(s.terms))+s.values) + 1)
	}
	e := scale*(s.move+s.sumError(s.terms, s.total, 0)+(1+rounds)*s.Unit*s.total) + under
	t.Set(b, h, i, c, e*(1+4*rounds*s.Unit))
	return max(1, scale)*s.total < s.largest
}
