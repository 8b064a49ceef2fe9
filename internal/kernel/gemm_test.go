package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/spec"
)

// gemmOperands are lent memory for the operands of products, at one side of
// which an unreadable page lies.
type gemmOperands struct {
	side         guard.Side
	dst, a, b, c guard.Memory[float32]
}

func newGemmOperands(t *testing.T, side guard.Side, most int) *gemmOperands {
	o := &gemmOperands{side: side}
	for _, m := range []*guard.Memory[float32]{&o.dst, &o.a, &o.b, &o.c} {
		var err error
		if *m, err = guard.New[float32](most, side); err != nil {
			t.Skip(err)
		}
		t.Cleanup(m.Free)
	}
	return o
}

// view returns a matrix at the guarded end of the memory, rows apart by a gap
// that nobody may touch: NaN, as everything that is not written.
func (o *gemmOperands) view(m guard.Memory[float32], rows, cols, gap int) Matrix {
	stride := cols + gap
	size := max(0, rows*stride-gap)
	data := m.Data[:size:size]
	if o.side == guard.Behind {
		data = m.Data[len(m.Data)-size:]
	}
	for k := range data {
		data[k] = float32(math.NaN())
	}
	return Matrix{Rows: rows, Cols: cols, Stride: stride, Data: data}
}

// fill stores small integers, of which every sum of products is exact.
func fill(m Matrix, r *rand.Rand) {
	for i := range m.Rows {
		for j := range m.Row(i) {
			m.Set(i, j, float32(r.IntN(15)-7))
		}
	}
}

// element returns element (i, j), or (j, i) of a matrix stored transposed.
func element(m Matrix, transposed bool, i, j int) float32 {
	if transposed {
		return m.At(j, i)
	}
	return m.At(i, j)
}

// gemmCase is one product to try.
type gemmCase struct {
	Gemm
	rows, cols, depth, gap int
	add                    string // "", "row", "dst" or "matrix"
}

// try multiplies integers and says what is wrong with the result or with what was
// touched besides.
func (c gemmCase) try(o *gemmOperands, tile func(Level, *tile)) string {
	r := rand.New(rand.NewPCG(uint64(c.rows), uint64(c.cols)))
	shape := func(m guard.Memory[float32], rows, cols int, transposed bool) Matrix {
		if transposed {
			rows, cols = cols, rows
		}
		v := o.view(m, rows, cols, c.gap)
		fill(v, r)
		return v
	}
	a, b := shape(o.a, c.rows, c.depth, c.TransposeA), shape(o.b, c.depth, c.cols, c.TransposeB)
	dst := o.view(o.dst, c.rows, c.cols, c.gap)
	var add Matrix
	switch c.add {
	case "row":
		add = shape(o.c, 1, c.cols, false)
		add.Stride = 0
	case "matrix":
		add = shape(o.c, c.rows, c.cols, false)
	case "dst":
		fill(dst, r)
		add = dst
	}
	want := make([]float32, 0, c.rows*c.cols)
	for i := range c.rows {
		for j := range c.cols {
			var s float32
			if c.add != "" {
				s = add.At(i, j)
			}
			for k := range c.depth {
				s += element(a, c.TransposeA, i, k) * element(b, c.TransposeB, k, j)
			}
			want = append(want, s)
		}
	}
	if fault := guard.Fault(func() { c.multiply(dst, a, b, add, tile) }); fault != "" {
		return fmt.Sprintf("%+v: %s", c, fault)
	}
	for k, x := range dst.Data {
		switch i, j := k/dst.Stride, k%dst.Stride; {
		case j >= c.cols && x == x:
			return fmt.Sprintf("%+v: %v written %d columns behind row %d", c, x, j-c.cols+1, i)
		case j < c.cols && x != want[i*c.cols+j]:
			return fmt.Sprintf("%+v: element (%d, %d) is %v, want %v", c, i, j, x, want[i*c.cols+j])
		}
	}
	return ""
}

