package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"example.com/attest/internal/guard"
)

// lent returns n normal deviates right before, or right behind, an unreadable
// page, and a function that reports what was written of the memory around them.
func lent(t *testing.T, r *rand.Rand, n int, side guard.Side) (x []float32, spoilt func() string) {
	t.Helper()
	m, err := guard.New[float32](n, side)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Free)
	for k := range m.Whole {
		m.Whole[k] = float32(math.NaN()) // whoever reads it shows it
	}
	for k := range m.Data {
		m.Data[k] = float32(r.NormFloat64())
	}
	return m.Data, func() string {
		for k, e := range m.Whole {
			if (k < m.Offset || k >= m.Offset+n) && e == e {
				return fmt.Sprintf("element %d of %d", k-m.Offset, n)
			}
		}
		return ""
	}
}

// near requires got to be want within what k additions of terms of absolute values
// that add up to size may be off: (k+2)u·size.
func near(t *testing.T, what string, got float32, want, size float64, k int) {
	t.Helper()
	const u = 0x1p-24
	if err := math.Abs(float64(got) - want); !(err <= float64(k+2)*u*size+0x1p-126) {
		t.Fatalf("%s is %v, not %v: err %.3g, bound %.3g", what, got, want, err, float64(k+2)*u*size)
	}
}

// sizes are those of keys and channels: none to three tiles of the widest loop.
var sizes = []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 33}

// eachSize runs f for every level, side, number of lanes or rows, keys and channels.
func eachSize(t *testing.T, lanes func(a *Attention) []int, f func(t *testing.T, a *Backward, r *rand.Rand, lend func(n int) []float32, n, keys, channels int)) {
	for _, l := range Levels() {
		a := l.Backward()
		t.Run(l.String(), func(t *testing.T) {
			for _, n := range lanes(a.Attention) {
				for _, keys := range sizes[1:] {
					for _, channels := range sizes {
						if testing.Short() && (keys+channels)%3 != 0 {
							continue
						}
						side := guard.Side((keys + channels) % 2)
						t.Run(fmt.Sprintf("%d,%d,%d", n, keys, channels), func(t *testing.T) {
							r := rand.New(rand.NewPCG(uint64(keys), uint64(channels)))
							var checks []func() string
							lend := func(n int) []float32 {
								x, check := lent(t, r, n, side)
								checks = append(checks, check)
								return x
							}
							if fault := guard.Fault(func() { f(t, a, r, lend, n, keys, channels) }); fault != "" {
								t.Fatal(fault)
							}
							for _, check := range checks {
								if text := check(); text != "" {
									t.Fatalf("memory outside an operand was written: %s", text)
								}
							}
						})
					}
				}
			}
		})
	}
}

// allLanes are the widths of tiles.
func allLanes(a *Attention) (out []int) {
	for n := a.Vector; n <= a.Lanes; n += a.Vector {
		out = append(out, n)
	}
	return out
}

func rowCounts(*Attention) []int { return []int{1, 2, 4} }

// span is the length of rows of a matrix whose rows are stride apart.
func span(rows, stride, length int) int {
	if rows == 0 || length == 0 {
		return 0
	}
	return (rows-1)*stride + length
}

func TestLogits(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, channels int) {
		stride := channels + r.IntN(3)
		s, q, k := lend(keys*lanes), lend(channels*lanes), lend(span(keys, stride, channels))
		a.Logits(s, q, k, stride, keys, channels, lanes)
		for j := range keys {
			for l := range lanes {
				var want, size float64
				for c := range channels {
					x := float64(q[c*lanes+l]) * float64(k[j*stride+c])
					want, size = want+x, size+math.Abs(x)
				}
				near(t, fmt.Sprintf("the logit of key %d, lane %d", j, l), s[j*lanes+l], want, size, channels)
			}
		}
	})
}

