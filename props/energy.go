package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func energyProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ENE-001", Run: energyGradient[T]},
		{Claim: "ENE-002", Run: energyMajorizer[T]},
		{Claim: "ENE-003", Run: energyDescent[T](0, 1)},
		{Claim: "ENE-004", Run: energyDescent[T](1, 2)},
		{Claim: "ENE-005", Run: energyDirection[T]},
		{Claim: "ENE-006", Run: energyRest[T]},
		{Claim: "ENE-007", Run: energyLoop[T](true), Cases: 0.5},
		{Claim: "ENE-008", Run: energyLoop[T](false)},
		{Claim: "ENE-009", Run: energyActivation[T]},
		{Claim: "ENE-010", Run: energyLargestStep[T], Cases: 0.25},
	}
}

// subject is the energy that a case is about, and how it rounds.
type subject[T spec.Float] struct {
	spec.Energy[T]
	unit float64
}

// drawEnergy draws one of the energies that declare what fits wants.
func drawEnergy[T spec.Float](t *Trial, im *spec.Implementation[T], fits func(e *spec.Energy[T]) bool) subject[T] {
	var names []string
	chosen := map[string]spec.Energy[T]{}
	for _, e := range im.Energies {
		if fits(&e) {
			names = append(names, e.Name)
			chosen[e.Name] = e
		}
	}
	name := t.Word("energy", names...)
	t.Classify(name, true)
	return subject[T]{chosen[name], spec.Unit[T]()}
}

// point draws tokens in the energy's domain.
func (e subject[T]) point(t *Trial, name string) matrix {
	n, d := e.Tokens, e.Channels
	if n == [2]int{} {
		n = [2]int{1, 8}
	}
	if d == [2]int{} {
		d = [2]int{1, 8}
	}
	y := t.Tokens(name, t.Size("n", n[0], n[1]), t.Size("d", d[0], d[1]))
	return e.project(y)
}

// project returns y moved into the domain, rounded to T.
func (e subject[T]) project(y matrix) matrix {
	if e.Project != nil {
		y = spec.Convert[float64](y)
		e.Project(y)
	}
	return wide(spec.Convert[T](y))
}

func (e subject[T]) value(t *Trial, y matrix) float64 {
	return float64(e.Value(input[T](t, "Y", y)))
}

func (e subject[T]) gradient(t *Trial, y matrix) matrix {
	out := output[T](t, "∇E", y.Rows, y.Cols)
	e.Gradient(out, input[T](t, "Y", y))
	return wide(out)
}

func (e subject[T]) step(t *Trial, y matrix, eta float64) matrix {
	out := output[T](t, "Y⁺", y.Rows, y.Cols)
	e.Step(out, input[T](t, "Y", y), T(eta))
	return wide(out)
}

func (e subject[T]) roundings(y matrix) float64 {
	if e.Roundings > 0 {
		return float64(e.Roundings)
	}
	return float64(4*y.Rows*y.Cols + 64)
}

// valueError bounds the rounding of Value at y. Without a declared bound, the
// model is that Value is exact for tokens and result perturbed by k·u each, so
// that to first order the error is at most k·u(|E| + Σ|y·∂E/∂y|), and that terms
// which cancel are no larger than E is for tokens of that size: the largest of
// |E| at 0, Y/2 and −Y, times k·u.
func (e subject[T]) valueError(t *Trial, y matrix) float64 {
	if e.ValueError != nil {
		return e.ValueError(y)
	}
	k := e.roundings(y) * e.unit
	v := math.Abs(e.value(t, y))
	return k * (v + e.slope(t, y, absolute(y)) + e.scale(t, y))
}

// scale returns the largest |E| at 0, Y/2 and −Y, as far as it is finite.
func (e subject[T]) scale(t *Trial, y matrix) float64 {
	var s float64
	for _, c := range []float64{0, 0.5, -1} {
		if x := math.Abs(e.value(t, e.project(scaled(y, c)))); x < math.Inf(1) {
			s = max(s, x)
		}
	}
	return s
}

