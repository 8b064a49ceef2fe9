package kernel

// tile is a product of packed operands that stays in registers: dst = add + ab
// for a few rows and columns. Rows of a lie packedPitch apart; those of b are as
// wide as the level's tiles, whatever cols is. add may be dst, or one row with
// ldadd = 0.
type tile struct {
	rows, cols, depth int
	a                 []float32
	b                 []float32
	ldb               int
	dst               []float32
	ld                int
	add               []float32
	ldadd             int
}

// portableTile is the product in Go. Products are rounded by themselves, so that no
// compiler fuses them in one of its loops and not in another.
func portableTile(t *tile) {
	if t.rows == 2 && t.cols == 4 {
		twoByFour(t)
		return
	}
	for i := range t.rows {
		a := t.a[i*packedPitch:][:t.depth]
		for j := range t.cols {
			var s float32
			for k, x := range a {
				s += float32(x * t.b[k*t.ldb+j])
			}
			t.dst[i*t.ld+j] = t.add[i*t.ldadd+j] + s
		}
	}
}

// twoByFour is portableTile for whole tiles, with eight sums at a time.
func twoByFour(t *tile) {
	var s, u [4]float32
	s0, s1, s2, s3 := s[0], s[1], s[2], s[3]
	u0, u1, u2, u3 := u[0], u[1], u[2], u[3]
	y := t.a[packedPitch:][:t.depth]
	b := t.b
	for k, x := range t.a[:t.depth] {
		b4 := b[k*t.ldb:][:4]
		s0, s1, s2, s3 = s0+float32(x*b4[0]), s1+float32(x*b4[1]), s2+float32(x*b4[2]), s3+float32(x*b4[3])
		u0, u1, u2, u3 = u0+float32(y[k]*b4[0]), u1+float32(y[k]*b4[1]), u2+float32(y[k]*b4[2]), u3+float32(y[k]*b4[3])
	}
	s, u = [4]float32{s0, s1, s2, s3}, [4]float32{u0, u1, u2, u3}
	for j := range 4 {
		t.dst[j] = t.add[j] + s[j]
		t.dst[t.ld+j] = t.add[t.ldadd+j] + u[j]
	}
}
