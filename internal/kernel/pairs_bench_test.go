package kernel

import (
	"fmt"
	"testing"
)

// BenchmarkPairs times each kernel on one tile of 64 by 64 tokens of 64 channels.
func BenchmarkPairs(b *testing.B) {
	const n, d = 64, 64
	u, x, sum, s := make([]float32, n*d), make([]float32, n*d), make([]float32, n*d), make([]float32, n*n)
	other := make([]float32, n*d)
	for k := range u {
		u[k], x[k] = float32(k%7)/64, float32(k%5)
	}
	row, col := make([]float32, n*16), make([]float32, n)
	for _, l := range Levels() {
		w := l.Lanes()
		for _, f := range []struct {
			name  string
			flops int
			run   func()
		}{
			{"squares", 3 * n * n * d, func() { l.Squares(s, n, u, x, d, n, n/w) }},
			{"products", 4 * n * n * d, func() { l.Products(s, n, u, x, x, u, d, n, n/w) }},
			{"weigh", n * n, func() { l.Weigh(s, n, row, col, n, n/w) }},
			{"exchange", 5 * n * n * d, func() {
				for c := range d / w {
					at := c * n * w
					l.Exchange(s, n, u[at:], sum[at:], x[at:], other[at:], n, n)
				}
			}},
			{"attract", 3 * n * n * d, func() {
				for c := range d / w {
					at := c * n * w
					l.Attract(s, n, u[at:], sum[at:], x[at:], n, n)
				}
			}},
		} {
			b.Run(fmt.Sprintf("%s/%v", f.name, l), func(b *testing.B) {
				clear(s)
				for b.Loop() {
					f.run()
				}
				b.ReportMetric(float64(f.flops*b.N)/float64(b.Elapsed().Nanoseconds()), "GF/s")
			})
		}
	}
}
