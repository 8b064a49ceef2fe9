package kernel

import "unsafe"

// Attention is the inner loops of attention on scratch memory and on keys and
// values where they are. There are two kinds.
//
// A tile holds queries in the lanes of vectors: number (row, lane) of its logits,
// weights and sums is element row·lanes + lane, a row being a key or a channel.
// Everything runs down the lanes, so that a query's results do not depend on the
// others. The lanes of a tile are a multiple of Vector, at most Lanes.
//
// A few rows, 1, 2 or 4, lie one behind the other, so that one pass over the keys
// and one over the values are at most what memory allows.
//
// The functions read and write exactly the elements named; the numbers of keys are
// positive, the others may be 0. Most and Weigh take multiples of 16.
type Attention struct {
	Vector, Lanes int

	// Logits stores s[j][lane] = Σ q[channel][lane]·k[j·stride+channel].
	Logits func(s, q, k []float32, stride, keys, channels, lanes int)
	// Softmax raises top, the largest logit of each lane, to the maximum with the
	// block's, stores the factor b^(old − new), replaces the logits x by b^(x − top)
	// and makes den = den·factor + their sum. b is 2 or e. A lane without logits
	// but −Inf gets weights 0, and a top of −Inf makes the factor 0.
	Softmax func(s, top, den, factor []float32, keys, lanes int, two bool)
	// Values stores o[channel][lane] = o[channel][lane]·factor[lane] +
	// Σⱼ s[j][lane]·v[j·stride+channel].
	Values func(o, s, v, factor []float32, stride, keys, channels, lanes int)
	// Fill stores x where bit lane of bits[j] is set.
	Fill func(s []float32, bits []uint64, lanes int, x float32)
	// Pack stores, or adds, factor times the first 8·blocks numbers of eight rows as
	// columns of dst, whose rows are pitch apart.
	Pack func(dst []float32, rows *Rows, pitch, blocks int, factor float32, add bool)
	// Unpack stores eight columns of src, the first 8·blocks numbers of each times
	// the column's factor, as rows.
	Unpack func(rows *Rows, src, factor []float32, pitch, blocks int)
	// Cap replaces each x by limit·tanh(x/limit), limit not 0.
	Cap func(x []float32, limit float64)
	// Finite reports whether all numbers of x are finite.
	Finite func(x []float32) bool

	// Dots stores s[row·pitch+j] = Σ q[row·channels+channel]·k[j·stride+channel].
	Dots func(s, q, k []float32, pitch, stride, keys, channels, rows int)
	// Sums stores o[row·channels+channel] = o[row·channels+channel]·factor[row] +
	// Σⱼ s[row·pitch+j]·v[j·stride+channel].
	Sums func(o, s, v, factor []float32, pitch, stride, keys, channels, rows int)
	// Most returns the largest of a row of logits, any or NaN if one is NaN.
	Most func(x []float32) float32
	// Weigh replaces the logits x of a row by b^(x − top) and returns their sum.
	Weigh func(x []float32, top float32, two bool) float32
}

// Rows are the beginnings of eight rows.
type Rows [8]*float32

// Attention returns the inner loops of attention at a level.
func (l Level) Attention() *Attention {
	a := l.attention()
	if a == nil {
		a = portableAttention(l)
	}
	a.Cap = l.softcap
	return a
}

func portableAttention(l Level) *Attention {
	return &Attention{Vector: 8, Lanes: 16, Logits: portableLogits, Softmax: portableSoftmax, Values: portableValues, Fill: portableFill,
		Pack: portablePackRows, Unpack: portableUnpackRows, Finite: portableFinite, Dots: portableDots, Sums: portableSums,
		Most: portableMostRow, Weigh: l.weighRow}
}

// need panics if x is shorter than rows of the given length that are stride
// apart, and returns where it begins.
func need(x []float32, rows, stride, length int) *float32 {
	if rows > 0 && length > 0 {
		_ = x[(rows-1)*stride+length-1]
	}
	return unsafe.SliceData(x)
}
