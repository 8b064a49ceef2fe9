package reference

import (
	"math"
	"testing"

	"example.com/attest/spec"
)

// transposed returns |x||A|ᵀ, or |x| where A is nil.
func transposed(x []float64, a [][]float64) []float64 {
	if a == nil {
		return x
	}
	out := make([]float64, len(a))
	for k := range a {
		for l := range x {
			out[k] += x[l] * math.Abs(a[k][l])
		}
	}
	return out
}

// moves returns what the bounds of Heads are made of for one head and token i:
// the size of its sum Σⱼ Gᵢⱼ(yⱼ−yᵢ)V and the bound of the sum's error.
func (f *pairs) moves(i int, tied bool, r Rounding) (size, err []float64) {
	n, d := float64(f.n), len(f.y[0])
	a, cols := f.a, 0
	if !tied {
		a = nil
	}
	if a != nil {
		cols = len(a[0])
	}
	p := max(d, cols)
	plain, weighted, slip := make([]float64, d), make([]float64, d), make([]float64, p)
	for j := range f.n {
		if i == j {
			continue
		}
		for k, x := range sizes(minus(f.y[j], f.y[i])) {
			plain[k] += f.g[i][j] * x
			weighted[k] += f.g[i][j]*(f.e[i][j]+(n+float64(d+p)+6)*r.Unit)*x + r.Tiny*(x+1)
		}
		for l := range cols {
			slip[l] += f.g[i][j]*(f.tau[i]+f.tau[j]) + r.Tiny
		}
	}
	size, err = transposed(times(plain, sizesOf(a)), a), transposed(times(weighted, sizesOf(a)), a)
	if a != nil {
		for l := range cols {
			slip[l] += float64(d) * r.Tiny
		}
		for k, x := range transposed(slip[:cols], a) {
			err[k] += x
		}
	}
	for k := range err {
		err[k] = second*err[k] + float64(cols+2)*r.Tiny
	}
	return size, err
}

// TestHeadsBoundsAreFormulas compares every bound of many heads with the formula
// of its comment.
func TestHeadsBoundsAreFormulas(t *testing.T) {
	const eta = 0.75
	u, w := coarse.Unit, coarse.Tiny
	y := [][]float64{{0.5, -0.25}, {-0.5, 1}, {0.25, 0.75}}
	heads := [][][]float64{nil, {{1, 0.5, -0.25}, {-0.5, 1, 0.75}}, {{0}, {0}}}
	var a []matrix
	var f []*pairs
	for _, h := range heads {
		m := matrix{}
		if h != nil {
			m = spec.MatrixOf(h...)
		}
		a, f = append(a, m), append(f, newPairs(y, h, coarse))
	}
	b := NewHeadsBounds(spec.MatrixOf(y...), a, coarse)
	n, d, hs := 3, 2, float64(len(heads))
	traces := []float64{2, 1 + 0.25 + 0.0625 + 0.25 + 1 + 0.5625, 0}

	var energy float64
	for h := range heads {
		energy += b.heads[h].Value()
		for i := range n {
			for j := range i {
				energy += hs * u * f[h].g[i][j]
			}
		}
	}
	near(t, "energy", b.Energy(), second*energy)

	c, rel := b.Weights()
	step := b.Step(eta)
	average, sum, normalized := b.AverageStep(eta), b.SumStep(eta), b.NormalizedStep(eta)
	next := func(step func(dst, y matrix, a []matrix, eta float64)) matrix {
		out := newMatrix(n, d)
		step(out, spec.MatrixOf(y...), a, eta)
		return out
	}
	for i := range n {
		var weight, error float64
		degrees, dens := make([]float64, len(f)), make([]float64, len(f))
		size, err := make([]float64, d), make([]float64, d)
		for h, p := range f {
			var kernel float64
			for j := range n {
				degrees[h] += p.g[i][j]
				kernel += p.g[i][j]*p.e[i][j] + w
			}
			dens[h] = kernel/degrees[h] + (3+hs+4)*u
			if traces[h] == 0 {
				continue
			}
			weight += degrees[h] * traces[h]
			products := float64(d * max(1, a[h].Cols))
			error += second * (kernel*traces[h] + degrees[h]*(traces[h]*(3+products+hs+2)*u+products*w))
		}
		near(t, "c", c[i], weight)
		near(t, "relative error of c", rel[i], error/weight)
		for _, p := range f {
			s, e := p.moves(i, true, coarse)
			for k := range size {
				size[k] += s[k]
				err[k] += e[k]
			}
		}
		exact := next(HeadsStep)
		for k := range size {
			near(t, "step", step.At(i, k), second*(eta/weight*(err[k]+(hs+3)*u*size[k]+error/weight*size[k])+u*math.Abs(exact.At(i, k)))+2*w)
		}
		for what, c := range map[string]struct {
			got, next matrix
			eta       float64
			tied      bool
		}{
			"average":    {average, next(HeadsAverageStep), eta / hs, false},
			"sum":        {sum, next(HeadsSumStep), eta, false},
			"normalized": {normalized, next(HeadsNormalizedStep), eta, true},
		} {
			for k := range size {
				want := second*u*math.Abs(c.next.At(i, k)) + 2*w
				for h, p := range f {
					s, e := p.moves(i, c.tied, coarse)
					want += second * c.eta * (e[k] + s[k]*dens[h]) / degrees[h]
				}
				near(t, what, c.got.At(i, k), want)
			}
		}
	}
	concat := b.ConcatStep([]int{0, 1, 2}, eta)
	for k := range d {
		var column [][]float64
		for i := range n {
			column = append(column, []float64{y[i][k]})
		}
		own := NewInteractionBounds(spec.MatrixOf(column...), matrix{}, coarse).Step(eta)
		for i := range n {
			near(t, "concatenated", concat.At(i, k), own.At(i, 0))
		}
	}
	if b.Decidable() { // (n + dp + H + 2)u is 0.013
		t.Error("weights that are off by a hundredth are decidable")
	}
	fine := Rounding{0x1p-14, 0}
	if !NewHeadsBounds(spec.MatrixOf(y...), a, fine).Decidable() {
		t.Error("weights that are off by 2⁻¹⁰ are undecidable")
	}
	if NewHeadsBounds(spec.MatrixOf([]float64{0, 0}), []matrix{spec.NewMatrix[float64](2, 2)}, fine).Step(1).At(0, 0) != 0 {
		t.Error("a token that stays exactly has an error")
	}
}
