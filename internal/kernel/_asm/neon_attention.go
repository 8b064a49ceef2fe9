package main

import "fmt"

// neonAttention builds the inner loops of attention for arm64, over tiles of 8, 16
// or 24 queries in lanes. See attention.
func neonAttention(n *neon) {
	for _, lanes := range []int{8, 16, 24} {
		n.logits(lanes)
		n.values(lanes)
	}
	n.softmax("softmaxNEON", natural)
	n.softmax("softmaxTwoNEON", two)
}

// arguments loads the arguments of a function into registers from R0 on.
func (n *neon) arguments(names ...string) {
	for k, name := range names {
		n.op("MOVD %s+%d(FP), R%d", name, 8*k, k)
	}
}

// loads and stores move so many vectors, one behind the other.
func (n *neon) loads(first v, count int, at string) {
	for k := range count {
		n.load(first+v(k), at)
	}
}

func (n *neon) stores(first v, count int, at string) {
	for k := range count {
		n.store(first+v(k), at)
	}
}

// tiles emits a loop over what register left counts, four at a time and then one
// by one.
func (n *neon) tiles(left string, body func(tile int)) {
	for _, tile := range []int{4, 1} {
		again, less := n.label("tile"), n.label("less")
		n.place(again)
		n.op("CMP $%d, %s", tile, left)
		n.op("BLT %s", less)
		body(tile)
		n.op("SUB $%d, %s, %s", tile, left, left)
		n.op("B %s", again)
		n.place(less)
	}
}

// times emits a loop that runs as often as register count says, maybe never.
func (n *neon) times(count string, body func()) {
	again, done := n.label("again"), n.label("done")
	n.op("MOVD %s, R20", count)
	n.op("CBZ R20, %s", done)
	n.place(again)
	body()
	n.op("SUB $1, R20, R20")
	n.op("CBNZ R20, %s", again)
	n.place(done)
}

// logits stores s[j][lane] = Σ q[channel][lane]·k[j][channel].
func (n *neon) logits(lanes int) {
	vectors := lanes / 4
	n.function(fmt.Sprintf("logits%dNEON", lanes), "(s, q, k *float32, stride, keys, channels int)",
		fmt.Sprintf("stores the products of %d queries with keys whose rows are stride apart.", lanes), 48)
	n.arguments("s", "q", "k", "stride", "keys", "channels")
	n.op("LSL $2, R3, R3")
	queries := v(4 * vectors)
	key := queries + v(vectors)
	n.tiles("R4", func(tile int) {
		for r := range v(tile * vectors) {
			n.zero(r)
		}
		n.op("MOVD R1, R6")
		for t := range tile { // R8 to R11 are the rows of the keys
			n.op("MOVD R2, R%d", 8+t)
			n.op("ADD R3, R2, R2")
		}
		n.times("R5", func() {
			n.loads(queries, vectors, "R6")
			for t := range tile {
				n.op("VLD1R.P 4(R%d), [V%d.S4]", 8+t, key)
				for l := range vectors {
					n.fma(v(t*vectors+l), queries+v(l), key)
				}
			}
		})
		n.stores(0, tile*vectors, "R0")
	})
	n.op("RET")
}

// values stores o[channel][lane] = o[channel][lane]·factor[lane] + Σⱼ
// s[j][lane]·v[j][channel].
func (n *neon) values(lanes int) {
	vectors := lanes / 4
	n.function(fmt.Sprintf("values%dNEON", lanes), "(o, s, v, factor *float32, stride, keys, channels int)",
		fmt.Sprintf("multiplies the sums of %d queries by their factors and adds values, whose rows are stride apart, times weights.", lanes), 56)
	n.arguments("o", "s", "v", "factor", "stride", "keys", "channels")
	n.op("LSL $2, R4, R4")
	weights := v(4 * vectors)
	value := weights + v(vectors)
	n.tiles("R6", func(tile int) {
		n.op("MOVD R3, R7")
		n.loads(weights, vectors, "R7")
		n.op("MOVD R0, R7")
		for r := range v(tile * vectors) {
			n.load(r, "R7")
			n.mul(r, r, weights+r%v(vectors))
		}
		n.op("MOVD R1, R8")
		n.op("MOVD R2, R9")
		n.times("R5", func() {
			n.loads(weights, vectors, "R8")
			n.op("MOVD R9, R10")
			n.op("ADD R4, R9, R9")
			for t := range tile {
				n.op("VLD1R.P 4(R10), [V%d.S4]", value)
				for l := range vectors {
					n.fma(v(t*vectors+l), weights+v(l), value)
				}
			}
		})
		n.stores(0, tile*vectors, "R0")
		n.op("ADD $%d, R2, R2", 4*tile)
	})
	n.op("RET")
}

// softmax raises the lanes' maxima to those of a block of logits, makes the
// logits weights and updates the denominators, four lanes at a time.
func (n *neon) softmax(name string, b base) {
	n.function(name, "(s, top, den, factor *float32, keys, lanes int)", "turns logits of queries into weights.", 48)
	n.arguments("s", "top", "den", "factor", "keys", "lanes")
	const x, scratch1, scratch2, scratch3, most, sum, least v = 0, 1, 2, 3, 4, 5, 6
	e := newNeonExponential(n, b, 8)
	n.constant(least, 0xff7fffff) // the least number: what a lane without a key is weighed from
	n.op("LSL $2, R5, R6")
	n.op("LSR $2, R5, R5")
	group := n.label("lanes")
	n.place(group)
	n.op("VLD1 (R1), [V%d.S4]", x)
	n.copy(most, x)
	n.op("MOVD R0, R8")
	n.times("R4", func() {
		n.op("VLD1 (R8), [V%d.S4]", scratch1)
		n.op("ADD R6, R8, R8")
		n.maxNumber(most, most, scratch1)
	})
	n.store(most, "R1")
	n.max(most, most, least)
	n.sub(x, x, most)
	e.emit(x, scratch1, scratch2, scratch3)
	n.store(x, "R3")
	n.op("VLD1 (R2), [V%d.S4]", sum)
	n.mul(sum, sum, x) // the old denominator, for later
	n.copy(sum+2, sum)
	n.zero(sum)
	n.op("MOVD R0, R8")
	n.times("R4", func() {
		n.op("VLD1 (R8), [V%d.S4]", x)
		n.sub(x, x, most)
		e.emit(x, scratch1, scratch2, scratch3)
		n.add(sum, sum, x)
		n.op("VST1 [V%d.S4], (R8)", x)
		n.op("ADD R6, R8, R8")
	})
	n.add(sum, sum, sum+2)
	n.store(sum, "R2")
	n.op("ADD $16, R0, R0")
	n.op("SUBS $1, R5, R5")
	n.op("BNE %s", group)
	n.op("RET")
}
