package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// headScene is a set of tokens on a sphere with the matrices of one head.
type headScene[T spec.Float] struct {
	y, m, v   matrix
	radius, c float64
}

// drawSphereHead draws tokens on a sphere and the weight of the residual.
func drawSphereHead[T spec.Float](t *Trial, minTokens, maxTokens int, loC, hiC float64) headScene[T] {
	n, d := t.Size("n", minTokens, maxTokens), t.Size("d", 1, 9)
	radius := t.Power("R", -2, 0)
	y := onSphere[T](t.Matrix("Y", n, d, sphereKinds, 0, 0), radius)
	return headScene[T]{y: y, radius: radius, c: t.Number("c", loC, hiC)}
}

// drawSquare draws a d×d matrix of coarse numbers of norm about 2.
func drawSquare(t *Trial, name string, d int) matrix {
	lo := -int(math.Round(math.Log2(float64(d)) / 2))
	return t.Matrix(name, d, d, []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}, lo-1, lo+1)
}

// gramOf returns AAᵀ: exactly, for A of coarse numbers, so that it is positive
// semidefinite.
func gramOf(a matrix) matrix { return reference.Times(a, reference.Transpose(a)) }

// symmetricPart returns (A+Aᵀ)/2.
func symmetricPart(a matrix) matrix { return scaled(plus(a, reference.Transpose(a)), 0.5) }

func (h headScene[T]) call(t *Trial, im *spec.Implementation[T]) (next, want matrix) {
	out := output[T](t, "Y⁺", h.y.Rows, h.y.Cols)
	im.Sphere.AttentionStep(out, input[T](t, "Y", h.y), input[T](t, "M", h.m), input[T](t, "V", h.v), T(h.radius), T(h.c))
	want = spec.NewMatrix[float64](h.y.Rows, h.y.Cols)
	t.Oracle.Sphere.AttentionStep(want, h.y, h.m, h.v, h.radius, h.c)
	return wide(out), want
}

// bounds returns the bounds of the direction and of the step in the arithmetic
// of rounding r; where there are none, the case is undecidable.
func (h headScene[T]) bounds(t *Trial, r reference.Rounding) (direction, step matrix) {
	direction, ok := reference.SphereAttentionBound(h.y, h.m, h.v, h.c, r)
	if ok {
		w := reference.SphereAttentionDirection(h.y, h.m, h.v, h.c)
		step, ok = reference.NormalizedBound(w, direction, h.radius, r)
	}
	if !ok {
		t.Undecidable()
	}
	return direction, step
}

func (h headScene[T]) step(t *Trial, im *spec.Implementation[T]) (next, want, bound matrix) {
	_, bound = h.bounds(t, reference.RoundingOf[T]())
	next, want = h.call(t, im)
	return next, want, bound
}

func sphereAttentionStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	h := drawSphereHead[T](t, 1, 65, 0, 4)
	d := h.y.Cols
	if t.Bool("weighted logits") {
		h.m = drawSquare(t, "M", d)
	}
	if t.Bool("weighted values") {
		h.v = drawSquare(t, "V", d)
	}
	next, want, eps := h.step(t, im)
	near(t, "Y⁺", next, want, eps)
	t.Informative(exceeds(reference.Sub(want, h.y), eps, 8))
	t.Sometimes("more tokens than a tile", h.y.Rows > 48)
}

// logits returns YMYᵀ and (|Y||M||Y|ᵀ) for the head at tokens y.
func (h headScene[T]) logits(y matrix) (l, size matrix) {
	return reference.SphereLogits(y, h.m), reference.SphereLogits(absolute(y), absolute(h.m))
}

// judgeLogit is the number of roundings in a logit that the judge forms.
func (h headScene[T]) judgeLogit() float64 { return gamma(2*h.y.Cols + 3) }

// valueSlack bounds the judge's error of −½Σ exp(lᵢⱼ): a term is off by that of
// its logit and 4u, the sum of n² terms by n²u.
func (h headScene[T]) valueSlack(y matrix) float64 {
	l, size := h.logits(y)
	var bound float64
	for k, x := range l.Data {
		bound += math.Exp(x) / 2 * (math.Expm1(h.judgeLogit()*size.Data[k]) + gamma(4+len(l.Data)))
	}
	return bound
}

// shift bounds how far the energy moves when each row of next moves by at most
// eps: lᵢⱼ by τ = (|ε||M||Y|ᵀ + |Y||M||ε|ᵀ + |ε||M||ε|ᵀ)ᵢⱼ, its exponential by
// the factor e^τ.
func (h headScene[T]) shift(next, eps matrix) float64 {
	l, _ := h.logits(next)
	m, size := absolute(h.m), absolute(next)
	em, ym := reference.Times(eps, m), reference.Times(size, m)
	var bound float64
	for i := range l.Rows {
		for j := range l.Rows {
			e := eps.Row(j)
			tau := reference.Dot(em.Row(i), size.Row(j)) + reference.Dot(ym.Row(i), e) + reference.Dot(em.Row(i), e)
			bound += math.Exp(l.At(i, j)) / 2 * math.Expm1(tau)
		}
	}
	return 1.01 * bound
}

