package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// TestFeedForwardBoundsAreFormulas compares the bounds of the feed-forward energy,
// of the proximal step and of the curvature with the formulas of their comments.
func TestFeedForwardBoundsAreFormulas(t *testing.T) {
	const eta, lambda = -0.75, 0.5
	u, tiny := coarse.Unit, coarse.Tiny
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	w := [][]float64{{1, 0.5}, {-0.25, 0.75}}
	b := [][]float64{{0.5, -1}, {0, 0.25}, {2, 0}}
	eps := [][]float64{{0.25, 0}, {0.125, 0.5}, {0, 1}}
	k := [][]float64{{2, 0.375}, {0.375, 1.75}} // (|W|+|W|ᵀ)/2 + I
	ym, wm, bm := spec.MatrixOf(y...), spec.MatrixOf(w...), spec.MatrixOf(b...)
	f := NewFeedForwardBounds(ym, wm, bm, coarse)
	var size, top float64
	gradient, step, from, prox := f.Gradient(), f.Step(eta), f.StepFrom(eta, spec.MatrixOf(eps...)), ProxStepBound(ym, wm, bm, lambda, -eta, coarse)
	for i := range y {
		for l, x := range times(sizes(y[i]), sizesOf(w)) {
			size += x * math.Abs(y[i][l])
		}
		through, carried := times(sizes(y[i]), k), times(eps[i], k)
		for c := range y[i] {
			s := math.Abs(y[i][c]) + math.Abs(b[i][c])
			size, top = size+s*s, max(top, s)
			g := through[c] + math.Abs(b[i][c])
			near(t, "gradient", gradient.At(i, c), second*(8*u*g+8*tiny))
			e := 11*u*(math.Abs(y[i][c])+0.75*g) + 10*tiny*1.75
			near(t, "step", step.At(i, c), second*e)
			near(t, "step from elsewhere", from.At(i, c), second*(e+eps[i][c]+0.75*carried[c]))
			near(t, "proximal step", prox.At(i, c), second*e+second*(2*u*(math.Abs(y[i][c])+0.75*g+0.75*lambda)+tiny))
		}
	}
	near(t, "value", f.Value(), second*((3*2+2+8)*u*size/2+(3*2*2+2)*tiny*(1+top)))
	// Rounding can take (d+4)u of a row sum.
	if got, want := CurvatureBound(spec.MatrixOf([]float64{1, -2}, []float64{4, 0.5})), 4.5*(1+6*0x1p-53); got != want {
		t.Errorf("curvature: got %v want %v", got, want)
	}
}

// TestRidgeBoundsAreFormulas is the same for the ridge steps: those of one token
// more, the sink, whose weight λ is exact.
func TestRidgeBoundsAreFormulas(t *testing.T) {
	const eta, lambda = 0.75, 0.5
	u, w := coarse.Unit, coarse.Tiny
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	a := [][]float64{{1, 0.5, -0.25}, {-0.5, 1, 0.75}}
	f, b := newPairs(y, a, coarse), NewInteractionBounds(spec.MatrixOf(y...), spec.MatrixOf(a...), coarse)
	var err, square, energy float64
	for i := range y {
		norm := Norm(f.u[i])
		square += norm * norm
		err += norm*(2*f.tau[i]+2*2*w) + f.tau[i]*f.tau[i] + (3*3+3)*u*norm*norm
		for j := range i {
			energy += f.g[i][j]
		}
	}
	near(t, "value", b.RidgeValue(lambda), b.Value()+second*(lambda/2*(err+12*w)+u*(energy+lambda*square/2))+2*w)

	// step is Step's formula with the weights c·G, off by rel more, and the sink.
	step := func(f *pairs, i, k int, c, rel, w float64) float64 {
		sum := lambda
		var inc, e float64
		for j := range y {
			sum += c * f.g[i][j]
		}
		for j := range y {
			inc += c * f.g[i][j] * (y[j][k] - y[i][k]) / sum
		}
		inc -= lambda * y[i][k] / sum
		for j := range y {
			e += (math.Abs(y[j][k]-y[i][k])+math.Abs(inc))*(c*f.g[i][j]*(f.e[i][j]+rel+(4+3)*u)+w) + w
		}
		e += (math.Abs(y[i][k])+math.Abs(inc))*(lambda*(4+3)*u+w) + w
		return second*(eta/sum*e+3*u*eta*math.Abs(inc)+u*math.Abs(y[i][k]+eta*inc)) + (2+eta)*w
	}
	s := []float64{0, 4}
	root := [][]float64{{0, 0}, {0, 2}}
	g, channels := newPairs(y, root, coarse), NewInteractionBounds(spec.MatrixOf(y...), spec.MatrixOf(root...), coarse)
	ridge, channel := b.RidgeStep(lambda, eta), channels.RidgeChannelStep(s, lambda, eta)
	for i := range y {
		for k := range y[i] {
			near(t, "step", ridge.At(i, k), step(f, i, k, 1, 0, 2*w))
		}
		near(t, "channel without weight", channel.At(i, 0), second*u*(2+2*eta)*math.Abs(y[i][0])+2*w)
		near(t, "channel", channel.At(i, 1), step(g, i, 1, 4, u, 5*w))
		for j := range y {
			near(t, "kernel", b.KernelError(i, j), f.e[i][j])
		}
	}
}

