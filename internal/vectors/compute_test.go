package vectors_test

import "math"

// What follows is attention in float64 as docs/vectors.md defines it.

// past returns the number of past tokens.
func (v *vector) past() int {
	if x, ok := v.tensors["pastKey"]; ok {
		return x.shape[2]
	}
	return 0
}

// keys returns the number of keys.
func (v *vector) keys() int {
	if v.Pages != nil {
		return v.Pages.Tokens
	}
	return v.past() + v.tensors["key"].shape[2]
}

// token returns a channel of key or value j, wherever it lies.
func (v *vector) token(name string, b, g, j, c int) float64 {
	x := v.tensors[map[string]string{"Key": "key", "Value": "value"}[name]]
	switch past := v.past(); {
	case v.Pages != nil:
		slots := x.shape[2]
		page := v.Pages.Table[b][j/slots]
		if page < 0 {
			return math.NaN()
		}
		return x.at(page, g, j%slots, c)
	case j < past:
		return v.tensors["past"+name].at(b, g, j, c)
	default:
		return x.at(b, g, j-past, c)
	}
}

// ahead returns the sequence or batch of query i of batch b, and how many places
// key j is ahead of the query; false if they are of different sequences.
func (v *vector) ahead(b, i, j int) (s, places int, same bool) {
	s, offset := b, v.Offset
	if p := v.Sequences; p != nil {
		for s = 0; i >= p.Queries[s+1]; s++ {
		}
		if j < p.Keys[s] || j >= p.Keys[s+1] {
			return s, 0, false
		}
		i, j = i-p.Queries[s], j-p.Keys[s]
	}
	if v.Offsets != nil {
		offset = v.Offsets[s]
	}
	return s, j - i - offset - v.past(), true
}

// allowed reports whether query i of head h of batch b may attend to key j.
func (v *vector) allowed(b, h, i, j int) bool {
	s, ahead, same := v.ahead(b, i, j)
	switch w := v.Window; {
	case !same:
		return false
	case v.Causal && ahead > 0:
		return false
	case w != nil && (w.Left >= 0 && ahead < -w.Left || w.Right >= 0 && ahead > w.Right):
		return false
	case v.KeyLengths != nil && v.Sequences == nil && j >= v.KeyLengths[s]:
		return false
	case v.KeyLengths != nil && v.Sequences != nil && j-v.Sequences.Keys[s] >= v.KeyLengths[s]:
		return false
	}
	return v.grid("mask", 1, 0, b, h, i, j) != 0 && !math.IsInf(v.grid("bias", 0, math.Inf(-1), b, h, i, j), -1)
}

// grid returns an element of a mask, a bias or the kept weights: without stands
// for all if there is none, behind for what is behind its last axis.
func (v *vector) grid(name string, without, behind float64, b, h, i, j int) float64 {
	x, ok := v.tensors[name]
	if !ok {
		return without
	}
	if at, ok := x.place(b, h, i, j); ok {
		return x.data[at]
	}
	return behind
}

// place returns where a grid has its element (b, h, i, j), false behind its last
// axis. Axes are aligned from the right, and one of 1 before the last is shared.
func (x numbers) place(b, h, i, j int) (at int, ok bool) {
	step := 1
	for axis, index := range []int{j, i, h, b}[:len(x.shape)] {
		n := x.shape[len(x.shape)-1-axis]
		if axis == 0 && j >= n {
			return 0, false
		}
		if n > 1 || axis == 0 {
			at += index * step
		}
		step *= n
	}
	return at, true
}

// ofHead returns element h of a tensor of one for each head, or what stands for
// it.
func (v *vector) ofHead(name string, h int, otherwise float64) float64 {
	if x, ok := v.tensors[name]; ok {
		return x.data[h]
	}
	return otherwise
}

// stages returns, for key j, the scaled product of query and key, what the cap
// makes of it, and the logit.
func (v *vector) stages(b, h, g, i, j int) (scaled, capped, logit float64) {
	q := v.tensors["query"]
	for c := range q.shape[3] {
		scaled += q.at(b, h, i, c) * v.token("Key", b, g, j, c)
	}
	scaled *= v.Scale
	capped = scaled
	if c := v.Softcap; c != 0 {
		capped = c * math.Tanh(scaled/c)
	}
	_, ahead, _ := v.ahead(b, i, j)
	return scaled, capped, capped + v.ofHead("slopes", h, 0)*float64(ahead) + v.grid("bias", 0, 0, b, h, i, j)
}

// kept is what the weight of key j for query i is multiplied by.
func (v *vector) kept(b, h, i, j int) float64 {
	if _, ok := v.tensors["keep"]; !ok {
		return 1
	}
	if v.grid("keep", 1, 0, b, h, i, j) == 0 {
		return 0
	}
	return v.KeepScale
}

// faulty says how a kernel errs: it leaves out the last drop(n) of n keys, and
// takes another head of keys. Nil does not.
type faulty struct {
	drop func(n int) int
	head func(h, heads, keyHeads int) int
}

// compute returns all that a test asks for.
func compute(v *vector, f faulty) result {
	if _, ok := v.tensors["output1"]; ok {
		return merge(v)
	}
	r := result{"": nil}
	q, keyHeads, n := v.tensors["query"], v.tensors["key"].shape[1], v.keys()
	for _, name := range []string{"Query", "Key", "Value", "Bias", "Sinks"} {
		r["D"+name] = make([]float64, len(v.tensors["expectedD"+name].data))
	}
	if f.drop != nil {
		n -= f.drop(n)
	}
	for b := range q.shape[0] {
		for h := range q.shape[1] {
			g := h * keyHeads / q.shape[1]
			if f.head != nil {
				g = f.head(h, q.shape[1], keyHeads)
			}
			for i := range q.shape[2] {
				x := v.row(b, h, g, i, n)
				x.store(r)
				if _, ok := v.tensors["dOut"]; ok {
					x.backward(r)
				}
			}
		}
	}
	if v.past() > 0 || v.tensors["pastKey"].shape != nil {
		v.present(r, "Key")
		v.present(r, "Value")
	}
	return r
}

