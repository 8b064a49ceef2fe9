package transformer_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// patience is a context that is done after it has been asked so many times.
type patience struct {
	context.Context
	left atomic.Int64
}

func (p *patience) Err() error {
	if p.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func patient(times int64) *patience {
	p := &patience{Context: context.Background()}
	p.left.Store(times)
	return p
}

// TestAttendContext lets attention and its gradients run to their end, not begin,
// and end on the way: then some tiles are whole and the others not begun.
func TestAttendContext(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const m, n, d = 500, 60, 8
	q, k, v, dOut := normal(r, 1, 2, m, d), normal(r, 1, 2, n, d), normal(r, 1, 2, n, d), normal(r, 1, 2, m, d)
	opt := &spec.AttentionOptions{Scale: 1}
	whole := spec.NewTensor[float32](1, 2, m, d)
	transformer.Attend(whole, q, k, v, opt)
	gradients := spec.NewAttentionGradients(q, k, v, opt)
	transformer.AttendBackward(gradients, dOut, q, k, v, opt)

	dst, g := spec.NewTensor[float32](1, 2, m, d), spec.NewAttentionGradients(q, k, v, opt)
	if err := transformer.AttendContext(context.Background(), dst, q, k, v, opt); err != nil || !slices.Equal(dst.Data, whole.Data) {
		t.Errorf("a context that is never done gives %v, or other outputs", err)
	}
	if err := transformer.AttendBackwardContext(context.Background(), g, dOut, q, k, v, opt); err != nil || !slices.Equal(flat(g), flat(gradients)) {
		t.Errorf("a context that is never done gives %v, or other gradients", err)
	}
	for _, times := range []int64{0, 1, 3} {
		for k := range dst.Data {
			dst.Data[k] = float32(math.NaN())
		}
		if err := transformer.AttendContext(patient(times), dst, q, k, v, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("done after %d tiles: %v", times, err)
		}
		stored := 0
		for k, x := range dst.Data {
			switch {
			case x != x:
			case x == whole.Data[k]:
				stored++
			default:
				t.Fatalf("done after %d tiles: output %d is %v, not %v", times, k, x, whole.Data[k])
			}
		}
		if (stored == 0) != (times == 0) || stored == len(dst.Data) {
			t.Errorf("done after %d tiles: %d of %d outputs are there", times, stored, len(dst.Data))
		}
		if err := transformer.AttendBackwardContext(patient(times), g, dOut, q, k, v, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("gradients done after %d tiles: %v", times, err)
		}
	}
}