// tryGemm tries all shapes of up to three tiles and some larger ones, and returns
// the first complaint.
func tryGemm(t *testing.T, l Level, tile func(Level, *tile)) string {
	most := 320 * 320
	adds := []string{"", "row", "dst", "matrix"}
	for _, side := range []guard.Side{guard.Behind, guard.Before} {
		o := newGemmOperands(t, side, most)
		n := 0
		try := func(rows, cols, depth int) string {
			n++
			return gemmCase{Gemm{Level: l, Threads: 1, TransposeA: n%5 == 4, TransposeB: n%3 == 2}, rows, cols, depth, n % 2 * 3, adds[n/2%4]}.try(o, tile)
		}
		high, wide := l.tileShape()
		depths := []int{3, 0, 1, 17, 2, 8, 5}
		for rows := range 3*high + 1 {
			for cols := range 3*wide + 1 {
				if testing.Short() && (rows+cols)%3 != 0 {
					continue
				}
				if s := try(rows, cols, depths[n%len(depths)]); s != "" {
					return s
				}
			}
		}
		for _, s := range [][3]int{{5, 6, 511}, {33, 40, 512}, {1, 64, 513}, {29, 17, 600}, {15, 33, 1025}, {300, 20, 9}, {3, 1100, 9}} {
			for range 5 {
				if s := try(s[0], s[1], s[2]); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// TestGemm multiplies matrices of integers, exactly, between pages that cannot be
// touched.
func TestGemm(t *testing.T) {
	for _, l := range Levels() {
		t.Run(l.String(), func(t *testing.T) {
			if s := tryGemm(t, l, Level.tile); s != "" {
				t.Error(s)
			}
		})
	}
}

// gemmMutants are faults of a product of tiles, each of which TestGemm must find.
var gemmMutants = []struct {
	name  string
	reads bool // what it should not, and nothing else
	fault func(l Level, t *tile)
}{
	{"the mask lets one column more be written", false, func(l Level, t *tile) {
		l.tile(t)
		if _, wide := l.tileShape(); t.cols < wide {
			at := (*float32)(unsafe.Add(unsafe.Pointer(&t.dst[0]), 4*((t.rows-1)*t.ld+t.cols)))
			*at = 1
		}
	}},
	{"the mask leaves the last column out", false, func(l Level, t *tile) {
		if _, wide := l.tileShape(); t.cols < wide && t.cols > 1 {
			t.cols--
			defer func() { t.cols++ }()
		}
		l.tile(t)
	}},
	{"sums start where those of the tile before ended", false, func(l Level, t *tile) {
		l.tile(t)
		t.dst[0] += staleSum
		staleSum = t.dst[0]
	}},
	{"two lanes are interchanged", false, func(l Level, t *tile) {
		l.tile(t)
		if t.cols > 2 {
			t.dst[1], t.dst[2] = t.dst[2], t.dst[1]
		}
	}},
	{"the last product is dropped where the depth is odd", false, func(l Level, t *tile) {
		t.depth &^= 1
		l.tile(t)
	}},
	{"a later block of the depth overwrites the earlier", false, func(l Level, t *tile) {
		if t.ldadd == t.ld && len(t.add) > 0 && &t.add[0] == &t.dst[0] {
			t.add, t.ldadd = nothing[:], 0
		}
		l.tile(t)
	}},
	{"eight columns more of what is added are read", true, func(l Level, t *tile) {
		var sum float32
		for k := range 8 {
			sum += *(*float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(t.add)), 4*(t.cols+k)))
		}
		l.tile(t)
		runtime.KeepAlive(sum)
	}},
	{"the last row of a high tile is not stored", false, func(l Level, t *tile) {
		if high, _ := l.tileShape(); t.rows == high && high > 1 {
			t.rows--
			defer func() { t.rows++ }()
		}
		l.tile(t)
	}},
	{"what is added is taken from the first row alone", false, func(l Level, t *tile) {
		t.ldadd = 0
		l.tile(t)
	}},
}

var staleSum float32

func TestGemmMutants(t *testing.T) {
	for _, l := range Levels() {
		for _, m := range gemmMutants {
			if !guard.Pages && m.reads {
				continue
			}
			if s := tryGemm(t, l, m.fault); s == "" {
				t.Errorf("%v: %s, and no product shows it", l, m.name)
			} else {
				t.Logf("%v: %s: %s", l, m.name, s)
			}
		}
	}
}

// random returns a matrix of normal numbers.
func random(rows, cols int, seed uint64) Matrix {
	r := rand.New(rand.NewPCG(seed, 0))
	m := spec.NewMatrix[float32](rows, cols)
	for k := range m.Data {
		m.Data[k] = float32(r.NormFloat64())
	}
	return m
}

// TestGemmBits requires the same bits of every number of threads, of every row by
// itself, and of the levels with vectors.
func TestGemmBits(t *testing.T) {
	rows, cols, depth := 150, 170, 1300
	a, b := random(rows, depth, 1), random(depth, cols, 2)
	var wide []float32
	for _, l := range Levels() {
		want := spec.NewMatrix[float32](rows, cols)
		Gemm{Level: l, Threads: 1}.Multiply(want, a, b, Matrix{})
		got := spec.NewMatrix[float32](rows, cols)
		for _, threads := range []int{2, 3, 7} {
			clear(got.Data)
			Gemm{Level: l, Threads: threads}.Multiply(got, a, b, Matrix{})
			if !slices.Equal(got.Data, want.Data) {
				t.Errorf("%v: %d threads change the result", l, threads)
			}
		}
		for i := 0; i < rows; i += 7 {
			row := Matrix{Rows: 1, Cols: depth, Stride: depth, Data: a.Row(i)}
			one := spec.NewMatrix[float32](1, cols)
			Gemm{Level: l}.Multiply(one, row, b, Matrix{})
			if !slices.Equal(one.Data, want.Row(i)) {
				t.Errorf("%v: row %d by itself differs", l, i)
			}
		}
		switch {
		case l == Portable:
		case wide == nil:
			wide = want.Data
		case !slices.Equal(wide, want.Data):
			t.Errorf("%v differs from %v", l, Best())
		}
	}
}

// TestGemmError compares with float64: a sum of n products and one addend errs by
// at most γ(n+1) times the sum of their sizes, whatever the order.
func TestGemmError(t *testing.T) {
	const depth, u = 777, 0x1p-24
	gamma := (depth + 1) * u / (1 - (depth+1)*u)
	a, b, c := random(31, depth, 3), random(depth, 67, 4), random(31, 67, 5)
	for _, l := range Levels() {
		got := spec.NewMatrix[float32](31, 67)
		Gemm{Level: l}.Multiply(got, a, b, c)
		for i := range got.Rows {
			for j := range got.Cols {
				want := float64(c.At(i, j))
				size := math.Abs(want)
				for k := range depth {
					p := float64(a.At(i, k)) * float64(b.At(k, j))
					want, size = want+p, size+math.Abs(p)
				}
				if err := math.Abs(float64(got.At(i, j)) - want); !(err <= gamma*size) {
					t.Fatalf("%v: element (%d, %d): err %g, bound %g", l, i, j, err, gamma*size)
				}
			}
		}
	}
}

// TestGemmAllocates requires that products find their scratch memory where those
// before left it.
func TestGemmAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector lets pools forget")
	}
	a, b, dst := random(300, 300, 1), random(300, 300, 2), random(300, 300, 3)
	for _, threads := range []int{1, 3} {
		if n := testing.AllocsPerRun(20, func() { Gemm{Level: Best(), Threads: threads}.Multiply(dst, a, b, Matrix{}) }); n > 0 {
			t.Errorf("%d threads: %v allocations a product", threads, n)
		}
	}
}

// BenchmarkGemm reports the rate and how much of the peak that is.
func BenchmarkGemm(b *testing.B) {
	for _, n := range []int{64, 512, 1024, 2048} {
		for _, l := range Levels() {
			if l == Portable && n > 512 {
				continue
			}
			b.Run(fmt.Sprintf("%d/%v", n, l), func(b *testing.B) {
				x, y, dst := random(n, n, 1), random(n, n, 2), random(n, n, 3)
				g := Gemm{Level: l, Threads: 1}
				g.Multiply(dst, x, y, Matrix{})
				b.ReportAllocs()
				for b.Loop() {
					g.Multiply(dst, x, y, Matrix{})
				}
				flops := 2 * float64(n) * float64(n) * float64(n) * float64(b.N)
				reportPeak(b, l, flops)
			})
		}
	}
}
