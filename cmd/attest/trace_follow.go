package main

import (
	"fmt"
	"runtime"
	"sync"

	"example.com/attest/energy"
	"example.com/attest/internal/tensorfile"
	"example.com/attest/reference"
	"example.com/attest/spec"
	"gonum.org/v1/gonum/mat"
)

// followAll takes every sentence through the layers and returns, a sentence a
// row, its energies before the first layer and after each.
func followAll(sentences []tensorfile.Named, o *traceOptions) ([][]*energyPoint, error) {
	d := sentences[0].Matrix.Cols
	width := o.width
	if width == 0 {
		width = d
	}
	w, err := drawWeights(o.seed, d, width)
	if err != nil {
		return nil, err
	}
	judge := newEnergyJudge(w, o.ridge)
	follow := func(y spec.Matrix[float32]) ([]*energyPoint, error) {
		return followLayers(projectedStep(reference.Implementation()), y, judge, o)
	}
	if o.implementation == "float32" {
		follow = func(y spec.Matrix[float32]) ([]*energyPoint, error) {
			return followLayers(energy.Implementation().Layer.Step, y, judge, o)
		}
	}
	curves, errs := make([][]*energyPoint, len(sentences)), make([]error, len(sentences))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(sentences)) {
		workers.Go(func() {
			for i := range next {
				curves[i], errs[i] = follow(sentences[i].Matrix)
			}
		})
	}
	for i := range sentences {
		next <- i
	}
	close(next)
	workers.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("tensor %.80q: %w", sentences[i].Name, err)
		}
	}
	return curves, nil
}

// layerStep is spec.Layer.Step.
type layerStep[T spec.Float] func(dst, y, a, w, b spec.Matrix[T], eta1, eta2 T, relu bool)

// projectedStep composes the layer's step of the reference's operations on
// U = YA. It costs n²(p+d) + nd² where the reference's own, which takes
// differences before it multiplies by A, costs n²dp.
func projectedStep(im *spec.Implementation[float64]) layerStep[float64] {
	return func(dst, y, a, w, b spec.Matrix[float64], eta1, eta2 float64, relu bool) {
		var u, moved mat.Dense
		u.Mul(dense(y), dense(a))
		weights := spec.NewMatrix[float64](y.Rows, y.Rows)
		im.Interaction.Weights(weights, matrixOf(&u), spec.Matrix[float64]{})
		moved.Mul(dense(weights), dense(y))
		moved.Apply(func(i, k int, x float64) float64 { return (1-eta1)*y.At(i, k) + eta1*x }, &moved)
		im.FeedForward.Step(dst, matrixOf(&moved), w, b, eta2)
		if relu {
			for i := range dst.Rows {
				for k, x := range dst.Row(i) {
					dst.Set(i, k, max(0, x))
				}
			}
		}
	}
}

// followLayers takes the steps in the arithmetic of T and has the judge evaluate
// the tokens at each layer.
func followLayers[T spec.Float](step layerStep[T], tokens spec.Matrix[float32], judge *energyJudge, o *traceOptions) ([]*energyPoint, error) {
	y := spec.Convert[T](tokens)
	out := spec.NewMatrix[T](y.Rows, y.Cols)
	a, w := spec.Convert[T](judge.weights.a), spec.Convert[T](judge.weights.w)
	b := repeatRow[T](judge.weights.b, y.Rows)
	points := []*energyPoint{judge.at(spec.Convert[float64](y))}
	for layer := range o.layers {
		step(out, y, a, w, b, T(o.eta1), T(o.eta2), o.relu)
		y, out = out, y
		p := judge.at(spec.Convert[float64](y))
		if !p.finite() {
			return nil, fmt.Errorf("the energy is %v after layer %d: choose smaller -eta1, -eta2 or smaller tokens", p.value[totalTerm], layer+1)
		}
		points = append(points, p)
	}
	if !points[0].finite() {
		return nil, fmt.Errorf("the energy is %v before the first layer: choose smaller tokens", points[0].value[totalTerm])
	}
	return points, nil
}
