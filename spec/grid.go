package spec

import "math"

// Grid is a strided view of one element for each batch, query head, query and
// each of the first Keys keys: element (b, h, i, j) is
// Data[b*BatchStride + h*HeadStride + i*Stride + j]. With a stride of 0 all
// batches, heads or queries share their elements. What lies behind the Keys of
// a row belongs to nobody and is not read.
type Grid[E any] struct {
	Queries, Keys, Stride   int
	HeadStride, BatchStride int
	Data                    []E
}

// Mask says which query may attend to which key. A nil *Mask allows everything;
// keys from Mask.Keys on are not allowed.
type Mask = Grid[bool]

// Bias is added to logits. It holds float32 numbers whatever the element type of
// the attention. −Inf makes a key not allowed, as do places from Bias.Keys on.
type Bias = Grid[float32]

// GridOf returns a grid for the given number of queries over data without gaps,
// of one to four axes that are aligned from the right with batch, head, query,
// key. An axis of 1 before the last is shared. It panics if there are no or more
// than four axes.
func GridOf[E any](queries int, data []E, axes ...int) *Grid[E] {
	if len(axes) < 1 || len(axes) > 4 {
		panic("attest: a grid has one to four axes")
	}
	g := &Grid[E]{Queries: queries, Data: data}
	step := 1
	strides := [4]*int{nil, &g.Stride, &g.HeadStride, &g.BatchStride}
	for k := range axes {
		size := axes[len(axes)-1-k]
		switch {
		case k == 0:
			g.Keys = size
		case size != 1:
			*strides[k] = step
		}
		step *= size
	}
	return g
}

// Row returns the elements for query i of head h of batch b.
func (g *Grid[E]) Row(b, h, i int) []E {
	if g.Keys == 0 {
		return nil
	}
	at := b*g.BatchStride + h*g.HeadStride + i*g.Stride
	return g.Data[at : at+g.Keys : at+g.Keys]
}

// At returns element (b, h, i, j).
func (g *Grid[E]) At(b, h, i, j int) E {
	return g.Data[b*g.BatchStride+h*g.HeadStride+i*g.Stride+j]
}

// Check panics with a text that names the grid when it is not one for the given
// numbers of batches, heads, queries and at most keys keys, or its view does not
// fit its data.
func (g *Grid[E]) Check(name string, batch, heads, queries, keys int) {
	switch {
	case g.Queries < 0 || g.Keys < 0:
		panic("attest: the " + name + " has a negative size")
	case g.Stride < 0 || g.HeadStride < 0 || g.BatchStride < 0:
		panic("attest: the " + name + " has a negative stride")
	case g.Stride > 0 && g.Stride < g.Keys:
		panic("attest: the " + name + " has a stride shorter than its rows")
	case g.Queries != queries || g.Keys > keys:
		panic("attest: the " + name + " is not queries×keys")
	}
	if !g.view(batch, heads, queries).fits(len(g.Data)) {
		panic("attest: the " + name + " is shorter than its view")
	}
}

// view returns the shape and the strides of the grid.
func (g *Grid[E]) view(batch, heads, queries int) Tensor[float32] {
	return Tensor[float32]{Shape: [4]int{batch, heads, queries, g.Keys}, Stride: [4]int{g.BatchStride, g.HeadStride, g.Stride, 1}}
}

// span returns the number of elements from the first of the grid to its last.
func (g *Grid[E]) span(batch, heads, queries int) int { return g.view(batch, heads, queries).Span() }

// allows reports whether a mask and a bias, each of which may be nil, leave key j
// to query i.
func allows(mask *Mask, bias *Bias, b, h, i, j int) bool {
	if mask != nil && (j >= mask.Keys || !mask.At(b, h, i, j)) {
		return false
	}
	return bias == nil || j < bias.Keys && !math.IsInf(float64(bias.At(b, h, i, j)), -1)
}
