package energy_test

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/energy"
	"example.com/attest/spec"
)

// TestLayerRefusesShapes: a mistake of shape panics with a text that names the
// matrix, before anything is written.
func TestLayerRefusesShapes(t *testing.T) {
	const untouched = 7
	m := func(rows, cols int) spec.Matrix[float32] { return spec.NewMatrix[float32](rows, cols) }
	y, w, b := m(3, 2), m(2, 2), m(3, 2)
	row, bad := m(1, 2), spec.Quadratic[float32]{K: m(2, 3), B: m(1, 2)}
	good := spec.Quadratic[float32]{K: w, B: row}
	for name, c := range map[string]struct {
		want string
		call func(dst spec.Matrix[float32])
	}{
		"step, W":         {"attest: W has the wrong shape", func(dst spec.Matrix[float32]) { energy.Fastest().FeedForwardStep(dst, y, m(2, 3), b, 1) }},
		"step, B":         {"attest: B has the wrong shape", func(dst spec.Matrix[float32]) { energy.Fastest().FeedForwardStep(dst, y, w, m(2, 2), 1) }},
		"step, dst":       {"attest: dst has the wrong shape", func(dst spec.Matrix[float32]) { energy.Fastest().FeedForwardStep(dst, m(2, 2), w, m(2, 2), 1) }},
		"prox, W":         {"attest: W has the wrong shape", func(dst spec.Matrix[float32]) { energy.Fastest().ProxStep(dst, y, m(1, 2), b, 1, 1) }},
		"alternating, Kf": {"attest: Kf has the wrong shape", func(dst spec.Matrix[float32]) { energy.AlternatingStep(row, m(1, 2), bad, good, 1, 1) }},
		"layer, A":        {"attest: A has the wrong shape", func(dst spec.Matrix[float32]) { energy.Fastest().LayerStep(dst, y, m(3, 1), w, b, 1, 1, true) }},
		"parallel, A":     {"attest: A has the wrong shape", func(dst spec.Matrix[float32]) { energy.Fastest().LayerParallelStep(dst, y, m(1, 1), w, b, 1, true) }},
		"apply, length":   {"attest: dst has the wrong length", func(spec.Matrix[float32]) { energy.Apply(make([]float32, 2), make([]float32, 3), spec.ActReLU) }},
		"apply, name":     {"attest: unknown activation", func(spec.Matrix[float32]) { energy.Apply(nil, nil, "step") }},
		"penalty, name":   {"attest: this activation is", func(spec.Matrix[float32]) { energy.Penalty(0, spec.ActGELU) }},
	} {
		t.Run(name, func(t *testing.T) {
			dst := m(3, 2)
			for k := range dst.Data {
				dst.Data[k] = untouched
			}
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, c.want) {
					t.Errorf("panicked with %q, want %q", text, c.want)
				}
				for _, x := range dst.Data {
					if x != untouched {
						t.Fatal("dst was written before the panic")
					}
				}
			}()
			c.call(dst)
		})
	}
}

// TestApplyInPlace: dst may be src.
func TestApplyInPlace(t *testing.T) {
	x := []float32{-2, -1, 0, 1, 2}
	energy.Apply(x, x, spec.ActSoftThreshold)
	for k, want := range []float32{-1, 0, 0, 0, 1} {
		if math.Abs(float64(x[k])) != math.Abs(float64(want)) || x[k]*want < 0 {
			t.Errorf("element %d is %v, want %v", k, x[k], want)
		}
	}
}
