//go:build !purego

package kernel

func (l Level) expVectors(dst, x *float32, n int, two bool) {
	if two {
		exp2NEON(dst, x, n)
	} else {
		expNEON(dst, x, n)
	}
}
