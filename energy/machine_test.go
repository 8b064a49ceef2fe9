package energy_test

import (
	"context"
	"math"
	"testing"

	"example.com/attest/energy"
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// countdown is a context that is done when it has been asked so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestContextEndsWork counts how often one thread asks the context for
// permission, which is once for each pair of tiles, and then refuses it in the
// middle: the work ends there.
func TestContextEndsWork(t *testing.T) {
	const n, most = 300, 1 << 20
	y, dst := tokens(n, 5, 1), spec.NewMatrix[float32](n, 5)
	for _, level := range kernel.Levels() {
		for name, run := range map[string]func(m energy.Machine){
			"energy":    func(m energy.Machine) { m.InteractionEnergy(y, spec.Matrix[float32]{}) },
			"gradient":  func(m energy.Machine) { m.InteractionGradient(dst, y, spec.Matrix[float32]{}) },
			"Hessian":   func(m energy.Machine) { m.InteractionHessianVector(dst, y, spec.Matrix[float32]{}, y) },
			"majorizer": func(m energy.Machine) { m.InteractionMajorizer(y, y, spec.Matrix[float32]{}) },
			"frozen":    func(m energy.Machine) { m.FrozenStep(dst, y, y, 1) },
			"causal":    func(m energy.Machine) { m.CausalStep(dst, y, 1) },
			"layer": func(m energy.Machine) {
				m.LayerStep(dst, y, spec.Matrix[float32]{}, tokens(5, 5, 2), y, 1, 1, true)
			},
		} {
			asked := func(permissions int) int {
				c := &countdown{t.Context(), permissions}
				run(energy.Machine{Level: level, Threads: 1, Context: c})
				return permissions - c.left
			}
			whole := asked(most)
			if whole < 15 { // pairs of the five tiles
				t.Errorf("%v: %s asks %d times", level, name, whole)
			}
			// After the refusal each loop around asks once more.
			if half := asked(whole / 2); half > whole/2+3 {
				t.Errorf("%v: %s asks %d times, refused after %d of %d", level, name, half, whole/2, whole)
			}
		}
	}
}

// TestContextNotDone requires a result that is whole while the context is not
// done.
func TestContextNotDone(t *testing.T) {
	y, got, want := tokens(300, 5, 1), spec.NewMatrix[float32](300, 5), spec.NewMatrix[float32](300, 5)
	m := energy.Fastest()
	m.InteractionStep(want, y, spec.Matrix[float32]{}, 1)
	m.Context = t.Context()
	m.InteractionStep(got, y, spec.Matrix[float32]{}, 1)
	if m.Context.Err() != nil || !same(got.Data, want.Data) {
		t.Error("a context that is not done changes the result")
	}
	if x := got.Data[0]; math.IsNaN(float64(x)) {
		t.Error("the result is NaN")
	}
}

// TestDescentPanics makes the mistakes that two destinations allow.
func TestDescentPanics(t *testing.T) {
	m := spec.NewMatrix[float32]
	y, a := m(3, 2), spec.Matrix[float32]{}
	for _, c := range []struct {
		text           string
		next, gradient spec.Matrix[float32]
	}{
		{"attest: dst has the wrong shape", m(3, 1), m(3, 2)},
		{"attest: dst has the wrong shape", m(3, 2), m(2, 2)},
		{"attest: dst shares memory with an input", y, m(3, 2)},
		{"attest: dst shares memory with an input", m(3, 2), y},
		{"attest: dst shares memory with an input", y, y},
	} {
		for _, dst := range []spec.Matrix[float32]{c.next, c.gradient} {
			for k := range dst.Data {
				dst.Data[k] = 7
			}
		}
		func() {
			defer func() {
				if got := recover(); got != c.text {
					t.Errorf("panic %v, want %q", got, c.text)
				}
			}()
			energy.Fastest().InteractionDescent(c.next, c.gradient, y, a, 1)
		}()
		for _, dst := range []spec.Matrix[float32]{c.next, c.gradient} {
			for _, x := range dst.Data {
				if x != 7 {
					t.Errorf("%q: written before the check", c.text)
				}
			}
		}
	}
	both := m(3, 2)
	defer func() {
		if got := recover(); got != "attest: dst shares memory with an input" {
			t.Errorf("one matrix for both results: panic %v", got)
		}
	}()
	energy.Fastest().InteractionDescent(both, both, y, a, 1)
}
