package props

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// TestPlace requires every layout to give each element a place of its own, with
// gaps that a write would be noticed in.
func TestPlace(t *testing.T) {
	shape := [4]int{2, 3, 4, 5}
	for name, l := range map[string]layout{"packed": packed, "heads first": headsFirst, "tokens first": tokensFirst, "sparse": sparse} {
		x := place[float32](shape, l)
		used := make([]bool, x.Span())
		eachElement(shape, func(b, h, i, c int) {
			k := x.Index(b, h, i, c)
			if used[k] {
				t.Fatalf("%s: element (%d,%d,%d,%d) shares its place", name, b, h, i, c)
			}
			used[k] = true
		})
		if gaps := x.Span() - 2*3*4*5; (gaps == 0) != (name == "packed") {
			t.Errorf("%s: %d words of gaps", name, gaps)
		}
		m := guard.Memory[float32]{Whole: make([]float32, x.Span()+2), Offset: 1}
		x.Data = m.Whole[1 : 1+x.Span()]
		before := slices.Clone(m.Whole)
		eachElement(shape, func(b, h, i, c int) { x.Set(b, h, i, c, 1) })
		if s := outsideWritten("x", m, before, x); s != "" {
			t.Errorf("%s: %s, though only elements were", name, s)
		}
		for k := range m.Whole {
			if m.Whole[k] == 0 {
				m.Whole[k] = float32(math.NaN())
				if outsideWritten("x", m, before, x) == "" {
					t.Errorf("%s: a write at %d passes", name, k-1)
				}
				m.Whole[k] = 0
			}
		}
	}
}

// TestGather reverses one axis twice.
func TestGather(t *testing.T) {
	x := tensorLike([4]int{2, 2, 3, 2}, func(b, h, i, c int) float64 { return float64(1000*b + 100*h + 10*i + c) })
	y := gather(x, 2, []int{2, 1, 0})
	if got := y.At(1, 0, 0, 1); got != 1021 {
		t.Errorf("got %v, want 1021", got)
	}
	z := gather(y, 2, []int{2, 1, 0})
	eachElement(x.Shape, func(b, h, i, c int) {
		if z.At(b, h, i, c) != x.At(b, h, i, c) {
			t.Errorf("(%d,%d,%d,%d) differs", b, h, i, c)
		}
	})
}

// TestTensorOf requires the view to have the elements of the matrix whose rows are
// tokens of heads of batches.
func TestTensorOf(t *testing.T) {
	m := spec.Matrix[float64]{Rows: 2 * 3 * 2, Cols: 2, Stride: 5, Data: make([]float64, 12*5)}
	for k := range m.Data {
		m.Data[k] = float64(k)
	}
	x := tensorOf(m, 2, 3, 2)
	eachElement([4]int{2, 3, 2, 2}, func(b, h, i, c int) {
		if got, want := x.At(b, h, i, c), m.At((b*3+h)*2+i, c); got != want {
			t.Errorf("(%d,%d,%d,%d) is %v, not %v", b, h, i, c, got, want)
		}
	})
	if x.Shape != [4]int{2, 3, 2, 2} {
		t.Errorf("shape %v", x.Shape)
	}
}

// TestTensorAlgebra checks sums, maps, spans and copies.
func TestTensorAlgebra(t *testing.T) {
	shape := [4]int{1, 2, 2, 2}
	x := tensorLike(shape, func(b, h, i, c int) float64 { return float64(4*h + 2*i + c) })
	sum, twice := addTensors(x, x), mapTensor(x, func(e float64) float64 { return 2 * e })
	narrow := place[float32](shape, sparse)
	narrow.Data = make([]float32, narrow.Span())
	copyTensor(narrow, x)
	back := wideTensor(narrow)
	eachElement(shape, func(b, h, i, c int) {
		want := float64(4*h + 2*i + c)
		if sum.At(b, h, i, c) != 2*want || twice.At(b, h, i, c) != 2*want || back.At(b, h, i, c) != want {
			t.Errorf("(%d,%d,%d,%d): sum %v, twice %v, copy %v", b, h, i, c, sum.At(b, h, i, c), twice.At(b, h, i, c), back.At(b, h, i, c))
		}
	})
	if len(back.Data) != 8 {
		t.Errorf("a copy of 8 numbers in %d", len(back.Data))
	}
	if got := span(2, 5); !slices.Equal(got, []int{2, 3, 4}) || span(3, 3) != nil {
		t.Errorf("from 2 to 5: %v", got)
	}
}