// slope returns Σ|wᵢₖ·∂E/∂yᵢₖ|, from the gradient where there is one and from
// central differences of Value over 2⁻⁸(1+|y|) otherwise.
func (e subject[T]) slope(t *Trial, y, w matrix) float64 {
	var sum float64
	if e.Gradient != nil {
		_, sum = reference.Inner(e.gradient(t, y), w)
		return sum
	}
	for i := range y.Rows {
		for k := range y.Cols {
			h := math.Ldexp(1+math.Abs(y.At(i, k)), -8)
			ahead, behind := spec.Convert[float64](y), spec.Convert[float64](y)
			ahead.Set(i, k, y.At(i, k)+h)
			behind.Set(i, k, y.At(i, k)-h)
			sum += math.Abs(e.value(t, e.project(ahead))-e.value(t, e.project(behind))) / (2 * h) * w.At(i, k)
		}
	}
	return sum
}

// along returns y + t·v, rounded to T.
func along[T spec.Float](y, v matrix, s float64) matrix {
	out := spec.NewMatrix[float64](y.Rows, y.Cols)
	for i := range y.Rows {
		for k := range y.Cols {
			out.Set(i, k, float64(T(y.At(i, k)+s*v.At(i, k))))
		}
	}
	return out
}

// flow integrates ⟨field(Y+tV), V⟩ over t in [lo, hi] by Clenshaw–Curtis
// quadrature, whose nodes include the ends, on panels that are halved, the worst
// first, until orders 16 and 8 agree within share of the integrand's size. A
// panel also answers for a 32nd of what its parent was off by, so that two rules
// which are wrong alike are not believed. A field with kinks, or one that turns
// sharply, gets short panels there and nowhere else; err is what is left. size
// is the integral of Σ|field·V|, and bend of how much the field changes along
// the way, which bounds what rounding the points does.
func flow[T spec.Float](y, v matrix, lo, hi, share float64, field func(y matrix) matrix) (value, err, size, bend float64) {
	type panel struct{ lo, hi, fine, off, size, bend float64 }
	measure := func(lo, hi float64) panel {
		const n = 16
		p := panel{lo: lo, hi: hi}
		var coarse, last float64
		for k := range n + 1 {
			x := (lo+hi)/2 + (hi-lo)/2*math.Cos(math.Pi*float64(k)/n)
			f, m := reference.Inner(field(along[T](y, v, x)), v)
			w := (hi - lo) / 2 * curtisWeight(k, n)
			p.fine += w * f
			p.size += w * m
			if k%2 == 0 {
				coarse += (hi - lo) / 2 * curtisWeight(k/2, n/2) * f
			}
			if k > 0 {
				p.bend += math.Abs(f - last)
			}
			last = f
		}
		p.off = math.Abs(p.fine - coarse)
		return p
	}
	panels := []panel{measure(lo, hi)}
	for {
		value, err, size, bend = 0, 0, 0, 0
		worst := 0
		for k, p := range panels {
			value, err, size, bend = value+p.fine, err+p.off, size+p.size, bend+p.bend
			if p.off > panels[worst].off {
				worst = k
			}
		}
		if len(panels) >= 4 && !(err > share*size/4) || len(panels) >= flowPanels {
			return value, err, size, bend
		}
		p := panels[worst]
		if len(panels) < 4 {
			p, worst = panels[0], 0
		}
		mid := (p.lo + p.hi) / 2
		a, b := measure(p.lo, mid), measure(mid, p.hi)
		carried := math.Abs(p.fine-a.fine-b.fine) / 32
		a.off, b.off = max(a.off, carried), max(b.off, carried)
		panels = append(append(panels[:worst:worst], panels[worst+1:]...), a, b)
	}
}

// flowPanels is the largest number of panels of flow.
const flowPanels = 200

// curtisWeight returns weight k of the Clenshaw–Curtis rule with n+1 nodes
// cos(πk/n) on [−1, 1], n even.
func curtisWeight(k, n int) float64 {
	w := 1.0
	for j := 1; j <= n/2; j++ {
		c := 2.0
		if 2*j == n {
			c = 1
		}
		w -= c / float64(4*j*j-1) * math.Cos(2*math.Pi*float64(j*k)/float64(n))
	}
	w *= 2 / float64(n)
	if k == 0 || k == n {
		w /= 2
	}
	return w
}

func energyGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEnergy(t, im, func(e *spec.Energy[T]) bool { return e.Gradient != nil })
	y := e.point(t, "Y")
	v := t.Matrix("V", y.Rows, y.Cols, []gen.Kind{gen.OneHot, gen.One, gen.Coarse, gen.Normal}, -4, -1)
	from, to := e.project(along[T](y, v, -1)), e.project(along[T](y, v, 1))
	v = reference.Sub(to, from)
	length := reference.Norm(v.Data)
	if length == 0 {
		t.Undecidable()
	}
	if mid := along[T](from, v, 0.5); e.Project != nil && reference.Norm(reference.Sub(e.project(mid), mid).Data) > 0x1p-10*length {
		t.Undecidable() // the domain is not convex there: the segment leaves it
	}
	share := e.roundings(y) * e.unit
	value, quadrature, size, bend := flow[T](from, v, 0, 1, share, func(y matrix) matrix { return e.gradient(t, y) })
	got := e.value(t, to) - e.value(t, from)
	// The field is taken at rounded points: they are off by u(|y|+|v|), which
	// the field sees as its change along the way, scaled by the distances.
	reach := (reference.Norm(y.Data) + length) / length
	bound := e.valueError(t, to) + e.valueError(t, from) + 2*quadrature +
		share*(size+2*bend*(1+reach))
	t.Near("E(Y+V) − E(Y−V) against the integral of the gradient", got, value, bound)
	t.Informative(math.Abs(got) > 16*bound)
}

func energyMajorizer[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEnergy(t, im, func(e *spec.Energy[T]) bool { return e.Majorizer != nil })
	y0 := e.point(t, "Y₀")
	y := e.project(drawSecond(t, y0))
	m := func(y matrix) float64 {
		return float64(e.Majorizer(input[T](t, "Y", y), input[T](t, "Y₀", y0)))
	}
	here := e.value(t, y0)
	touch := 2 * e.valueError(t, y0)
	t.Near("majorizer at its own point", m(y0), here, touch)
	above := m(y)
	// The majorizer is made of the energy's own terms and of its excess over it.
	bound := e.valueError(t, y) + e.valueError(t, y0) + e.roundings(y)*e.unit*(math.Abs(above)+math.Abs(here))
	t.Within("E above its majorizer", e.value(t, y)-above, bound)
	t.Informative(above-e.value(t, y) > bound || math.Abs(here) > 8*touch)
}

func (e subject[T]) maxStep() float64 {
	if e.MaxStep > 0 {
		return e.MaxStep
	}
	return 1
}

// stepError bounds elementwise what rounding does to the step, by the model of
// valueError: k·u of the tokens and of the increment.
func (e subject[T]) stepError(y, next matrix) matrix {
	out := spec.NewMatrix[float64](y.Rows, y.Cols)
	k := e.roundings(y) * e.unit
	var reach float64
	for i := range y.Data {
		reach = max(reach, math.Abs(next.Data[i]-y.Data[i]))
	}
	for i := range out.Data {
		out.Data[i] = 4*e.unit*math.Abs(next.Data[i]) + k*reach
	}
	return out
}

// energyDescent checks that E does not rise for η between lo and hi times
// MaxStep.
func energyDescent[T spec.Float](lo, hi float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		e := drawEnergy(t, im, func(e *spec.Energy[T]) bool { return e.Step != nil && e.MaxStep > 0 })
		y := e.point(t, "Y")
		eta := float64(T(t.Number("share", max(lo, 0x1p-6), hi) * e.MaxStep))
		next := e.step(t, y, eta)
		eps := e.stepError(y, next)
		bound := e.valueError(t, y) + e.valueError(t, next) + e.slope(t, next, eps)
		rise := e.value(t, next) - e.value(t, y)
		t.Within("E after the step above E before", rise, bound)
		t.Informative(-rise > bound)
	}
}

