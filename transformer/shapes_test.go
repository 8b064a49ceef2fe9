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
	m := spec.MatrixOf([]float32{1, 5})
	transformer.LayerNorm(m, m, []float32{2, 10}, []float32{0.5, -1}, 12)
	if m.At(0, 0) != -0.5 || m.At(0, 1) != 4 {
		t.Errorf("LayerNorm in place gives %v", m.Data)
	}
}