// gain returns by how much −½Σ exp(yᵢMyⱼᵀ), M symmetric, falls in the step with
// values tied to M, for tokens of any norm and any c: with K = exp(YMYᵀ),
// Zᵢ = ΣⱼKᵢⱼ, ωᵢ = ‖wᵢ‖/R and the change t of a logit,
//
//	½Σᵢ Zᵢ(ωᵢ+c)‖δᵢ‖²                                  (first)
//	+ ½Σᵢ Zᵢ(ωᵢ−c)(R²−‖yᵢ‖²)                          (radial)
//	+ ½⟨δM, Kδ⟩ + ½ΣKᵢⱼ(e^t − 1 − t).
//
// The bound adds up the judge's roundings and what the error of exact changes.
func (h headScene[T]) gain(t *Trial, exact matrix) (value, first, radial, bound float64) {
	direction, err := h.bounds(t, rounding64)
	n, d := h.y.Rows, h.y.Cols
	l, size := h.logits(h.y)
	after, afterSize := h.logits(exact)
	w := reference.SphereAttentionDirection(h.y, h.m, h.m, h.c)
	delta := reference.Sub(exact, h.y)
	dm := reference.Times(delta, h.m)
	dmSize, em := reference.Times(absolute(delta), absolute(h.m)), reference.Times(err, absolute(h.m))
	own := gamma(n*n + 4*d + 30)
	deltaSize, exactSize := absolute(delta), absolute(exact)
	for i := range n {
		var z, zErr float64
		for j := range n {
			k := math.Exp(l.At(i, j))
			rel := math.Expm1(h.judgeLogit()*size.At(i, j)) + own
			z, zErr = z+k, zErr+k*rel
			change := after.At(i, j) - l.At(i, j)
			value += k/2*(math.Expm1(change)-change) + k/2*reference.Dot(dm.Row(i), delta.Row(j))
			dj, ej, yj := deltaSize.Row(j), err.Row(j), exactSize.Row(j)
			moved := reference.Dot(em.Row(i), yj)
			slip := h.judgeLogit()*(size.At(i, j)+afterSize.At(i, j)) + 2*moved + 2*reference.Dot(em.Row(i), ej)
			bound += k / 2 * ((math.Exp(change)+1+math.Abs(change))*rel + (math.Exp(change)+1)*slip)
			bound += k / 2 * (rel*reference.Dot(dmSize.Row(i), dj) + 2*reference.Dot(em.Row(i), dj) + reference.Dot(em.Row(i), ej))
		}
		norm := reference.Norm(w.Row(i))
		if norm == 0 {
			continue
		}
		omega, slip := norm/h.radius, reference.Norm(direction.Row(i))/h.radius
		d2, e := reference.Dot(delta.Row(i), delta.Row(i)), reference.Norm(err.Row(i))
		r2, y2 := h.radius*h.radius, reference.Dot(h.y.Row(i), h.y.Row(i))
		first += z / 2 * (omega + h.c) * d2
		radial += z / 2 * (omega - h.c) * (r2 - y2)
		sizes := (omega + math.Abs(h.c)) * (d2 + math.Abs(r2-y2))
		bound += (zErr+own*z)/2*sizes + z/2*(slip*(d2+math.Abs(r2-y2))+
			(omega+math.Abs(h.c))*(2*math.Sqrt(d2)*e+e*e)+math.Abs(omega-h.c)*gamma(d+4)*(r2+y2))
	}
	return value + first + radial, first, radial, 1.01 * bound
}

func (h headScene[T]) rise(next matrix) float64 {
	return reference.ExponentialEnergy(next, h.m) - reference.ExponentialEnergy(h.y, h.m)
}

func sphereAttentionIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	h := drawSphereHead[T](t, 1, 9, -4, 4)
	h.m = symmetricPart(drawSquare(t, "M", h.y.Cols))
	h.v = h.m
	if t.Bool("off the sphere") {
		h.radius *= 1 + t.Number("off", 0, 1)
	}
	next, exact, eps := h.step(t, im)
	gain, _, _, loss := h.gain(t, exact)
	bound := h.valueSlack(h.y) + h.valueSlack(next) + h.shift(next, eps) + loss
	t.Near("decrease of −½Σexp(yMyᵀ)", -h.rise(next), gain, bound)
	t.Informative(math.Abs(gain) > 8*bound)
	t.Sometimes("tokens off the sphere", t.Bool("off the sphere"))
}

// headForm names the hypotheses that a head keeps, or the one that it drops.
type headForm int

const (
	tied             headForm = iota // M = V = AAᵀ, c ≥ 0
	indefinite                       // M = V symmetric
	untied                           // M = AAᵀ, V = I
	asymmetric                       // M any, V = Mᵀ
	negativeResidual                 // M = V = AAᵀ, c < 0
)

func sphereAttentionDescent[T spec.Float](form headForm) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		maxTokens, loC, hiC := 5, 0.0, 4.0
		switch form {
		case tied:
			maxTokens = 17
		case negativeResidual:
			loC, hiC = -4, 0
		}
		h := drawSphereHead[T](t, 1, maxTokens, loC, hiC)
		a := drawSquare(t, "A", h.y.Cols)
		h.m = gramOf(a)
		switch form {
		case indefinite:
			h.m = symmetricPart(a)
		case asymmetric:
			h.m = a
		}
		switch h.v = h.m; form {
		case untied:
			h.v = matrix{}
		case asymmetric:
			h.v = reference.Transpose(a)
		}
		next, exact, eps := h.step(t, im)
		bound := h.valueSlack(h.y) + h.valueSlack(next) + h.shift(next, eps)
		decrease := 0.0
		if form == tied {
			_, first, radial, loss := h.gain(t, exact)
			decrease = first
			bound += loss + math.Abs(radial)
		}
		rise := h.rise(next)
		t.Within("−½Σexp(yMyᵀ) after the step above that before less the guaranteed decrease", rise+decrease, bound)
		t.Informative(-rise > bound)
	}
}
