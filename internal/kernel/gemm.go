package kernel

import (
	"runtime"
	"sync"
	"sync/atomic"

	"example.com/attest/spec"
)

// Matrix is a matrix of the float32 side.
type Matrix = spec.Matrix[float32]

// Gemm says how matrices are multiplied. The zero value multiplies them as they
// are, in Go, with all processors.
type Gemm struct {
	Level Level
	// Threads is how many processors take part at most; 0: all that Go uses.
	Threads int
	// TransposeA and TransposeB are set for factors that are stored transposed.
	TransposeA, TransposeB bool
}

// Multiply stores add + AB, where add may be dst itself, a row with stride 0 that
// every row gets, or the zero Matrix for nothing; its shape is not looked at
// otherwise. The other shapes fit, and dst shares no memory with A and B.
//
// An element is a sum of blocks of blockDepth products, each block one chain of
// fused multiply-adds at the levels with vectors: it depends on its row of A, its
// column of B and what is added alone, and on neither the number of threads nor,
// among those levels, on the level. Packed operands take about a megabyte for
// each thread, whatever the sizes.
func (g Gemm) Multiply(dst, a, b, add Matrix) { g.multiply(dst, a, b, add, Level.tile) }

const (
	// blockDepth rows and blockCols columns of B are packed at a time, and pass
	// blockRows rows of A, which stay in the second-level cache.
	blockDepth = 512
	blockCols  = 1024
	blockRows  = 126
	// packedPitch is the distance of packed rows of A; the assembly knows it.
	packedPitch = blockDepth + 16
	// fewRows of A take B where it lies.
	fewRows = 2
	// threadWork is how many products of elements are worth another thread.
	threadWork = 1 << 21
)

// multiply is Multiply with the given product of tiles.
func (g Gemm) multiply(dst, a, b, add Matrix, tile func(Level, *tile)) {
	if dst.Rows == 0 || dst.Cols == 0 {
		return
	}
	depth := b.Rows
	if g.TransposeB {
		depth = b.Cols
	}
	p := products.Get().(*product)
	p.Gemm, p.dst, p.a, p.b, p.add, p.depth, p.tile = g, dst, a, b, add, depth, tile
	threads := g.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	threads = max(1, min(threads, dst.Rows*dst.Cols*depth/threadWork))
	p.divide(threads)
	p.next.Store(0)
	p.wait.Add(threads)
	for range threads - 1 {
		go p.work()
	}
	p.work()
	p.wait.Wait()
	p.dst, p.a, p.b, p.add = Matrix{}, Matrix{}, Matrix{}, Matrix{}
	products.Put(p)
}

// product is one product of matrices, divided into blocks of the result that any
// thread may take.
type product struct {
	Gemm
	dst, a, b, add Matrix
	depth          int
	tile           func(Level, *tile)

	height, width int // of a block
	next          atomic.Int64
	wait          sync.WaitGroup
	work          func()
}

var products = sync.Pool{New: func() any {
	p := new(product)
	p.work = p.run
	return p
}}

// divide chooses the blocks of the result: a few for each thread, so that none
// waits long for another.
func (p *product) divide(threads int) {
	rows, cols := p.Level.tileShape()
	p.height, p.width = p.dst.Rows, p.dst.Cols
	for n := 1; n < threads || n < 4*threads && threads > 1 && p.height*p.width > 1<<16; n *= 2 {
		if p.height > p.width {
			p.height = roundUp((p.height+1)/2, rows)
		} else {
			p.width = roundUp((p.width+1)/2, cols)
		}
	}
}

// roundUp returns the least multiple of unit that is not below n.
func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// run takes blocks until there are none.
func (p *product) run() {
	defer p.wait.Done()
	s := scratches.Get().(*gemmScratch)
	defer scratches.Put(s)
	high, wide := (p.dst.Rows+p.height-1)/p.height, (p.dst.Cols+p.width-1)/p.width
	for {
		k := int(p.next.Add(1)) - 1
		if k >= high*wide {
			return
		}
		i, j := k%high*p.height, k/high*p.width
		p.block(s, i, min(i+p.height, p.dst.Rows), j, min(j+p.width, p.dst.Cols))
	}
}

// block computes rows [i0, i1) and columns [j0, j1) of the result.
func (p *product) block(s *gemmScratch, i0, i1, j0, j1 int) {
	_, wide := p.Level.tileShape()
	s.reserve(min(i1-i0, blockRows)*packedPitch, blockDepth*roundUp(min(j1-j0, blockCols), wide))
	for j := j0; j < j1; j += blockCols {
		cols := min(blockCols, j1-j)
		add := p.add
		for k := 0; k < max(1, p.depth); k += blockDepth {
			depth := min(blockDepth, p.depth-k)
			inPlace := i1-i0 <= fewRows && !p.TransposeB && depth > 0
			p.packB(s.b, k, depth, j, cols, inPlace)
			for i := i0; i < i1; i += blockRows {
				rows := min(blockRows, i1-i)
				p.packA(s.a, i, rows, k, depth)
				p.pass(s, add, i, rows, j, cols, k, depth, inPlace)
			}
			add = p.dst
		}
	}
	s.tile = tile{}
}

// pass multiplies packed operands, tile by tile: each panel of B passes all rows.
func (p *product) pass(s *gemmScratch, add Matrix, i0, rows, j0, cols, k, depth int, inPlace bool) {
	high, wide := p.Level.tileShape()
	t := &s.tile
	t.depth = depth
	for j := 0; j < cols; j += wide {
		t.cols = min(wide, cols-j)
		t.b, t.ldb = s.b[j*depth:], wide
		if inPlace && t.cols == wide {
			t.b, t.ldb = p.b.Data[k*p.b.Stride+j0+j:], p.b.Stride
		}
		for i := 0; i < rows; i += t.rows {
			t.rows = tileRows(rows-i, high)
			t.a = s.a[i*packedPitch:]
			t.dst, t.ld = p.dst.Data[(i0+i)*p.dst.Stride+j0+j:], p.dst.Stride
			t.add, t.ldadd = nothing[:], 0
			if len(add.Data) > 0 {
				t.add, t.ldadd = add.Data[(i0+i)*add.Stride+j0+j:], add.Stride
			}
			p.tile(p.Level, t)
		}
	}
}

// nothing is a row to add where there is none.
var nothing [32]float32

// tileRows returns the height of the next tile of n rows, so that the last two
// are about equally high.
func tileRows(n, most int) int {
	if n > most && n < 2*most {
		return (n + 1) / 2
	}
	return min(n, most)
}