// TestNearTensor requires each element within its bound and the rounding of what
// it is compared with, and says where it is not.
func TestNearTensor(t *testing.T) {
	one := func(x ...float64) tensor {
		return tensorLike([4]int{1, 1, 1, len(x)}, func(_, _, _, c int) float64 { return x[c] })
	}
	nan := math.NaN()
	for _, c := range []struct {
		name             string
		got, want, bound tensor
		fails            string
	}{
		{"equal", one(1, 2), one(1, 2), one(0, 0), ""},
		{"within", one(1, 2), one(1, 2.5), one(0, 0.5), ""},
		{"beyond", one(1, 2), one(1, 2.5), one(1, 0.25), "x[0,0,0,1]"},
		{"rounded", one(1), one(1 + 0x1p-52), one(0x1p-53), ""},
		{"beyond by a little", one(1), one(1 + 0x1p-51), one(0x1p-53), "x[0,0,0,0]"},
		{"NaN for NaN", one(nan), one(nan), one(0), ""},
		{"NaN", one(nan), one(1), one(1), "x[0,0,0,0]"},
		{"a number for NaN", one(1), one(nan), one(1), "x[0,0,0,0]"},
		{"no bound", one(1), one(2), one(nan), "x[0,0,0,0]"},
	} {
		tr := tryOnce(func(t *Trial) { nearTensor(t, "x", c.got, c.want, c.bound) })
		if got := tr.failure; c.fails == "" && got != nil || c.fails != "" && (got == nil || got.What != c.fails) {
			t.Errorf("%s: %+v, want %q", c.name, got, c.fails)
		}
	}
	tr := tryOnce(func(t *Trial) { sameTensorBits(t, "x", one(1, 0), one(1, math.Copysign(0, -1))) })
	if tr.failure == nil || tr.failure.What != "x[0,0,0,1] differs in its bits" {
		t.Errorf("%+v", tr.failure)
	}
}

// TestWatchedTensors requires a change of any word of an input, gaps too, and of
// any word around the elements of an output to be noticed.
func TestWatchedTensors(t *testing.T) {
	shape := [4]int{1, 2, 2, 2}
	x := tensorLike(shape, func(b, h, i, c int) float64 { return float64(4*h + 2*i + c) })
	words := place[float64](shape, tokensFirst).Span()
	for k := range words {
		tr := plainTrial()
		in := inputTensor[float64](tr, "Q", x, tokensFirst)
		if s := tr.guards[0](); s != "" || in.At(0, 1, 1, 0) != 6 {
			t.Fatalf("%q, %v", s, in.At(0, 1, 1, 0))
		}
		in.Data[k] = -7
		if s, want := tr.guards[0](), fmt.Sprintf("input Q was changed, %d elements from its start", k); s != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
	for k := -guard.Canary; k < words; k++ { // behind lies an unreadable page
		tr := plainTrial()
		out := outputTensor[float64](tr, "output", shape, tokensFirst)
		want := fmt.Sprintf("output was written outside its view, %d elements from its start", k)
		eachElement(shape, func(b, h, i, c int) {
			if out.Index(b, h, i, c) == k {
				want = ""
			}
		})
		*(*float64)(unsafe.Add(unsafe.Pointer(&out.Data[0]), 8*k)) = 7
		if s := tr.guards[0](); s != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
}

// plainTrial returns a trial in which nothing is unusual.
func plainTrial() *Trial { return &Trial{Case: gen.New(nil, nil)} }

// TestUnusualMemory requires each operand to begin where its own draws say, in its
// own layout, with the drawn slack around it, and a change of that to be noticed.
func TestUnusualMemory(t *testing.T) {
	yes := gen.Value{Type: gen.TypeBool, Bool: true}
	given := gen.Record{{Name: "unusual memory", Value: yes}, {Name: "slack", Value: gen.Word("huge")},
		{Name: "K aside", Value: yes}, {Name: "K shift", Value: gen.Int(3)}, {Name: "K lies", Value: gen.Word("packed")}}
	x := tensorLike([4]int{1, 2, 2, 2}, func(b, h, i, c int) float64 { return float64(4*h + 2*i + c) })
	for k := -guard.Canary; k < 0; k++ {
		tr := &Trial{Case: gen.New(nil, given)}
		q, in := inputTensor[float32](tr, "Q", x, headsFirst), inputTensor[float32](tr, "K", x, headsFirst)
		if at := uintptr(unsafe.Pointer(&in.Data[0])); at%64 != 12 || in.Stride != place[float32](x.Shape, packed).Stride || q.Stride != place[float32](x.Shape, headsFirst).Stride {
			t.Fatalf("K at %#x with strides %v, Q with %v", at, in.Stride, q.Stride)
		}
		word := (*float32)(unsafe.Add(unsafe.Pointer(&in.Data[0]), 4*k))
		if *word != math.MaxFloat32 || q.Data[2] != math.MaxFloat32 {
			t.Fatalf("slack %v", *word)
		}
		*word = 0
		if s, want := tr.guards[1](), fmt.Sprintf("memory around input K was changed, %d elements from its start", k); s != want || tr.guards[0]() != "" {
			t.Errorf("%q, want %q", s, want)
		}
		tr.pool.Free()
	}
}
