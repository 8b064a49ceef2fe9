//go:build !linux

package guard

import (
	"errors"
	"unsafe"
)

// Pages says whether faults can be expected at all.
const Pages = false

// pages returns at least n bytes, aligned for every element type.
func pages(n int) ([]byte, func(), error) {
	const page = 4096
	words := make([]float64, max(1, (n+page-1)/page)*page/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words)), func() {}, nil
}

// reserve refuses: ordinary memory is not given page by page everywhere.
func reserve(int) ([]byte, func(), error) { return nil, nil, errors.ErrUnsupported }
