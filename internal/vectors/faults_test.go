package vectors_test

import (
	"maps"
	"math"
	"slices"
	"testing"
)

// TestFaultsFail plants faults in the reader's attention: three quarters of the
// tests with a flag that speaks of a fault fail.
func TestFaultsFail(t *testing.T) {
	all := readAll(t, dir)
	for flag, fault := range map[string]func(*vector) result{
		"TailKeys": func(v *vector) result { return compute(v, faulty{drop: func(n int) int { return n % 8 }}) },
		"ManyKeys": func(v *vector) result { return compute(v, faulty{drop: func(n int) int { return max(0, n-64) }}) },
		"Grouped": func(v *vector) result {
			return compute(v, faulty{head: func(h, _, keyHeads int) int { return h % keyHeads }})
		},
		"Causal": func(v *vector) result {
			w := *v
			w.Offset++
			return compute(&w, faulty{})
		},
		"Window":      changed(func(v *vector) { v.Window = nil }),
		"KeyLengths":  changed(func(v *vector) { v.KeyLengths = nil }),
		"Offsets":     changed(func(v *vector) { v.Offsets = nil }),
		"Cache":       changed(func(v *vector) { v.Offset, v.Offsets = 0, nil }),
		"Softcap":     changed(func(v *vector) { v.Softcap = 0 }),
		"Bias":        changed(func(v *vector) { delete(v.tensors, "bias") }),
		"Slopes":      changed(func(v *vector) { delete(v.tensors, "slopes") }),
		"Sinks":       changed(func(v *vector) { delete(v.tensors, "sinks") }),
		"Keep":        changed(func(v *vector) { delete(v.tensors, "keep") }),
		"Packed":      changed(func(v *vector) { v.Sequences, v.KeyLengths, v.Offsets = nil, nil, nil }),
		"LSE":         times("LSE", 1/math.Ln2),
		"Mask":        changed(func(v *vector) { delete(v.tensors, "mask") }),
		"Broadcast":   changed(func(v *vector) { v.grids(rotated) }),
		"ShortMask":   changed(func(v *vector) { v.lengthen("mask") }),
		"ShortKeep":   changed(func(v *vector) { v.lengthen("keep") }),
		"Pages":       changed(pagesAsTheyLie),
		"PageOrder":   changed(pagesAsTheyLie),
		"SharedPage":  changed(pagesAsTheyLie),
		"PagesBehind": changed(func(v *vector) { v.KeyLengths = nil }),
		"Present": changed(func(v *vector) {
			x := v.tensors["pastKey"]
			v.tensors["pastKey"] = numbers{x.shape, rotated(x.data)}
		}),
		"PresentOffset": changed(func(v *vector) {
			v.Offset -= v.past()
			for b, offset := range v.Offsets {
				v.Offsets[b] = offset - v.past()
			}
		}),
		"QKScaled":  times("QK", 1/math.Ln2),
		"QKCapped":  times("QK", 1/math.Ln2),
		"QKLogits":  times("QK", 1/math.Ln2),
		"QKWeights": times("QK", 1.001),
		"QKOptions": changed(func(v *vector) {
			stage := *v.QKStage ^ 1
			v.QKStage = &stage
		}),
		"Merge":           times("", 2),
		"MergeFar":        mergeUnshifted,
		"MergeEmpty":      changed(func(v *vector) { v.fill("lse1"); v.fill("lse2") }),
		"Gradients":       times("DQuery", 1.001),
		"SoftcapGradient": changed(func(v *vector) { v.Softcap = 0 }),
		"BiasGradient":    times("DBias", -1),
		"SinkGradient":    times("DSinks", -1),
		"KeepGradient":    changed(func(v *vector) { delete(v.tensors, "keep") }),
	} {
		tests, failed := 0, 0
		for _, v := range all {
			if slices.Contains(v.flags, flag) {
				tests++
				if v.accepts(fault(&v)) != nil {
					failed++
				}
			}
		}
		if tests == 0 || failed*4 < tests*3 {
			t.Errorf("%s: %d of %d tests fail", flag, failed, tests)
		}
	}
}

// changed computes a test with other options.
func changed(f func(v *vector)) func(*vector) result {
	return func(v *vector) result {
		w := *v
		w.tensors, w.Offsets = maps.Clone(v.tensors), slices.Clone(v.Offsets)
		f(&w)
		return compute(&w, faulty{})
	}
}