// TestLayerBoundsAreFormulas is the same for the layer.
func TestLayerBoundsAreFormulas(t *testing.T) {
	const eta = 0.75
	u, tiny := coarse.Unit, coarse.Tiny
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	a := [][]float64{{1, 0.5, -0.25}, {-0.5, 1, 0.75}}
	w, b := spec.MatrixOf([]float64{1, 0.5}, []float64{-0.25, 0.75}), spec.MatrixOf([]float64{0.5, -1}, []float64{0, 0.25}, []float64{2, 0})
	ym, am := spec.MatrixOf(y...), spec.MatrixOf(a...)
	attend := NewInteractionBounds(ym, am, coarse)
	l := NewLayerBounds(attend, ym, w, b)
	f, forward := newPairs(y, a, coarse), NewFeedForwardBounds(ym, w, b, coarse)
	near(t, "value", l.Value(), second*(attend.Value()+forward.Value()+u*math.Abs(InteractionEnergy(ym, am)+FeedForwardEnergy(ym, w, b))))

	middle := newMatrix(3, 2)
	InteractionStep(middle, ym, am, eta)
	want := NewFeedForwardBounds(middle, w, b, coarse).StepFrom(0.5, attend.Step(eta))
	slope, q, got, parallel := newMatrix(3, 2), ParallelCurvature(ym, am, w), l.Step(eta, 0.5), l.ParallelStep(eta)
	InteractionGradient(slope, ym, am)
	k := [][]float64{{2, 0.375}, {0.375, 1.75}}
	for i := range y {
		var degree, err float64
		for j := range y {
			degree += f.g[i][j]
			err += f.g[i][j]*f.e[i][j] + tiny
		}
		err = second * (err + 3*u*degree)
		near(t, "degree", attend.Degrees()[i], err)
		for c := range y[i] {
			near(t, "step", got.At(i, c), want.At(i, c))
			m := math.Abs(slope.At(i, c)) + times(sizes(y[i]), k)[c] + math.Abs(b.At(i, c))
			e := eta/q[i]*(attend.Gradient().At(i, c)+forward.Gradient().At(i, c)+(err/degree+(2+2*3+8)*u+6*u)*m) + u*(math.Abs(y[i][c])+eta*m/q[i])
			near(t, "parallel step", parallel.At(i, c), second*e+4*tiny)
		}
	}
}

// TestRopeBoundIsFormula works the bounds of angles and of turned pairs.
func TestRopeBoundIsFormula(t *testing.T) {
	r := spec.Rotary{Dims: 4, Base: 100, Offset: 3}
	u, w := 0x1p-40, 0x1p-43
	src, e := spec.MatrixOf([]float64{1, 2, -3, 0.5, 7}, []float64{3, 4, 4, 0, 9}), spec.MatrixOf([]float64{0, 0, 0, 0, 0}, []float64{3, 0, -4, 1, 2})
	got := RopeBoundFrom(src, e, r, Rounding{u, w})
	for i, norms := range [][2]float64{{math.Sqrt(10), math.Sqrt(4.25)}, {10, 5}} {
		for k, norm := range norms {
			shift := 0.0
			if i == 1 {
				shift = []float64{5, 1}[k]
			}
			angle := float64(3+i) * []float64{1, 0.1}[k] // 100^(−2k/4)
			want := second*(norm*((4*math.Log(100)+8)*0x1p-53*angle+4*u)+shift) + 3*w
			near(t, "first", got.At(i, k), want)
			near(t, "last", got.At(i, k+2), want)
		}
		if want := []float64{0, 2}[i]; got.At(i, 4) != want {
			t.Errorf("the copied channel is off by %v, bound %v", want, got.At(i, 4))
		}
	}
	// An error of a pair counts in its norm, too.
	near(t, "coarse", RopeBoundFrom(src, e, r, coarse).At(1, 0), second*(10*((4*math.Log(100)+8)*0x1p-53*4+4*coarse.Unit)+5)+3*coarse.Tiny)
	// Where float64 is all there is, the angle shows.
	near(t, "angle of the next row", RopeBound(src, r, Rounding{}).At(1, 0), second*5*(4*math.Log(100)+8)*0x1p-53*4)
	near(t, "angle alone", RopeBound(src, r, Rounding{}).At(0, 1), second*math.Sqrt(4.25)*(4*math.Log(100)+8)*0x1p-53*0.3)
	near(t, "positions", PositionsBound(3, 3, 4, 100, Rounding{0, w}), second*(4*math.Log(100)+8)*0x1p-53*0.3+w)
	near(t, "positions, coarse", PositionsBound(3, 2, 4, 100, Rounding{u, 0}), second*((4*math.Log(100)+8)*0x1p-53*0.3+2*u))
}

