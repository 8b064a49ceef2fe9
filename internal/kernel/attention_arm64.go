//go:build !purego

package kernel

import "unsafe"

// attention returns the loops of arm64, nil for another level.
func (l Level) attention() *Attention {
	if l != NEON {
		return nil
	}
	return &Attention{Vector: 8, Lanes: 24, Logits: logitsNEON, Softmax: softmaxOfNEON, Values: valuesNEON, Fill: portableFill,
		Pack: portablePackRows, Unpack: portableUnpackRows, Finite: portableFinite, Dots: portableDots, Sums: portableSums,
		Most: portableMostRow, Weigh: l.weighRow}
}

func logitsNEON(s, q, k []float32, stride, keys, channels, lanes int) {
	f := [...]func(s, q, k *float32, stride, keys, channels int){logits8NEON, logits16NEON, logits24NEON}
	f[lanes/8-1](need(s, keys, lanes, lanes), need(q, channels, lanes, lanes), need(k, keys, stride, channels), stride, keys, channels)
}

func valuesNEON(o, s, v, factor []float32, stride, keys, channels, lanes int) {
	f := [...]func(o, s, v, factor *float32, stride, keys, channels int){values8NEON, values16NEON, values24NEON}
	f[lanes/8-1](need(o, channels, lanes, lanes), need(s, keys, lanes, lanes), need(v, keys, stride, channels), need(factor, 1, 0, lanes), stride, keys, channels)
}

func softmaxOfNEON(s, top, den, factor []float32, keys, lanes int, two bool) {
	f := softmaxNEON
	if two {
		f = softmaxTwoNEON
	}
	f(need(s, keys, lanes, lanes), unsafe.SliceData(top[:lanes]), unsafe.SliceData(den[:lanes]), unsafe.SliceData(factor[:lanes]), keys, lanes)
}
