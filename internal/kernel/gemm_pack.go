package kernel

import (
	"sync"
	"unsafe"
)

// gemmScratch is what one thread needs: packed operands and the tile at hand.
type gemmScratch struct {
	a, b []float32
	tile tile
}

var scratches = sync.Pool{New: func() any { return new(gemmScratch) }}

// reserve makes room for packed operands.
func (s *gemmScratch) reserve(a, b int) {
	if len(s.a) < a {
		s.a = lines(a)
	}
	if len(s.b) < b {
		s.b = lines(b)
	}
}

// lines returns n elements from the beginning of a cache line on.
func lines(n int) []float32 {
	const line = 64
	s := make([]float32, n+line/4)
	off := int(-uintptr(unsafe.Pointer(&s[0]))%line) / 4
	return s[off : off+n : off+n]
}

// packA stores rows of A from i on, the given depth from k on, as rows of
// distance packedPitch.
func (p *product) packA(dst []float32, i, rows, k, depth int) {
	if depth == 0 {
		return
	}
	if p.TransposeA {
		p.Level.transposed(dst, packedPitch, p.a.Data[k*p.a.Stride+i:], p.a.Stride, depth, rows)
		return
	}
	for r := range rows {
		copy(dst[r*packedPitch:], p.a.Data[(i+r)*p.a.Stride+k:][:depth])
	}
}

// packB stores columns of B from j on, the given depth from k on, as panels as
// wide as a tile, one behind the other, the last filled up with zeros. Where B
// is used in place, that is the only one.
func (p *product) packB(dst []float32, k, depth, j, cols int, inPlace bool) {
	if depth == 0 {
		return
	}
	_, wide := p.Level.tileShape()
	whole := cols / wide * wide
	if last := dst[whole*depth:]; whole < cols {
		clear(last[:wide*depth])
		if p.TransposeB {
			p.Level.transposed(last, wide, p.b.Data[(j+whole)*p.b.Stride+k:], p.b.Stride, cols-whole, depth)
		} else {
			for r := range depth {
				copy(last[r*wide:], p.b.Data[(k+r)*p.b.Stride+j+whole:][:cols-whole])
			}
		}
	}
	switch {
	case p.TransposeB:
		for c := 0; c < whole; c += wide {
			p.Level.transposed(dst[c*depth:], wide, p.b.Data[(j+c)*p.b.Stride+k:], p.b.Stride, wide, depth)
		}
	case !inPlace:
		for c := 0; c < whole; c += wide {
			p.Level.packPanel(dst[c*depth:], p.b.Data[k*p.b.Stride+j+c:], p.b.Stride, depth)
		}
	}
}

// portablePack copies rows as wide as a tile.
func portablePack(dst, src []float32, stride, rows, wide int) {
	for r := range rows {
		if to, from := dst[r*wide:][:wide], src[r*stride:]; wide == 4 {
			*(*[4]float32)(to) = *(*[4]float32)(from)
		} else {
			copy(to, from)
		}
	}
}
