//go:build !purego

package kernel

import "unsafe"

// attention returns the loops of the levels with vectors, nil for another.
func (l Level) attention() *Attention {
	a := &Attention{Pack: packAVX, Unpack: unpackAVX, Finite: finiteAVX}
	switch l {
	case AVX512:
		a.Vector, a.Lanes = 16, 48
		logits := [...]logitsFunc{logits1AVX512, logits2AVX512, logits3AVX512}
		values := [...]valuesFunc{values1AVX512, values2AVX512, values3AVX512}
		softmax := [...]softmaxFunc{softmax1AVX512, softmax2AVX512, softmax3AVX512, softmaxTwo1AVX512, softmaxTwo2AVX512, softmaxTwo3AVX512}
		fill := [...]fillFunc{fill1AVX512, fill2AVX512, fill3AVX512}
		dots := [...]dotsFunc{dots1AVX512, dots2AVX512, nil, dots4AVX512}
		rows := rowFuncs{mostRowAVX512, weighRowAVX512, weighRowTwoAVX512}
		sums := [...]sumsFunc{sums1AVX512, sums2AVX512, nil, sums4AVX512}
		a.wrap(&logits, &values, &softmax, &fill, &dots, &sums, rows)
	case AVX2:
		a.Vector, a.Lanes = 8, 24
		logits := [...]logitsFunc{logits1AVX2, logits2AVX2, logits3AVX2}
		values := [...]valuesFunc{values1AVX2, values2AVX2, values3AVX2}
		softmax := [...]softmaxFunc{softmax1AVX2, softmax2AVX2, softmax3AVX2, softmaxTwo1AVX2, softmaxTwo2AVX2, softmaxTwo3AVX2}
		fill := [...]fillFunc{fill1AVX2, fill2AVX2, fill3AVX2}
		dots := [...]dotsFunc{dots1AVX2, dots2AVX2, nil, dots4AVX2}
		rows := rowFuncs{mostRowAVX2, weighRowAVX2, weighRowTwoAVX2}
		sums := [...]sumsFunc{sums1AVX2, sums2AVX2, nil, sums4AVX2}
		a.wrap(&logits, &values, &softmax, &fill, &dots, &sums, rows)
	default:
		return nil
	}
	return a
}

// The assembly's functions, one for each number of vectors or rows.
type (
	logitsFunc  func(s, q, k *float32, stride, keys, channels int)
	valuesFunc  func(o, s, v, factor *float32, stride, keys, channels int)
	softmaxFunc func(s, top, den, factor *float32, keys int)
	fillFunc    func(s *float32, bits *uint64, keys int, x float32)
	dotsFunc    func(s, q, k *float32, pitch, stride, keys, channels int)
	sumsFunc    func(o, s, v, factor *float32, pitch, stride, keys, channels int)
	rowFuncs    struct {
		most            func(x *float32, n int) float32
		weigh, weighTwo func(x *float32, n int, top float32) float32
	}
)

// wrap sets the functions that choose among those of assembly and check what these
// will touch.
func (a *Attention) wrap(logits *[3]logitsFunc, values *[3]valuesFunc, softmax *[6]softmaxFunc, fill *[3]fillFunc, dots *[4]dotsFunc, sums *[4]sumsFunc, rows rowFuncs) {
	vector := a.Vector
	a.Logits = func(s, q, k []float32, stride, keys, channels, lanes int) {
		logits[lanes/vector-1](need(s, keys, lanes, lanes), need(q, channels, lanes, lanes), need(k, keys, stride, channels), stride, keys, channels)
	}
	a.Values = func(o, s, v, factor []float32, stride, keys, channels, lanes int) {
		values[lanes/vector-1](need(o, channels, lanes, lanes), need(s, keys, lanes, lanes), need(v, keys, stride, channels), need(factor, 1, 0, lanes), stride, keys, channels)
	}
	a.Softmax = func(s, top, den, factor []float32, keys, lanes int, two bool) {
		n := lanes/vector - 1
		if two {
			n += 3
		}
		softmax[n](need(s, keys, lanes, lanes), need(top, 1, 0, lanes), need(den, 1, 0, lanes), need(factor, 1, 0, lanes), keys)
	}
	a.Fill = func(s []float32, bits []uint64, lanes int, x float32) {
		fill[lanes/vector-1](need(s, len(bits), lanes, lanes), unsafe.SliceData(bits), len(bits), x)
	}
	a.Dots = func(s, q, k []float32, pitch, stride, keys, channels, rows int) {
		dots[rows-1](need(s, rows, pitch, keys), need(q, rows, channels, channels), need(k, keys, stride, channels), pitch, stride, keys, channels)
	}
	a.Most = func(x []float32) float32 { return rows.most(need(x, 1, 0, len(x)), len(x)) }
	a.Weigh = func(x []float32, top float32, two bool) float32 {
		if two {
			return rows.weighTwo(need(x, 1, 0, len(x)), len(x), top)
		}
		return rows.weigh(need(x, 1, 0, len(x)), len(x), top)
	}
	a.Sums = func(o, s, v, factor []float32, pitch, stride, keys, channels, rows int) {
		sums[rows-1](need(o, rows, channels, channels), need(s, rows, pitch, keys), need(v, keys, stride, channels), need(factor, 1, 0, rows), pitch, stride, keys, channels)
	}
}

func packAVX(dst []float32, rows *Rows, pitch, blocks int, factor float32, add bool) {
	switch p := need(dst, 8*blocks, pitch, 8); {
	case blocks == 0:
	case add:
		packAddAVX2(p, (*[8]*float32)(rows), pitch, blocks, factor)
	default:
		packAVX2(p, (*[8]*float32)(rows), pitch, blocks, factor)
	}
}

func unpackAVX(rows *Rows, src, factor []float32, pitch, blocks int) {
	if blocks > 0 {
		unpackAVX2((*[8]*float32)(rows), need(src, 8*blocks, pitch, 8), need(factor, 1, 0, 8), pitch, blocks)
	}
}

func finiteAVX(x []float32) bool {
	const infinity = 0x7f800000
	whole := len(x) / 8 * 8
	return (whole == 0 || largestAVX2(unsafe.SliceData(x), whole) < infinity) && portableFinite(x[whole:])
}