func energyDirection[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEnergy(t, im, func(e *spec.Energy[T]) bool { return e.Step != nil && e.Gradient != nil && e.Activation == nil })
	y := e.point(t, "Y")
	next := e.step(t, y, float64(T(t.Number("share", 0x1p-6, 1)*e.maxStep())))
	g, delta := e.gradient(t, y), reference.Sub(next, y)
	slope, size := reference.Inner(g, delta)
	_, slip := reference.Inner(g, e.stepError(y, next))
	bound := slip + e.roundings(y)*e.unit*(size+reference.Norm(g.Data)*reference.Norm(delta.Data))
	t.Within("slope of E along the step", slope, bound)
	t.Informative(-slope > 4*bound)
}

func energyRest[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEnergy(t, im, func(e *spec.Energy[T]) bool {
		return e.Step != nil && e.Gradient != nil && e.Stiffness != nil
	})
	y := e.point(t, "Y")
	eta := float64(T(t.Number("share", 0x1p-6, 1) * e.maxStep()))
	next := e.step(t, y, eta)
	q := e.Stiffness(y)
	g := reference.Norm(e.gradient(t, y).Data)
	moved := reference.Norm(reference.Sub(next, y).Data)
	bound := q/eta*reference.Norm(e.stepError(y, next).Data) + e.roundings(y)*e.unit*g
	t.Within("gradient above the stiffness times the step", g-q/eta*moved, bound)
	t.Informative(g > 8*bound)
}

// energyLoop integrates the update around a triangle, for the energies that
// declare a gradient field or for the interaction energy.
func energyLoop[T spec.Float](declared bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		e := drawEnergy(t, im, func(e *spec.Energy[T]) bool {
			return e.Step != nil && (declared && e.GradientField || !declared && e.Name == "interaction")
		})
		p := e.point(t, "P")
		q := e.project(t.Matrix("Q", p.Rows, p.Cols, []gen.Kind{gen.Coarse, gen.Ints, gen.Normal}, -1, 0))
		r := e.project(t.Matrix("R", p.Rows, p.Cols, []gen.Kind{gen.Coarse, gen.Ints, gen.Normal}, -1, 0))
		eta := e.maxStep()
		field := func(y matrix) matrix { return reference.Sub(y, e.step(t, y, eta)) }
		var loop, bound, length float64
		for _, leg := range [][2]matrix{{p, q}, {q, r}, {r, p}} {
			v := reference.Sub(leg[1], leg[0])
			if reference.Norm(v.Data) == 0 {
				continue
			}
			value, quadrature, size, bend := flow[T](leg[0], v, 0, 1, e.roundings(p)*e.unit, field)
			points := reference.Norm(absolute(leg[0]).Data) + reference.Norm(absolute(leg[1]).Data)
			loop += value
			length += size
			reach := points / reference.Norm(v.Data)
			// The update is a difference of two numbers rounded to T.
			bound += 2*quadrature + e.roundings(p)*e.unit*(size+points*reference.Norm(v.Data)+2*bend*(1+reach))
		}
		t.Near("loop integral of the update", loop, 0, bound)
		t.Informative(length > 16*bound)
	}
}

func energyActivation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEnergy(t, im, func(e *spec.Energy[T]) bool { return e.Activation != nil })
	x, y := t.Number("x", -32, 32), t.Number("y", -32, 32)
	if t.Bool("near") {
		y = float64(float32(x + y/256))
	}
	sx, sy := float64(e.Activation(T(x))), float64(e.Activation(T(y)))
	size := math.Abs(sx) + math.Abs(sy) + math.Abs(x) + math.Abs(y)
	t.Within("squared change of the activation above its product with the change of its argument", (sx-sy)*(sx-sy)-(sx-sy)*(x-y), 8*e.unit*size*size)
	t.Informative(x != y)
}

func energyLargestStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	e := drawEnergy(t, im, func(e *spec.Energy[T]) bool { return e.Step != nil })
	y := e.point(t, "Y")
	before := e.value(t, y)
	descends := func(eta float64) bool {
		next := e.step(t, y, eta)
		return e.value(t, next) <= before+e.valueError(t, y)+e.valueError(t, next)
	}
	lo, hi := 0.0, 64.0
	if descends(hi * e.maxStep()) {
		t.Rate(hi) // no step that was tried is too long here
		return
	}
	for range 20 {
		mid := (lo + hi) / 2
		if descends(mid * e.maxStep()) {
			lo = mid
		} else {
			hi = mid
		}
	}
	t.Rate(lo)
}