func TestValues(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, channels int) {
		stride := channels + r.IntN(3)
		o, s, v, f := lend(channels*lanes), lend(keys*lanes), lend(span(keys, stride, channels)), lend(lanes)
		before := append([]float32(nil), o...)
		a.Values(o, s, v, f, stride, keys, channels, lanes)
		for c := range channels {
			for l := range lanes {
				want := float64(before[c*lanes+l]) * float64(f[l])
				size := math.Abs(want)
				for j := range keys {
					x := float64(s[j*lanes+l]) * float64(v[j*stride+c])
					want, size = want+x, size+math.Abs(x)
				}
				near(t, fmt.Sprintf("the sum of channel %d, lane %d", c, l), o[c*lanes+l], want, size, keys+1)
			}
		}
	})
}

func TestDots(t *testing.T) {
	eachSize(t, rowCounts, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, rows, keys, channels int) {
		stride, pitch := channels+r.IntN(3), keys+r.IntN(3)
		s, q, k := lend(span(rows, pitch, keys)), lend(rows*channels), lend(span(keys, stride, channels))
		a.Dots(s, q, k, pitch, stride, keys, channels, rows)
		for row := range rows {
			for j := range keys {
				var want, size float64
				for c := range channels {
					x := float64(q[row*channels+c]) * float64(k[j*stride+c])
					want, size = want+x, size+math.Abs(x)
				}
				near(t, fmt.Sprintf("the logit of row %d, key %d", row, j), s[row*pitch+j], want, size, channels)
			}
		}
	})
}

// TestDotsOfZeroChannels: channels of zeros behind the others change no bit.
func TestDotsOfZeroChannels(t *testing.T) {
	eachSize(t, rowCounts, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, rows, keys, channels int) {
		more := channels + 1 + r.IntN(9)
		q, k, s, padded := lend(rows*channels), lend(keys*channels), lend(rows*keys), lend(rows*keys)
		wide := func(x []float32, n int) []float32 {
			out := lend(n * more)
			for i := range n {
				clear(out[i*more:][:more])
				copy(out[i*more:], x[i*channels:][:channels])
			}
			return out
		}
		a.Dots(s, q, k, keys, channels, keys, channels, rows)
		a.Dots(padded, wide(q, rows), wide(k, keys), keys, more, keys, more, rows)
		for l, x := range s {
			if padded[l] != x {
				t.Fatalf("logit %d of %d channels is %v, and %v with %d of zeros behind them", l, channels, x, padded[l], more-channels)
			}
		}
	})
}

func TestSums(t *testing.T) {
	eachSize(t, rowCounts, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, rows, keys, channels int) {
		stride, pitch := channels+r.IntN(3), keys+r.IntN(3)
		o, s, v, f := lend(rows*channels), lend(span(rows, pitch, keys)), lend(span(keys, stride, channels)), lend(rows)
		before := append([]float32(nil), o...)
		a.Sums(o, s, v, f, pitch, stride, keys, channels, rows)
		for row := range rows {
			for c := range channels {
				want := float64(before[row*channels+c]) * float64(f[row])
				size := math.Abs(want)
				for j := range keys {
					x := float64(s[row*pitch+j]) * float64(v[j*stride+c])
					want, size = want+x, size+math.Abs(x)
				}
				near(t, fmt.Sprintf("the sum of row %d, channel %d", row, c), o[row*channels+c], want, size, keys+1)
			}
		}
	})
}

// TestSoftmax has lanes that have and have not seen a key, and keys that are hidden
// from some of them.
func TestSoftmax(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, two := range []bool{false, true} {
		eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, channels int) {
			if channels > 4 {
				return // they do not matter
			}
			s, top, den, factor := lend(keys*lanes), lend(lanes), lend(lanes), lend(lanes)
			for l := range lanes {
				if l%3 == 0 {
					top[l], den[l] = -inf, 0
				}
				for j := range keys {
					if l%5 == 0 || r.IntN(4) == 0 {
						s[j*lanes+l] = -inf
					}
					s[j*lanes+l] *= 20
				}
			}
			logits, oldTop, oldDen := append([]float32(nil), s...), append([]float32(nil), top...), append([]float32(nil), den...)
			a.Softmax(s, top, den, factor, keys, lanes, two)
			exp := math.Exp
			if two {
				exp = math.Exp2
			}
			for l := range lanes {
				most := oldTop[l]
				for j := range keys {
					most = max(most, logits[j*lanes+l])
				}
				if top[l] != most {
					t.Fatalf("the maximum of lane %d is %v, not %v", l, top[l], most)
				}
				weight := func(x float32) float64 {
					if x == -inf {
						return 0
					}
					return exp(float64(x - most))
				}
				want := weight(oldTop[l])
				near(t, "the factor", factor[l], want, want, 0)
				sum, size := want*float64(oldDen[l]), want*math.Abs(float64(oldDen[l]))
				for j := range keys {
					w := weight(logits[j*lanes+l])
					near(t, "a weight", s[j*lanes+l], w, w, 0)
					sum, size = sum+w, size+w
				}
				near(t, "the denominator", den[l], sum, size, keys+3)
			}
		})
	}
}