// TestGateBoundsAreFormulas follows errors through a gated layer of one channel.
func TestGateBoundsAreFormulas(t *testing.T) {
	r := Rounding{0x1p-13, 0x1p-14}
	u, w := r.Unit, r.Tiny
	x, e := spec.MatrixOf([]float64{2}), spec.MatrixOf([]float64{0x1p-6})
	gate, up, down := spec.MatrixOf([]float64{0.75}), spec.MatrixOf([]float64{-1.5}), spec.MatrixOf([]float64{0.5})
	for act, lipschitz := range map[spec.Activation]float64{spec.ActSiLU: 1.1, spec.ActReLU: 1, spec.ActSigmoid: 0.25} {
		open := Activate(1.5, act)
		ea := LinearBoundFrom(x, e, gate, nil, r).At(0, 0)
		ev := LinearBoundFrom(x, e, up, nil, r).At(0, 0)
		eo := (lipschitz+64*u)*ea + ActivationBound(1.5, act, r)
		slip := open*ev + 3*eo + eo*ev
		want := second*(slip+u*(3*open+slip)) + w
		b := NewGateBoundsFrom(x, e, gate, up, down, act, r)
		near(t, "hidden", b.Hidden.At(0, 0), -3*open)
		near(t, "slip", b.Slip.At(0, 0), want)
		near(t, "output", b.Output().At(0, 0), LinearBoundFrom(spec.MatrixOf([]float64{-3 * open}), spec.MatrixOf([]float64{want}), down, nil, r).At(0, 0))
	}
}

// TestActivationBoundByHand works the bounds that are more than some roundings.
func TestActivationBoundByHand(t *testing.T) {
	u, w := coarse.Unit, coarse.Tiny
	for _, c := range []struct {
		x    float64
		act  spec.Activation
		want float64 // in units of u
	}{
		{-2, spec.ActReLU, 0},
		{-2, spec.ActGELU, (8 + 2*5) * math.Erfc(math.Sqrt2)}, // |x|·erfc(−x/√2)/2
		{2, spec.ActGELU, 8 * math.Erfc(-math.Sqrt2)},
		{0, spec.ActGELU, 0},
		{-3, spec.ActHardSigmoid, 4},
		{3.5, spec.ActHardSigmoid, 4 * (3.5/6 + 0.5)},
		{4, spec.ActHardSigmoid, 0},
		{-3, spec.ActHardSwish, 4 * 3},
		{2, spec.ActHardSwish, 2*5.0/6 + 4*2*(2.0/6+0.5)},
		{4, spec.ActHardSwish, 4},
	} {
		near(t, string(c.act), ActivationBound(c.x, c.act, coarse), second*c.want*u+2*w*(1+math.Abs(c.x)))
	}
	x := 1.5
	inner := math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x)
	act := x / (1 + math.Exp(-2*inner))
	near(t, "tanh form", ActivationBound(x, spec.ActGELUTanh, coarse), second*u*act*(10+8*2*inner/(1+math.Exp(2*inner)))+2*w*2.5)
	for act, want := range map[spec.Activation]float64{
		spec.ActReLU: 0, spec.ActReLU6: 0, spec.ActHardTanh: 0,
		spec.ActLeakyReLU:   16 * (1 + 4*0.25),
		spec.ActHardSigmoid: 16 * (1 + 3 + 4*0.25),
		spec.ActTanh:        16 * (1 + math.Abs(Penalty(0.5, spec.ActTanh)) + 0.25),
		spec.ActSoftplus:    64 * (1 + math.Abs(Penalty(0.5, spec.ActSoftplus)) + 0.25),
	} {
		near(t, "penalty of "+string(act), PenaltyBound(0.5, act, coarse), second*u*want)
	}
}
