package mutant

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// fused returns x·y + z rounded once, as near as float64 comes: the product of
// two float32 is exact in it.
func fused(x, y, z float32) float32 { return float32(float64(x)*float64(y) + float64(z)) }

// partVariants are correct float32 implementations of the parts that compute in
// another order or form than this project's.
var partVariants = map[string]func(im *spec.Implementation[float32]){
	"log-softmax online, its logarithm corrected": func(im *spec.Implementation[float32]) {
		im.LogSoftmax = func(dst, x []float32) {
			m, sum := float32(math.Inf(-1)), float32(0)
			for _, v := range x {
				if v != v || v > math.MaxFloat32 {
					m, sum = v, float32(math.NaN())
					break
				}
				if v > m {
					sum *= float32(math.Exp(float64(m - v)))
					m = v
				}
				if !math.IsInf(float64(m), -1) {
					sum += float32(math.Exp(float64(v - m)))
				}
			}
			for j, v := range x {
				if dst[j] = v; !math.IsInf(float64(m), -1) {
					dst[j] = (v - m) - float32(math.Log(float64(sum)))
				}
			}
		}
	},
	"log-softmax backwards, logarithm in base 2": func(im *spec.Implementation[float32]) {
		im.LogSoftmax = func(dst, x []float32) {
			m, sum := float32(math.Inf(-1)), float32(0)
			for _, v := range x {
				m = max(m, v)
			}
			for j := len(x) - 1; j >= 0; j-- {
				sum += float32(math.Exp(float64(x[j] - m)))
			}
			for j, v := range x {
				if dst[j] = v; !math.IsInf(float64(m), -1) {
					dst[j] = (v - m) - float32(math.Log2(float64(sum)))*float32(math.Ln2)
				}
			}
		}
	},
	"RMSNorm backwards, fused, gain first": func(im *spec.Implementation[float32]) {
		im.RMSNorm = rmsVariant(func(x, inverse, gain float32) float32 { return gain * inverse * x })
	},
	"RMSNorm backwards, fused, gain last": func(im *spec.Implementation[float32]) {
		im.RMSNorm = rmsVariant(func(x, inverse, gain float32) float32 { return x * inverse * gain })
	},
	"rotation fused on the first product": func(im *spec.Implementation[float32]) {
		im.Rope = ropeVariant(func(x, y, sin, cos float32) (float32, float32) {
			return fused(x, cos, -(y * sin)), fused(x, sin, y*cos)
		})
	},
	"rotation fused on the second product": func(im *spec.Implementation[float32]) {
		im.Rope = ropeVariant(func(x, y, sin, cos float32) (float32, float32) {
			return fused(-y, sin, x*cos), fused(y, cos, x*sin)
		})
	},
	"gated unit by unit, backwards, fused": func(im *spec.Implementation[float32]) {
		apply := im.Prox.Apply
		im.Gated = func(dst, x, gate, up, down spec.Matrix[float32], act spec.Activation) {
			for i := range dst.Rows {
				clear(dst.Row(i))
				for l := gate.Cols - 1; l >= 0; l-- {
					var a, b float32
					for k := x.Cols - 1; k >= 0; k-- {
						a, b = fused(x.At(i, k), gate.At(k, l), a), fused(x.At(i, k), up.At(k, l), b)
					}
					h := []float32{a}
					apply(h, h, act)
					for j := range dst.Cols {
						dst.Set(i, j, fused(h[0]*b, down.At(l, j), dst.At(i, j)))
					}
				}
			}
		}
	},
}

// rmsVariant adds squares backwards with fused operations and multiplies by 1/d.
func rmsVariant(output func(x, inverse, gain float32) float32) spec.RMSNorm[float32] {
	return func(dst, src spec.Matrix[float32], gain []float32, eps float32) {
		for i := range src.Rows {
			var s float32
			for k := src.Cols - 1; k >= 0; k-- {
				s = fused(src.At(i, k), src.At(i, k), s)
			}
			inverse := 1 / float32(math.Sqrt(float64(fused(s, 1/float32(src.Cols), eps))))
			for k, x := range src.Row(i) {
				dst.Set(i, k, output(x, inverse, gain[k]))
			}
		}
	}
}

// ropeVariant divides positions by base^(2k/Dims) and takes sine and cosine
// apart.
func ropeVariant(turn func(x, y, sin, cos float32) (float32, float32)) spec.Rope[float32] {
	return func(dst, src spec.Matrix[float32], r spec.Rotary) {
		for i := range src.Rows {
			copy(dst.Row(i), src.Row(i))
			for k := range r.Dims / 2 {
				a, b := r.Pair(k)
				theta := float64(r.Offset+i) / math.Exp(float64(2*k)/float64(r.Dims)*math.Log(r.Base))
				x, y := turn(src.At(i, a), src.At(i, b), float32(math.Sin(theta)), float32(math.Cos(theta)))
				dst.Set(i, a, x)
				dst.Set(i, b, y)
			}
		}
	}
}

// TestEquivalentParts requires that no claim rejects a correct part.
func TestEquivalentParts(t *testing.T) {
	for name, plant := range partVariants {
		t.Run(name, func(t *testing.T) {
			im, oracle := suite.Float32()
			plant(im)
			for _, p := range props.Properties[float32]() {
				group, _, _ := strings.Cut(string(p.Claim), "-")
				if !strings.Contains("SMX RMS ROP GLU POS", group) {
					continue
				}
				if r := props.Run(p, im, oracle, props.Options{Cases: 50, Seed: 7}); !r.Verdict.OK() {
					t.Error(r.Message())
				}
			}
		})
	}
}