func TestFill(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, channels int) {
		if channels > 4 {
			return
		}
		s, bits := lend(keys*lanes), make([]uint64, keys)
		for j := range bits {
			bits[j] = r.Uint64()
		}
		before := append([]float32(nil), s...)
		a.Fill(s, bits, lanes, 7)
		for k, x := range s {
			want := before[k]
			if bits[k/lanes]>>(k%lanes)&1 != 0 {
				want = 7
			}
			if x != want {
				t.Fatalf("key %d, lane %d is %v, not %v", k/lanes, k%lanes, x, want)
			}
		}
	})
}

func TestPack(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, pitch, keys, channels int) {
		blocks := channels % 4
		if keys > 2 || channels > 7 {
			return
		}
		var rows Rows
		var x [8][]float32
		for l := range rows {
			if x[l] = lend(max(1, 8*blocks)); blocks > 0 {
				rows[l] = &x[l][0]
			}
		}
		dst := lend(span(8*blocks, pitch, 8))
		before := append([]float32(nil), dst...)
		a.Pack(dst, &rows, pitch, blocks, 0.5, keys == 2)
		for c := range 8 * blocks {
			for l := range x {
				want := 0.5 * x[l][c]
				if keys == 2 {
					want += before[c*pitch+l]
				}
				if got := dst[c*pitch+l]; got != want {
					t.Fatalf("number %d of row %d became %v, not %v", c, l, got, want)
				}
			}
		}
		factor := []float32{2, 2, 2, 2, 4, 2, 2, 2}
		packed := append([]float32(nil), dst...)
		a.Unpack(&rows, dst, factor, pitch, blocks)
		for c := range 8 * blocks {
			for l := range x {
				if got, want := x[l][c], packed[c*pitch+l]*factor[l]; got != want {
					t.Fatalf("number %d of row %d came back as %v, not %v", c, l, got, want)
				}
			}
		}
	})
}

func TestFinite(t *testing.T) {
	for _, l := range Levels() {
		a := l.Attention()
		for n := range 40 {
			x := make([]float32, n)
			for k := range x {
				x[k] = -math.MaxFloat32
			}
			if !a.Finite(x) {
				t.Errorf("%v: %d finite numbers are not finite", l, n)
			}
			for k := range x {
				for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1)), float32(math.Inf(1))} {
					x[k] = bad
					if a.Finite(x) {
						t.Errorf("%v: %v in place %d of %d is finite", l, bad, k, n)
					}
				}
				x[k] = 1
			}
		}
	}
}

func TestRows(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, l := range Levels() {
		a := l.Attention()
		for _, two := range []bool{false, true} {
			for n := 16; n <= 64; n += 16 {
				for _, side := range []guard.Side{guard.Before, guard.Behind} {
					r := rand.New(rand.NewPCG(uint64(n), 1))
					x, spoilt := lent(t, r, n, side)
					x[n/3], x[n/2] = -inf, 3
					logits := append([]float32(nil), x...)
					if got := a.Most(x); got != 3 {
						t.Errorf("%v: the largest of %v is %v, not 3", l, logits, got)
					}
					sum := a.Weigh(x, 3, two)
					exp := math.Exp
					if two {
						exp = math.Exp2
					}
					var want float64
					for k := range x {
						w := exp(float64(logits[k] - 3))
						near(t, "a weight", x[k], w, w, 0)
						want += w
					}
					near(t, "the sum of weights", sum, want, want, n)
					if text := spoilt(); text != "" {
						t.Errorf("%v: memory outside the row was written: %s", l, text)
					}
				}
			}
		}
	}
}
