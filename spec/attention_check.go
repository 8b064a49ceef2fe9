package spec

// CheckAttention panics with a constant text when the operands of an attention
// do not fit one another or their views do not fit their data. Every
// implementation of this project calls it before the first write.
//
// Inputs may overlap one another and may repeat elements through a stride of 0.
// The elements of dst must be distinct, and the range of memory that they span
// must be apart from that of each input, what the options hold included.
func CheckAttention[T Float](dst, q, k, v Tensor[T], opt *AttentionOptions) {
	checkOperands("dst", dst, q, k, v, opt)
	if !dst.distinct() {
		panic("attest: dst overlaps itself")
	}
	if overlap(dst, q) || overlap(dst, k) || overlap(dst, v) || holds(opt, q.Shape[0], q.Shape[1], q.Shape[2], dst.memory()) {
		panic("attest: dst shares memory with an input")
	}
}

// checkOperands panics when queries, keys, values and options do not fit one
// another or the named tensor of outputs.
func checkOperands[T Float](name string, out, q, k, v Tensor[T], opt *AttentionOptions) {
	out.Check(name)
	q.Check("query")
	k.Check("key")
	v.Check("value")
	switch {
	case opt == nil:
		panic("attest: attention without options")
	case q.Shape[0] != out.Shape[0] || k.Shape[0] != out.Shape[0] || v.Shape[0] != out.Shape[0]:
		panic("attest: query, key, value and " + name + " differ in their batch")
	case out.Shape[1] != q.Shape[1]:
		panic("attest: query and " + name + " differ in their heads")
	case k.Shape[1] != v.Shape[1]:
		panic("attest: key and value differ in their heads")
	case q.Shape[1] > 0 && (k.Shape[1] == 0 || q.Shape[1]%k.Shape[1] != 0):
		panic("attest: the heads of key do not divide those of query")
	case out.Shape[2] != q.Shape[2]:
		panic("attest: query and " + name + " differ in their tokens")
	case k.Shape[2] != v.Shape[2]:
		panic("attest: key and value differ in their tokens")
	case q.Shape[3] != k.Shape[3]:
		panic("attest: query and key differ in their channels")
	case v.Shape[3] != out.Shape[3]:
		panic("attest: value and " + name + " differ in their channels")
	}
	opt.check(q.Shape[0], q.Shape[1], q.Shape[2], k.Shape[2])
}

// Check panics with a text that names the tensor when its view does not fit its
// data.
func (t Tensor[T]) Check(name string) {
	for a := range t.Shape {
		if t.Shape[a] < 0 {
			panic("attest: " + name + " has a negative size")
		}
		if t.Stride[a] < 0 {
			panic("attest: " + name + " has a negative stride")
		}
	}
	if !t.fits(len(t.Data)) {
		panic("attest: " + name + " is shorter than its view")
	}
}

// fits reports whether the view stays within size elements.
func (t Tensor[T]) fits(size int) bool {
	if t.empty() {
		return true
	}
	left := size - 1 // steps that the strides may take in all
	for a := range t.Shape {
		if steps := t.Shape[a] - 1; steps > 0 && t.Stride[a] > 0 {
			if left < 0 || steps > left/t.Stride[a] {
				return false
			}
			left -= steps * t.Stride[a]
		}
	}
	return left >= 0
}

func (t Tensor[T]) empty() bool {
	return t.Shape[0] == 0 || t.Shape[1] == 0 || t.Shape[2] == 0 || t.Shape[3] == 0
}

// Span returns the number of elements from the first of the view to its last,
// 0 for an empty view.
func (t Tensor[T]) Span() int {
	if t.empty() {
		return 0
	}
	return t.Index(t.Shape[0]-1, t.Shape[1]-1, t.Shape[2]-1, t.Shape[3]-1) + 1
}

// memory returns the elements of Data from the first of the view to its last.
func (t Tensor[T]) memory() []T { return t.Data[:t.Span()] }

// distinct reports whether the view is known to have no element twice: ordered
// by stride, each axis steps over all that the shorter ones span.
func (t Tensor[T]) distinct() bool {
	if t.empty() {
		return true
	}
	var done [4]bool
	span := 0
	for range t.Shape {
		next := -1
		for a := range t.Shape {
			if !done[a] && (next < 0 || t.Stride[a] < t.Stride[next]) {
				next = a
			}
		}
		done[next] = true
		if t.Shape[next] > 1 {
			if t.Stride[next] <= span {
				return false
			}
			span += (t.Shape[next] - 1) * t.Stride[next]
		}
	}
	return true
}

// overlap reports whether the ranges of memory that a and b span meet.
func overlap[T Float](a, b Tensor[T]) bool {
	return meet(a.Data, a.Span(), b.Data, b.Span())
}
