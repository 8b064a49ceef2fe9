package kernel

import "math"

// Backward is the inner loops of attention's gradients on tiles of queries in
// lanes, beside those of Attention. Numbers of keys are positive.
type Backward struct {
	*Attention

	// Means stores mean[lane] = mean[lane]·factor[lane] + Σⱼ s[j][lane]·p[j][lane].
	Means func(mean, s, p, factor []float32, keys, lanes int)
	// Gradients replaces the logits x in s by the weights a = b^(x − top)·inverse, b
	// being 2 or e, and the gradients dP in the weights in p by those in the logits,
	// a·(dP − mean)·scale. A logit of −Inf with a finite top has the weight 0.
	Gradients func(s, p, top, inverse, mean []float32, keys, lanes int, two bool, scale float32)
	// Owed stores dst[j·stride+channel] += Σ a[j][lane]·x[lane·xStride+channel]. The
	// channels are a multiple of Vector.
	Owed func(dst, a, x []float32, stride, xStride, keys, lanes, channels int)
}

// Backward returns the inner loops of attention's gradients at a level.
func (l Level) Backward() *Backward {
	b := &Backward{Attention: l.Attention(), Means: portableMeans, Gradients: portableGradients, Owed: portableOwed}
	l.backward(b)
	return b
}

func portableMeans(mean, s, p, factor []float32, keys, lanes int) {
	for l := range lanes {
		sum := mean[l] * factor[l]
		for j := range keys {
			sum += s[j*lanes+l] * p[j*lanes+l]
		}
		mean[l] = sum
	}
}

func portableGradients(s, p, top, inverse, mean []float32, keys, lanes int, two bool, scale float32) {
	exp := math.Exp
	if two {
		exp = math.Exp2
	}
	for j := range keys {
		x, d := s[j*lanes:][:lanes], p[j*lanes:][:lanes]
		for l := range x {
			x[l] = float32(exp(float64(x[l]-top[l]))) * inverse[l]
			d[l] = x[l] * (d[l] - mean[l]) * scale
		}
	}
}

func portableOwed(dst, a, x []float32, stride, xStride, keys, lanes, channels int) {
	if channels == 0 {
		return
	}
	for j := range keys {
		row := dst[j*stride:][:channels]
		for l, w := range a[j*lanes:][:lanes] {
			for c, e := range x[l*xStride:][:channels] {
				row[c] += w * e
			}
		}
	}
}
