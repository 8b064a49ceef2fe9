package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestMeans(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, _ int) {
		mean, s, p, f := lend(lanes), lend(keys*lanes), lend(keys*lanes), lend(lanes)
		before := append([]float32(nil), mean...)
		a.Means(mean, s, p, f, keys, lanes)
		for l := range lanes {
			want := float64(before[l]) * float64(f[l])
			size := math.Abs(want)
			for j := range keys {
				x := float64(s[j*lanes+l]) * float64(p[j*lanes+l])
				want, size = want+x, size+math.Abs(x)
			}
			near(t, fmt.Sprintf("the mean of lane %d", l), mean[l], want, size, keys+1)
		}
	})
}

func TestGradients(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, channels int) {
		two, exp := channels%2 == 0, math.Exp
		if two {
			exp = math.Exp2
		}
		s, p, top, inverse, mean := lend(keys*lanes), lend(keys*lanes), lend(lanes), lend(lanes), lend(lanes)
		for l := range top {
			top[l] += 4 // above most logits
		}
		s[len(s)-1] = float32(math.Inf(-1))
		x, d := append([]float32(nil), s...), append([]float32(nil), p...)
		const scale, u = 0.3, 0x1p-24
		a.Gradients(s, p, top, inverse, mean, keys, lanes, two, scale)
		for k := range s {
			l := k % lanes
			// The exponential and its argument, the product; then the difference
			// and two products more.
			want := exp(float64(x[k])-float64(top[l])) * float64(inverse[l])
			share := ExpError + u*math.Abs(float64(x[k]-top[l])) + 2*u
			if math.IsInf(float64(x[k]), -1) {
				share = 0
			}
			if err := math.Abs(float64(s[k]) - want); !(err <= share*math.Abs(want)) {
				t.Fatalf("the weight of number %d is %v, not %v", k, s[k], want)
			}
			gradient := want * (float64(d[k]) - float64(mean[l])) * float64(float32(scale))
			if err := math.Abs(float64(p[k]) - gradient); !(err <= (share+4*u)*math.Abs(gradient)) {
				t.Fatalf("the gradient of number %d is %v, not %v", k, p[k], gradient)
			}
		}
	})
}

func TestOwed(t *testing.T) {
	eachSize(t, allLanes, func(t *testing.T, a *Backward, r *rand.Rand, lend func(int) []float32, lanes, keys, channels int) {
		channels *= a.Vector
		stride, xStride := channels+r.IntN(3), channels+r.IntN(3)
		dst, w, x := lend(span(keys, stride, channels)), lend(keys*lanes), lend(span(lanes, xStride, channels))
		before := append([]float32(nil), dst...)
		a.Owed(dst, w, x, stride, xStride, keys, lanes, channels)
		for k := range dst {
			j, c := k/max(stride, 1), k%max(stride, 1)
			if c >= channels {
				if dst[k] != before[k] {
					t.Fatalf("number %d behind row %d was written", c-channels, j)
				}
				continue
			}
			want := float64(before[k])
			size := math.Abs(want)
			for l := range lanes {
				y := float64(w[j*lanes+l]) * float64(x[l*xStride+c])
				want, size = want+y, size+math.Abs(y)
			}
			near(t, fmt.Sprintf("channel %d of key %d", c, j), dst[k], want, size, lanes)
		}
	})
}
