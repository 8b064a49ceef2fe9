package bench

import (
	"math"
	"strings"
	"testing"

	"example.com/attest/internal/kernel"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
)

func TestCaseCounts(t *testing.T) {
	for _, c := range []struct {
		c            Case
		name         string
		flops, bytes float64
	}{
		{attention(2048, 64, false, 1), "attention 1,8,2048,2048,64", 4 * 8 * 2048 * 2048 * 64, 4 * 4 * 8 * 2048 * 64},
		{attention(2048, 64, true, 1), "attention 1,8,2048,2048,64 causal", 2 * 8 * 2048 * 2048 * 64, 4 * 4 * 8 * 2048 * 64},
		{attention(2048, 64, false, 2), "attention 1,8,2048,2048,64 on 2 threads", 4 * 8 * 2048 * 2048 * 64, 4 * 4 * 8 * 2048 * 64},
		{decode(8), "decode 1,32/8,1,4096,128", 4 * 32 * 4096 * 128, 4 * 2 * (32*128 + 8*4096*128)},
		{product(512), "sgemm 512", 2 * 512 * 512 * 512, 4 * 3 * 512 * 512},
		{Case{Backward, 1, 8, 8, 1024, 1024, 64, false, 1}, "backward 1,8,1024,1024,64", 10 * 8 * 1024 * 1024 * 64, 4 * 7 * 8 * 1024 * 64},
		{Case{Energy, 1, 1, 1, 4, 4, 3, false, 1}, "energy n=4 d=3", 6 * 6 * 3, 4 * 2 * 4 * 3},
	} {
		if c.c.Name() != c.name || c.c.Flops() != c.flops || c.c.Bytes() != c.bytes {
			t.Errorf("%s: %v operations, %v bytes; want %s, %v, %v", c.c.Name(), c.c.Flops(), c.c.Bytes(), c.name, c.flops, c.bytes)
		}
	}
	seen := map[string]bool{}
	for _, c := range Cases {
		if seen[c.Name()] {
			t.Errorf("two cases are called %s", c.Name())
		}
		seen[c.Name()] = true
	}
}

// TestCheck has right results pass and wrong ones not.
func TestCheck(t *testing.T) {
	for _, c := range []Case{
		{Attention, 1, 4, 2, 5, 9, 3, false, 1},
		{Attention, 1, 4, 2, 6, 6, 3, true, 1},
		{Attention, 1, 2, 1, 1, 9, 3, false, 1},
		{Product, 1, 1, 1, 4, 4, 4, false, 1},
	} {
		x := NewOperands(c)
		out := naive(c, x)
		if err := Check(c, x, out); err != nil {
			t.Errorf("%s: %v", c.Name(), err)
		}
		for _, at := range []int{0, len(out) - 1} {
			was := out[at]
			out[at] += 0.001
			if Check(c, x, out) == nil {
				t.Errorf("%s: a wrong element %d of %d passes", c.Name(), at, len(out))
			}
			out[at] = was
		}
		if Check(c, x, out[1:]) == nil {
			t.Errorf("%s: a result that is too short passes", c.Name())
		}
	}
}

// naive computes a case in float64, without the reference.
func naive(c Case, x *Operands) []float32 {
	out := make([]float32, len(x.Query.Data))
	d := c.Channels
	for h := range c.Heads {
		g := h * c.KeyHeads / c.Heads
		for i := range c.Queries {
			weights, sum := make([]float64, c.Keys), 0.0
			for j := range weights {
				if c.Kind == Product {
					weights[j] = float64(x.Query.At(0, 0, i, j))
					continue
				}
				dot := 0.0
				for k := range d {
					dot += float64(x.Query.At(0, h, i, k)) * float64(x.Key.At(0, g, j, k))
				}
				if !c.Causal || j <= i {
					weights[j] = math.Exp(dot / math.Sqrt(float64(d)))
				}
				sum += weights[j]
			}
			values := x.Value
			if c.Kind == Product {
				values, sum = x.Key, 1
			}
			for k := range d {
				o := 0.0
				for j, w := range weights {
					o += w * float64(values.At(0, g, j, k))
				}
				out[(h*c.Queries+i)*d+k] = float32(o / sum)
			}
		}
	}
	return out
}

// reported collects metrics.
type reported map[string]float64

func (r reported) ReportMetric(n float64, unit string) { r[unit] = n }

func TestReport(t *testing.T) {
	r := reported{}
	report(r, 6e9, 4e9, 2, 12e9)
	if r["GF/s"] != 3 || r["GB/s"] != 2 || r["%peak"] != 25 || len(r) != 3 {
		t.Errorf("%v", r)
	}
	r = reported{}
	report(r, 0, 4e9, 2, 12e9)
	if r["GB/s"] != 2 || len(r) != 1 {
		t.Errorf("%v", r)
	}
}

// TestLocal samples a function once at least, and probes the machine.
func TestLocal(t *testing.T) {
	calls := 0
	l := &Local{Make: func(c Case, _ *Operands) (func(), []float32) {
		if c.Kind != Product {
			return nil, nil
		}
		return func() { calls++ }, []float32{7}
	}}
	if _, _, err := l.Load(small, nil); err != ErrUnsupported {
		t.Errorf("a case that is not offered gives %v", err)
	}
	out, _, err := l.Load(product(1), nil)
	if err != nil || out[0] != 7 || calls != 1 {
		t.Errorf("%v, %v after %d calls", out, err, calls)
	}
	s, err := l.Sample(1e-9)
	if err != nil || s.Times < 1 || s.Times != calls-1 || s.Wall <= 0 {
		t.Errorf("%+v, %v after %d calls", s, err, calls)
	}
	m := Machine{kernel.Portable}
	if m.Peak(1) <= 0 || m.Peak(2) <= 0 || m.Stream(make([]float32, 100)) <= 0 {
		t.Error("a machine that does nothing")
	}
}

// TestCheckGradients has right gradients pass and wrong ones not.
func TestCheckGradients(t *testing.T) {
	c := Case{Backward, 1, 4, 2, 5, 9, 3, true, 1}
	x := NewOperands(c)
	var out []float32
	g := spec.NewAttentionGradients(wide(x.Query), wide(x.Key), wide(x.Value), c.Options())
	precise.Implementation().AttentionBackward(g, wide(x.Gradient), wide(x.Query), wide(x.Key), wide(x.Value), c.Options())
	for _, t := range []spec.Tensor[float64]{g.Query, g.Key, g.Value} {
		for _, y := range t.Data {
			out = append(out, float32(y))
		}
	}
	if err := Check(c, x, out); err != nil {
		t.Error(err)
	}
	for at, want := range map[int]string{0: "queries", len(out) - 1: "values", len(g.Query.Data): "keys"} {
		was := out[at]
		out[at] += 0.001
		if err := Check(c, x, out); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a wrong gradient in %s gives %v", want, err)
		}
		out[at] = was
	}
}
