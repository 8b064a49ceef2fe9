package transformer_test

import (
	"testing"

	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// TestWrongShapesPanic has every mistake that the layers refuse, with the text
// that they refuse it with, and checks that nothing was written before.
func TestWrongShapesPanic(t *testing.T) {
	matrix := func(rows, cols int) spec.Matrix[float32] {
		m := spec.NewMatrix[float32](rows, cols)
		for k := range m.Data {
			m.Data[k] = 1
		}
		return m
	}
	two, three := []float32{1, 1}, []float32{1, 1, 1}
	for _, c := range []struct {
		name, text string
		run        func(dst spec.Matrix[float32])
	}{
		{"softmax", "attest: dst has the wrong length", func(dst spec.Matrix[float32]) { transformer.Softmax(dst.Data, three) }},
		{"relu", "attest: dst has the wrong length", func(dst spec.Matrix[float32]) { transformer.ReLU(dst.Data, three) }},
		{"norm shape", "attest: dst has the wrong shape", func(dst spec.Matrix[float32]) {
			transformer.LayerNorm(dst, matrix(2, 3), three, three, 1)
		}},
		{"norm gain", "attest: gain has the wrong length", func(dst spec.Matrix[float32]) {
			transformer.LayerNorm(dst, matrix(2, 2), three, two, 1)
		}},
		{"linear W", "attest: W has the wrong shape", func(dst spec.Matrix[float32]) {
			transformer.Linear(dst, matrix(2, 3), matrix(2, 2), nil)
		}},
		{"linear dst", "attest: dst has the wrong shape", func(dst spec.Matrix[float32]) {
			transformer.Linear(dst, matrix(3, 2), matrix(2, 2), nil)
		}},
		{"linear bias", "attest: bias has the wrong length", func(dst spec.Matrix[float32]) {
			transformer.Linear(dst, matrix(2, 2), matrix(2, 2), three)
		}},
		{"linear alias", "attest: dst shares memory with an input", func(dst spec.Matrix[float32]) {
			transformer.Linear(dst, matrix(2, 2), dst, nil)
		}},
		{"log-softmax", "attest: dst has the wrong length", func(dst spec.Matrix[float32]) { transformer.LogSoftmax(dst.Data, three) }},
		{"rms shape", "attest: dst has the wrong shape", func(dst spec.Matrix[float32]) { transformer.RMSNorm(dst, matrix(3, 2), two, 1) }},
		{"rms gain", "attest: gain has the wrong length", func(dst spec.Matrix[float32]) {
			transformer.RMSNorm(dst, matrix(2, 2), three, 1)
		}},
		{"rope shape", "attest: dst has the wrong shape", rope(matrix(2, 3), spec.Rotary{Layout: spec.HalfLayout, Dims: 2, Base: 10})},
		{"rope layout", "attest: unknown layout of a rotary embedding", rope(matrix(2, 2), spec.Rotary{Dims: 2, Base: 10})},
		{"rope odd", "attest: a rotary embedding turns an even number of channels", rope(matrix(2, 2), spec.Rotary{Layout: spec.HalfLayout, Dims: 1, Base: 10})},
		{"rope wide", "attest: a rotary embedding turns more channels than there are", rope(matrix(2, 2), spec.Rotary{Layout: spec.HalfLayout, Dims: 4, Base: 10})},
		{"rope base", "attest: the base of a rotary embedding is not above 1", rope(matrix(2, 2), spec.Rotary{Layout: spec.HalfLayout, Dims: 2})},
		{"positions", "attest: the base of the positions is not above 1", func(dst spec.Matrix[float32]) { transformer.Positions(dst, 0, 1) }},
		{"residual", "attest: Y has the wrong shape", func(dst spec.Matrix[float32]) { transformer.Residual(dst, matrix(2, 2), matrix(2, 3)) }},
		{"gated up", "attest: up has the wrong shape", gated(matrix(2, 3), matrix(3, 5), matrix(3, 4), matrix(5, 2), spec.ActSiLU)},
		{"gated down", "attest: down has the wrong shape", gated(matrix(2, 3), matrix(3, 5), matrix(3, 5), matrix(4, 2), spec.ActSiLU)},
		{"gated act", "attest: unknown activation", gated(matrix(2, 3), matrix(3, 5), matrix(3, 5), matrix(5, 2), "step")},
		{"gated alias", "attest: dst shares memory with an input", func(dst spec.Matrix[float32]) {
			transformer.Gated(dst, matrix(2, 2), matrix(2, 2), matrix(2, 2), dst, spec.ActSiLU)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dst := matrix(2, 2)
			defer func() {
				if got := recover(); got != c.text {
					t.Errorf("panicked with %v, not %q", got, c.text)
				}
				for k, x := range dst.Data {
					if x != 1 {
						t.Errorf("element %d was written before the check", k)
					}
				}
			}()
			c.run(dst)
		})
	}
}

func rope(src spec.Matrix[float32], r spec.Rotary) func(dst spec.Matrix[float32]) {
	return func(dst spec.Matrix[float32]) { transformer.Rope(dst, src, r) }
}

func gated(x, gate, up, down spec.Matrix[float32], act spec.Activation) func(dst spec.Matrix[float32]) {
	return func(dst spec.Matrix[float32]) { transformer.Gated(dst, x, gate, up, down, act) }
}

// TestInPlace runs the operations that allow it with dst = src.
func TestInPlace(t *testing.T) {
	x := []float32{-1, 2}
	transformer.ReLU(x, x)
	if x[0] != 0 || x[1] != 2 {
		t.Errorf("ReLU in place gives %v", x)
	}
	transformer.Softmax(x[:1], x[:1])
	if x[0] != 1 {
		t.Errorf("softmax in place gives %v", x[0])
	}
	y := []float32{3, 3}
	transformer.LogSoftmax(y[:1], y[:1])
	if y[0] != 0 {
		t.Errorf("log-softmax in place gives %v", y[0])
	}
	turned := spec.MatrixOf([]float32{1, 2, 3, 4, 5})
	apart := spec.NewMatrix[float32](1, 5)
	for _, layout := range []spec.Layout{spec.HalfLayout, spec.InterleavedLayout} {
		r := spec.Rotary{Layout: layout, Dims: 4, Offset: 7, Base: 100}
		transformer.Rope(apart, turned, r)
		transformer.Rope(turned, turned, r)
		for k, v := range apart.Data {
			if turned.Data[k] != v {
				t.Errorf("the %s layout in place gives %v in channel %d, not %v", layout, turned.Data[k], k, v)
			}
		}
	}
	sum := spec.MatrixOf([]float32{1, 2})
	transformer.Residual(sum, sum, spec.MatrixOf([]float32{1, -2}))
	if sum.At(0, 0) != 2 || sum.At(0, 1) != 0 {
		t.Errorf("residual in place gives %v", sum.Data)
	}
	rms := spec.MatrixOf([]float32{3, -4})
	transformer.RMSNorm(rms, rms, []float32{2, 10}, 3.5)
	if rms.At(0, 0) != 1.5 || rms.At(0, 1) != -10 {
		t.Errorf("RMSNorm in place gives %v", rms.Data)
	}
	m := spec.MatrixOf([]float32{1, 5})
	transformer.LayerNorm(m, m, []float32{2, 10}, []float32{0.5, -1}, 12)
	if m.At(0, 0) != -0.5 || m.At(0, 1) != 4 {
		t.Errorf("LayerNorm in place gives %v", m.Data)
	}
}
