package kernel

import (
	"math"
	"unsafe"
)

// rowAt returns n elements of x, which need not be as long as that if n is 0.
func rowAt(x []float32, at, n int) []float32 {
	if n == 0 {
		return nil
	}
	return x[at : at+n]
}

func portableLogits(s, q, k []float32, stride, keys, channels, lanes int) {
	for j := range keys {
		row := rowAt(k, j*stride, channels)
		for l := 0; l < lanes; l += 8 {
			var s0, s1, s2, s3, s4, s5, s6, s7 float32
			at := l
			for _, x := range row {
				p := q[at : at+8 : at+8]
				s0 += x * p[0]
				s1 += x * p[1]
				s2 += x * p[2]
				s3 += x * p[3]
				s4 += x * p[4]
				s5 += x * p[5]
				s6 += x * p[6]
				s7 += x * p[7]
				at += lanes
			}
			p := s[j*lanes+l:][:8]
			p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7] = s0, s1, s2, s3, s4, s5, s6, s7
		}
	}
}

func portableSoftmax(s, top, den, factor []float32, keys, lanes int, two bool) {
	exp := math.Exp
	if two {
		exp = math.Exp2
	}
	for l := range lanes {
		most := top[l]
		for j := range keys {
			if x := s[j*lanes+l]; x > most {
				most = x
			}
		}
		old := top[l]
		top[l] = most
		if most < -math.MaxFloat32 { // no logit yet: weights from the least number are 0
			most = -math.MaxFloat32
		}
		factor[l] = float32(exp(float64(old - most)))
		var sum float32
		for j := range keys {
			e := float32(exp(float64(s[j*lanes+l] - most)))
			s[j*lanes+l] = e
			sum += e
		}
		den[l] = den[l]*factor[l] + sum
	}
}

func portableValues(o, s, v, factor []float32, stride, keys, channels, lanes int) {
	for c := range channels {
		for l := 0; l < lanes; l += 8 {
			p, f := o[c*lanes+l:][:8], factor[l:][:8]
			s0, s1, s2, s3, s4, s5, s6, s7 := p[0]*f[0], p[1]*f[1], p[2]*f[2], p[3]*f[3], p[4]*f[4], p[5]*f[5], p[6]*f[6], p[7]*f[7]
			for j := range keys {
				x, w := v[j*stride+c], s[j*lanes+l:][:8]
				s0 += x * w[0]
				s1 += x * w[1]
				s2 += x * w[2]
				s3 += x * w[3]
				s4 += x * w[4]
				s5 += x * w[5]
				s6 += x * w[6]
				s7 += x * w[7]
			}
			p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7] = s0, s1, s2, s3, s4, s5, s6, s7
		}
	}
}

func portableFill(s []float32, bits []uint64, lanes int, x float32) {
	for j, b := range bits {
		for l := range lanes {
			if b>>l&1 != 0 {
				s[j*lanes+l] = x
			}
		}
	}
}

func portablePackRows(dst []float32, rows *Rows, pitch, blocks int, factor float32, add bool) {
	for l, p := range rows {
		for c, x := range unsafe.Slice(p, 8*blocks) {
			x *= factor
			if add {
				x += dst[c*pitch+l]
			}
			dst[c*pitch+l] = x
		}
	}
}

func portableUnpackRows(rows *Rows, src, factor []float32, pitch, blocks int) {
	for l, p := range rows {
		row := unsafe.Slice(p, 8*blocks)
		for c := range row {
			row[c] = src[c*pitch+l] * factor[l]
		}
	}
}

func portableFinite(x []float32) bool {
	for _, e := range x {
		if math.Float32bits(e)&0x7f800000 == 0x7f800000 {
			return false
		}
	}
	return true
}

func portableDots(s, q, k []float32, pitch, stride, keys, channels, rows int) {
	for row := range rows {
		x := q[row*channels:][:channels]
		for j := range keys {
			y := rowAt(k, j*stride, channels)
			var s0, s1, s2, s3 float32
			c := 0
			for ; c+4 <= len(x); c += 4 {
				s0 += x[c] * y[c]
				s1 += x[c+1] * y[c+1]
				s2 += x[c+2] * y[c+2]
				s3 += x[c+3] * y[c+3]
			}
			if c < len(x) { // where they would be added if zeros came behind them
				s0 += x[c] * y[c]
			}
			if c+1 < len(x) {
				s1 += x[c+1] * y[c+1]
			}
			if c+2 < len(x) {
				s2 += x[c+2] * y[c+2]
			}
			s[row*pitch+j] = (s0 + s1) + (s2 + s3)
		}
	}
}

func portableSums(o, s, v, factor []float32, pitch, stride, keys, channels, rows int) {
	for row := range rows {
		sum := o[row*channels:][:channels]
		for c := range sum {
			sum[c] *= factor[row]
		}
		for j := range keys {
			w := s[row*pitch+j]
			for c, x := range rowAt(v, j*stride, channels) {
				sum[c] += w * x
			}
		}
	}
}

func portableMostRow(x []float32) float32 {
	top := x[0]
	for _, e := range x {
		if e > top {
			top = e
		}
	}
	return top
}

// weighRow is Weigh for levels without a loop of their own for it.
func (l Level) weighRow(x []float32, top float32, two bool) float32 {
	for k := range x {
		x[k] -= top
	}
	l.exp(x, x, two)
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
	}
	return (s0 + s1) + (s2 + s3)
}