// present stores past tokens followed by new ones.
func (v *vector) present(r result, name string) {
	shape := v.tensors["past"+name].shape
	for b := range shape[0] {
		for g := range shape[1] {
			for j := range v.keys() {
				for c := range shape[3] {
					r["Present"+name] = append(r["Present"+name], v.token(name, b, g, j, c))
				}
			}
		}
	}
}

// row is query i of head h of batch b over the first keys of head g.
type row struct {
	v          *vector
	b, h, g, i int
	keys       []int           // those allowed
	weights    map[int]float64 // by key
	sink       float64         // the weight of the sink
	lse        float64
}

func (v *vector) row(b, h, g, i, n int) *row {
	r := &row{v: v, b: b, h: h, g: g, i: i, weights: map[int]float64{}}
	sink := v.ofHead("sinks", h, math.Inf(-1))
	top := sink
	for j := range n {
		if v.allowed(b, h, i, j) {
			_, _, x := v.stages(b, h, g, i, j)
			r.keys, r.weights[j] = append(r.keys, j), x
			top = math.Max(top, x)
		}
	}
	if math.IsInf(top, -1) {
		r.lse = top
		return r
	}
	den := math.Exp(sink - top)
	for _, j := range r.keys {
		r.weights[j] = math.Exp(r.weights[j] - top)
		den += r.weights[j]
	}
	for _, j := range r.keys {
		r.weights[j] /= den
	}
	r.sink, r.lse = math.Exp(sink-top)/den, top+math.Log(den)
	return r
}

// store appends the output of the row, its log-sum-exp, and its products.
func (r *row) store(to result) {
	v := r.v
	for c := range v.tensors["value"].shape[3] {
		to[""] = append(to[""], r.output(c))
	}
	to["LSE"] = append(to["LSE"], r.lse)
	if v.QKStage == nil {
		return
	}
	for j := range v.keys() {
		allowed := v.allowed(r.b, r.h, r.i, j)
		var x [4]float64
		if allowed || *v.QKStage < 2 { // a key that is not allowed may hold anything
			x[0], x[1], x[2] = v.stages(r.b, r.h, r.g, r.i, j)
		}
		if !allowed {
			x[2] = math.Inf(-1)
		}
		x[3] = r.weights[j]
		to["QK"] = append(to["QK"], x[*v.QKStage])
	}
}

func (r *row) output(c int) (sum float64) {
	for _, j := range r.keys {
		if w := r.v.kept(r.b, r.h, r.i, j); w != 0 {
			sum += w * r.weights[j] * r.v.token("Value", r.b, r.g, j, c)
		}
	}
	return sum
}

// backward adds the gradients of the row to those of all.
func (r *row) backward(to result) {
	v, q, k, value, dOut := r.v, r.v.tensors["query"], r.v.tensors["key"], r.v.tensors["value"], r.v.tensors["dOut"]
	if len(r.keys) == 0 {
		return
	}
	dWeight, mean := map[int]float64{}, 0.0
	for _, j := range r.keys {
		keep := v.kept(r.b, r.h, r.i, j)
		for c := range value.shape[3] {
			d := dOut.at(r.b, r.h, r.i, c)
			if keep != 0 {
				dWeight[j] += keep * d * value.at(r.b, r.g, j, c)
				to["DValue"][value.index(r.b, r.g, j, c)] += keep * r.weights[j] * d
			}
		}
		mean += r.weights[j] * dWeight[j]
	}
	bias := v.tensors["bias"]
	for _, j := range r.keys {
		dLogit := r.weights[j] * (dWeight[j] - mean)
		if at, ok := bias.place(r.b, r.h, r.i, j); ok && bias.shape != nil {
			to["DBias"][at] += dLogit
		}
		if c := v.Softcap; c != 0 {
			scaled, _, _ := v.stages(r.b, r.h, r.g, r.i, j)
			t := math.Tanh(scaled / c)
			dLogit *= 1 - t*t
		}
		for c := range q.shape[3] {
			to["DQuery"][q.index(r.b, r.h, r.i, c)] += v.Scale * dLogit * k.at(r.b, r.g, j, c)
			to["DKey"][k.index(r.b, r.g, j, c)] += v.Scale * dLogit * q.at(r.b, r.h, r.i, c)
		}
	}
	if _, ok := v.tensors["sinks"]; ok {
		to["DSinks"][r.h] -= r.sink * mean
	}
}

// merge joins two parts of an attention.
func merge(v *vector) result {
	r := result{}
	o1, o2, l1, l2 := v.tensors["output1"], v.tensors["output2"], v.tensors["lse1"], v.tensors["lse2"]
	channels := o1.shape[3]
	for row := range l1.data {
		top := math.Max(l1.data[row], l2.data[row])
		if math.IsInf(top, -1) {
			r[""], r["LSE"] = append(r[""], make([]float64, channels)...), append(r["LSE"], top)
			continue
		}
		a1, a2 := math.Exp(l1.data[row]-top), math.Exp(l2.data[row]-top)
		r["LSE"] = append(r["LSE"], top+math.Log(a1+a2))
		for c := row * channels; c < (row+1)*channels; c++ {
			var sum float64
			if a1 > 0 {
				sum += a1 / (a1 + a2) * o1.data[c]
			}
			if a2 > 0 {
				sum += a2 / (a1 + a2) * o2.data[c]
			}
			r[""] = append(r[""], sum)
		}
	}
	return r
}
