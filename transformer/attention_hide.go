package transformer

import (
	"encoding/binary"
	"math"
	"unsafe"

	"example.com/attest/spec"
)

// hide notes which rows may not see which of the keys j0 to j1. It returns the
// rows that see some of them and whether some row does not see some of them.
func (c *call) hide(s *tile, j0, j1 int) (visible uint64, hiding bool) {
	all := uint64(1)<<s.rows - 1
	mask, bias := c.opt.Mask, c.opt.Bias
	if mask == nil && bias == nil && s.allFrom <= j0 && j1 <= s.allTo {
		return all, false
	}
	hidden := s.hidden[:j1-j0]
	clear(hidden)
	for r := range s.rows {
		bit := uint64(1) << r
		for j := j0; j < min(s.from[r], j1); j++ {
			hidden[j-j0] |= bit
		}
		for j := max(s.to[r], j0); j < j1; j++ {
			hidden[j-j0] |= bit
		}
		if bias != nil {
			row := bias.Row(s.b, s.head[r], s.query[r])
			row = row[min(j0, len(row)):min(j1, len(row))]
			if !c.kernels.Finite(row) {
				for j, x := range row {
					if x < -math.MaxFloat32 {
						hidden[j] |= bit
					}
				}
			}
			for j := range hidden[len(row):] {
				hidden[len(row)+j] |= bit
			}
		}
	}
	if mask != nil {
		s.whereFalse(hidden, mask, j0)
	}
	some, every := uint64(0), all
	for _, bits := range hidden {
		some |= bits
		every &= bits
	}
	return all &^ every, some != 0
}

// drop returns a bit for each row and each of the keys j0 to j1 whose weight is
// dropped. It remains a weight, 0, which NaN among the values survives.
func (c *call) drop(s *tile, j0, j1 int) []uint64 {
	dropped := s.dropped[:j1-j0]
	clear(dropped)
	s.whereFalse(dropped, c.opt.Keep, j0)
	return dropped
}

// whereFalse adds to bits, a word for each key from j0 on, those of the rows for
// which the grid says false or nothing. Eight keys of eight rows are one word.
func (s *tile) whereFalse(bits []uint64, grid *spec.Mask, j0 int) {
	n := max(0, min(j0+len(bits), grid.Keys)-j0)
	for l := 0; l < s.rows; l += 8 {
		const eachByte = 0x0101010101010101
		here := min(8, s.rows-l)
		every := uint64(1)<<here - 1
		var rows [8][]byte
		for k := range here {
			if n > 0 {
				row := grid.Row(s.b, s.head[l+k], s.query[l+k])[j0:][:n]
				rows[k] = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(row))), n)
			}
		}
		j := 0
		for ; j+8 <= n; j += 8 {
			var seen uint64 // bit k of byte i: row l+k sees key j+i
			for k, row := range rows[:here] {
				seen |= binary.LittleEndian.Uint64(row[j:]) << k
			}
			if missing := seen ^ every*eachByte; missing != 0 {
				for i := range 8 {
					bits[j+i] |= missing >> (8 * i) & 0xff << l
				}
			}
		}
		for ; j < n; j++ {
			for k, row := range rows[:here] {
				bits[j] |= uint64(row[j]^1) << (l + k)
			}
		}
		for ; j < len(bits); j++ {
			bits[j] |= every << l
		}
	}
}
