package reference_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"example.com/attest/reference"
	"example.com/attest/reference/precise"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/mat"
)

func oneHead(rows ...[]float64) spec.Tensor[float64] {
	return reference.SplitHeads(spec.MatrixOf(rows...), 1)
}

// TestAttentionByHand works two keys with logits 0 and log 3 by hand: weights
// ¼ and ¾.
func TestAttentionByHand(t *testing.T) {
	q, k := oneHead([]float64{2, 1}), oneHead([]float64{0, 0}, []float64{math.Log(3), 0}, []float64{9, 9})
	v := oneHead([]float64{4, 0}, []float64{0, 8}, []float64{math.NaN(), math.NaN()})
	mask := &spec.Mask{Queries: 1, Keys: 3, Stride: 3, Data: []bool{true, true, false}}
	for _, im := range []*spec.Implementation[float64]{reference.Implementation(), precise.Implementation()} {
		dst := spec.NewTensor[float64](1, 1, 1, 2)
		im.Attention.Attend(dst, q, k, v, &spec.AttentionOptions{Scale: 0.5, Mask: mask})
		for c, want := range []float64{1, 6} {
			if got := dst.At(0, 0, 0, c); !(math.Abs(got-want) <= 8*0x1p-53*want) {
				t.Errorf("%s: channel %d: got %v, want %v", im.Name, c, got, want)
			}
		}
	}
}

// TestAttentionDerivative compares the derivative of an output in the query,
// s·Σⱼ aⱼ(vⱼ−o)kⱼ, with finite differences of the output.
func TestAttentionDerivative(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n, d = 5, 3
	k, v := spec.NewTensor[float64](1, 1, n, d), spec.NewTensor[float64](1, 1, n, 1)
	for _, x := range [][]float64{k.Data, v.Data} {
		for j := range x {
			x[j] = r.NormFloat64()
		}
	}
	opt := &spec.AttentionOptions{Scale: 0.7}
	output := func(x []float64) float64 {
		dst := spec.NewTensor[float64](1, 1, 1, 1)
		reference.Attention(dst, oneHead(x), k, v, opt)
		return dst.Data[0]
	}
	x := []float64{0.3, -1, 0.5}
	got := fd.Gradient(nil, output, x, &fd.Settings{Formula: fd.Central})
	a, o := reference.AttentionWeights(oneHead(x), k, opt, 0, 0, 0), output(x)
	e, ok := reference.AttentionBound(oneHead(x), k, v, opt, spec.Profile{}, reference.RoundingOf[float64](), reference.InputError{})
	if !ok {
		t.Fatal("no bound")
	}
	for c := range d {
		var want, own float64
		lo, hi := k.At(0, 0, 0, c), k.At(0, 0, 0, c)
		for j := range n {
			want += opt.Scale * a[j] * (v.Data[j] - o) * k.At(0, 0, j, c)
			own += 16 * 0x1p-53 * opt.Scale * (math.Abs(v.Data[j]) + math.Abs(o)) * math.Abs(k.At(0, 0, j, c))
			lo, hi = min(lo, k.At(0, 0, j, c)), max(hi, k.At(0, 0, j, c))
		}
		// The derivatives of the mean of the values in s·(channel of the query) are
		// joint cumulants of value and key: at most V·K, and E[ṽk̃³] − 3E[ṽk̃]E[k̃²],
		// at most 4V·K³, V and K how far values and keys spread.
		sv, sk := slices.Max(v.Data)-slices.Min(v.Data), opt.Scale*(hi-lo)
		bound := reference.CentralError(4*sv*sk*sk*sk, sv*sk, 1, 2*e.Data[0]) + own
		if !(math.Abs(got[c]-want) <= bound) {
			t.Errorf("channel %d: %v by differences, %v by the formula", c, got[c], want)
		}
	}
}

// TestMultiHeadWithMat computes two heads with gonum's matrices.
func TestMultiHeadWithMat(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const m, d, heads = 4, 6, 2
	draw := func(rows, cols int) (spec.Matrix[float64], *mat.Dense) {
		x := spec.NewMatrix[float64](rows, cols)
		for k := range x.Data {
			x.Data[k] = r.NormFloat64()
		}
		return x, mat.NewDense(rows, cols, append([]float64(nil), x.Data...))
	}
	x, xm := draw(m, d)
	wq, wqm := draw(d, d)
	wk, wkm := draw(d, d)
	wv, wvm := draw(d, d)
	wo, wom := draw(d, d)
	opt := &spec.AttentionOptions{Scale: 0.5, Causal: true}
	var q, k, v mat.Dense
	q.Mul(xm, wqm)
	k.Mul(xm, wkm)
	v.Mul(xm, wvm)
	joined := mat.NewDense(m, d, nil)
	for h := range heads {
		lo, hi := h*d/heads, (h+1)*d/heads
		var logits, out mat.Dense
		logits.Mul(q.Slice(0, m, lo, hi), k.Slice(0, m, lo, hi).T())
		logits.Apply(func(i, j int, e float64) float64 {
			if j > i {
				return 0
			}
			return math.Exp(e * opt.Scale)
		}, &logits)
		for i := range m {
			row := logits.RawRowView(i)
			s := mat.Sum(mat.NewVecDense(m, row))
			for j := range row {
				row[j] /= s
			}
		}
		out.Mul(&logits, v.Slice(0, m, lo, hi))
		joined.Slice(0, m, lo, hi).(*mat.Dense).Copy(&out)
	}
	var want mat.Dense
	want.Mul(joined, wom)
	got := spec.NewMatrix[float64](m, d)
	w := &spec.MultiHeadWeights[float64]{Query: spec.Projection[float64]{W: wq}, Key: spec.Projection[float64]{W: wk},
		Value: spec.Projection[float64]{W: wv}, Output: spec.Projection[float64]{W: wo}, Heads: heads, KeyHeads: heads}
	reference.MultiHead(got, x, x, w, opt)
	bound, ok := reference.MultiHeadBound(x, x, w, opt, spec.Profile{}, reference.RoundingOf[float64]())
	if !ok {
		t.Fatal("no bound")
	}
	for i := range m {
		for c := range d {
			if err := math.Abs(got.At(i, c) - want.At(i, c)); !(err <= 2*bound.At(i, c)) {
				t.Errorf("[%d,%d]: err %g, both bounds %g", i, c, err, 2*bound.At(i, c))
			}
		}
	}
}