// times computes a test and multiplies one of its results.
func times(name string, factor float64) func(*vector) result {
	return func(v *vector) result {
		r := compute(v, faulty{})
		for k := range r[name] {
			r[name][k] *= factor
		}
		return r
	}
}

// rotated returns x with its first element last.
func rotated(x []float64) []float64 {
	if len(x) == 0 {
		return x
	}
	return append(slices.Clone(x[1:]), x[0])
}

// grids changes the elements of masks, biases and kept weights.
func (v *vector) grids(f func([]float64) []float64) {
	for _, name := range []string{"mask", "bias", "keep"} {
		if x, ok := v.tensors[name]; ok {
			v.tensors[name] = numbers{x.shape, f(x.data)}
		}
	}
}

// lengthen makes the rows of a short grid as long as there are keys: what is
// behind them says true.
func (v *vector) lengthen(name string) {
	x := v.tensors[name]
	width, n := x.shape[len(x.shape)-1], v.keys()
	rows := 1
	for _, axis := range x.shape[:len(x.shape)-1] {
		rows *= axis
	}
	var data []float64
	for row := range rows {
		data = append(data, x.data[row*width:][:width]...)
		for range n - width {
			data = append(data, 1)
		}
	}
	v.tensors[name] = numbers{append(slices.Clone(x.shape[:len(x.shape)-1]), n), data}
}

// pagesAsTheyLie takes the pages of each batch in the order of memory.
func pagesAsTheyLie(v *vector) {
	p, next := *v.Pages, 0
	p.Table = nil
	for _, row := range v.Pages.Table {
		var pages []int
		for range row {
			pages = append(pages, next%v.tensors["key"].shape[0])
			next++
		}
		p.Table = append(p.Table, pages)
	}
	v.Pages = &p
}

// fill takes an empty part for one of little weight.
func (v *vector) fill(name string) {
	x := slices.Clone(v.tensors[name].data)
	for k := range x {
		x[k] = math.Max(x[k], -50)
	}
	v.tensors[name] = numbers{v.tensors[name].shape, x}
}

// mergeUnshifted joins two parts with exponentials that overflow.
func mergeUnshifted(v *vector) result {
	r := merge(v)
	for row, l := range v.tensors["lse1"].data {
		r["LSE"][row] = math.Log(math.Exp(l) + math.Exp(v.tensors["lse2"].data[row]))
	}
	return r
}

// TestWrongValueFails requires that one wrong number among the right ones fails,
// whatever result it is in.
func TestWrongValueFails(t *testing.T) {
	tried := map[string]int{}
	for _, v := range readAll(t, dir) {
		right := compute(&v, faulty{})
		for _, name := range v.results() {
			want, bound := v.tensors["expected"+name].data, v.tensors["bound"+name].data
			for _, k := range []int{0, len(want) / 2, len(want) - 1} {
				if k < 0 || k >= len(want) {
					continue
				}
				wrong := maps.Clone(right)
				wrong[name] = slices.Clone(right[name])
				for _, x := range wrongFor(want[k], bound, k) {
					wrong[name][k] = x
					if v.accepts(wrong) == nil {
						t.Errorf("test %d (%s): expected%s accepts %g for element %d, %g", v.id, v.comment, name, x, k, want[k])
					}
					tried[name]++
				}
			}
		}
	}
	for _, name := range []string{"", "LSE", "QK", "PresentKey", "PresentValue", "DQuery", "DKey", "DValue", "DBias", "DSinks"} {
		if tried[name] < 10 {
			t.Errorf("%d wrong values of expected%s", tried[name], name)
		}
	}
}

// wrongFor returns numbers that are wrong where want is expected.
func wrongFor(want float64, bound []float64, k int) []float64 {
	switch {
	case math.IsNaN(want):
		return []float64{0}
	case bound == nil:
		return []float64{math.NaN(), float64(math.Nextafter32(float32(want), 9))}
	case math.IsInf(want, -1):
		return []float64{math.NaN(), math.Inf(1), -math.MaxFloat32}
	}
	beyond := func(edge, side float64) float64 { // two steps: the edge is rounded
		return math.Nextafter(math.Nextafter(edge, side), side)
	}
	return []float64{math.NaN(), math.Inf(1), beyond(want+bound[k], math.Inf(1)), beyond(want-bound[k], math.Inf(-1))}
}
