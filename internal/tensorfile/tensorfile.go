// Package tensorfile reads and writes matrices of float32 tokens as NumPy .npy
// and as .safetensors files.
//
// The readers believe nothing that a file says of itself: no length is trusted
// before the bytes it promises have been read, so that memory grows with the
// file and never with a number in it. They accept two-dimensional tensors of
// finite little-endian float32 numbers in row order and refuse everything else
// with an error "what is wrong: what to do". What the writers accept, the
// readers return bit for bit.
package tensorfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"example.com/attest/spec"
)

// Named is a matrix and the name it has in its file.
type Named struct {
	Name   string
	Matrix spec.Matrix[float32]
}

// MaxElements is the largest number of elements of one tensor: 1 GiB of data.
const MaxElements = 1 << 28

// Read returns the tensors of a file, which is taken for .npy if it begins with
// NumPy's magic string or is named so, and for .safetensors otherwise. The
// tensor of a .npy file is named after the file. Errors begin with the path.
func Read(path string) ([]Named, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a directory: name a .npy or .safetensors file", path)
	}
	r := bufio.NewReader(f)
	head, _ := r.Peek(len(magic))
	var tensors []Named
	if ext := filepath.Ext(path); string(head) == magic || ext == ".npy" {
		var m spec.Matrix[float32]
		m, err = ReadNPY(r)
		name := filepath.Base(path)
		tensors = []Named{{name[:len(name)-len(ext)], m}}
	} else {
		tensors, err = ReadSafetensors(r)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tensors, nil
}

// openError says why a file cannot be opened, and what to do.
func openError(path string, err error) error {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s: no such file: check the path", path)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s: permission denied: make the file readable", path)
	}
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w: name a readable file", path, err)
}

// checkShape returns an error unless rows×cols is a shape that a reader accepts.
func checkShape(rows, cols int64) error {
	switch {
	case rows < 0 || cols < 0:
		return fmt.Errorf("the shape (%d, %d) has a negative side: save the array again", rows, cols)
	case rows == 0 || cols == 0:
		return fmt.Errorf("the shape (%d, %d) has no elements: give at least one token and one channel", rows, cols)
	case rows > MaxElements/cols:
		return fmt.Errorf("the shape (%d, %d) has more than %d elements: split the tensor", rows, cols, MaxElements)
	}
	return nil
}

// checkAxes returns the sides of a two-dimensional shape.
func checkAxes(shape []int64) (rows, cols int64, err error) {
	if len(shape) != 2 {
		return 0, 0, fmt.Errorf("the tensor has %d axes, not 2: save one row a token and one column a channel", len(shape))
	}
	return shape[0], shape[1], checkShape(shape[0], shape[1])
}

// chunk is the number of bytes read at once.
const chunk = 1 << 15

// readMatrix reads rows×cols numbers. Its memory grows as the data arrive.
func readMatrix(r io.Reader, rows, cols int64) (spec.Matrix[float32], error) {
	n := rows * cols
	var data []float32
	buf := make([]byte, min(chunk, 4*n))
	for int64(len(data)) < n {
		part := buf[:min(int64(len(buf)), 4*(n-int64(len(data))))]
		if k, err := io.ReadFull(r, part); err != nil {
			return spec.Matrix[float32]{}, readError(err, 4*int64(len(data))+int64(k), 4*n)
		}
		for ; len(part) > 0; part = part[4:] {
			x := math.Float32frombits(binary.LittleEndian.Uint32(part))
			if d := float64(x); math.IsNaN(d) || math.IsInf(d, 0) {
				return spec.Matrix[float32]{}, notFinite(int64(len(data))/cols, int64(len(data))%cols, d)
			}
			data = append(data, x)
		}
	}
	return spec.Matrix[float32]{Rows: int(rows), Cols: int(cols), Stride: int(cols), Data: data}, nil
}

func notFinite(i, j int64, x float64) error {
	return fmt.Errorf("element (%d, %d) is %v: every number must be finite", i, j, x)
}

// readError tells a file that is too short from one that cannot be read.
func readError(err error, got, want int64) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the data end after %d of %d bytes: the file is cut short, save or copy it again", got, want)
	}
	return fmt.Errorf("reading the data: %w: check the disk and copy the file again", err)
}

// atEnd returns an error if r has more bytes.
func atEnd(r io.Reader) error {
	n, err := io.ReadFull(r, make([]byte, 1))
	switch {
	case n > 0:
		return errors.New("bytes follow the data: save the file again with nothing after the tensors")
	case errors.Is(err, io.EOF):
		return nil
	}
	return fmt.Errorf("reading the data: %w: check the disk and copy the file again", err)
}

// readHead returns the next n bytes; its memory grows as they arrive.
func readHead(r io.Reader, n int64) ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(r, n))
	if err == nil && int64(len(head)) < n {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("the header: %w", readError(err, int64(len(head)), n))
	}
	return head, nil
}

// checkMatrix returns an error for a matrix that the readers would refuse.
func checkMatrix(m spec.Matrix[float32]) error {
	m.Check("the tensor")
	if err := checkShape(int64(m.Rows), int64(m.Cols)); err != nil {
		return err
	}
	for i := range m.Rows {
		for j, x := range m.Row(i) {
			if d := float64(x); math.IsNaN(d) || math.IsInf(d, 0) {
				return notFinite(int64(i), int64(j), d)
			}
		}
	}
	return nil
}

// writeMatrix writes the numbers of m, row by row and without gaps.
func writeMatrix(w io.Writer, m spec.Matrix[float32]) error {
	row := make([]byte, 4*m.Cols)
	for i := range m.Rows {
		for j, x := range m.Row(i) {
			binary.LittleEndian.PutUint32(row[4*j:], math.Float32bits(x))
		}
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
