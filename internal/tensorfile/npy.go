package tensorfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"example.com/attest/spec"
)

// magic begins every .npy file.
const magic = "\x93NUMPY"

// maxNPYHeader is the longest header of a .npy file that is read. That of a
// plain array is a hundred bytes long.
const maxNPYHeader = 1 << 16

// ReadNPY returns the matrix of a .npy file: format 1.0, 2.0 or 3.0, dtype
// '<f4', two axes, C order, finite numbers, nothing after the data. The format
// is described in numpy.lib.format.
func ReadNPY(r io.Reader) (spec.Matrix[float32], error) {
	m, err := readNPY(r)
	if err != nil {
		return spec.Matrix[float32]{}, err
	}
	return m, atEnd(r)
}

func readNPY(r io.Reader) (m spec.Matrix[float32], err error) {
	text, err := npyHeader(r)
	if err != nil {
		return m, err
	}
	h, err := parseHeader(text)
	if err != nil {
		return m, err
	}
	if err := checkDtype(h.descr); err != nil {
		return m, err
	}
	if h.fortran {
		return m, errors.New("the array is in Fortran order: save numpy.ascontiguousarray(x)")
	}
	rows, cols, err := checkAxes(h.shape)
	if err != nil {
		return m, err
	}
	return readMatrix(r, rows, cols)
}

// npyHeader reads everything before the data and returns the header's text.
func npyHeader(r io.Reader) (string, error) {
	head, err := readHead(r, int64(len(magic))+2)
	if err != nil {
		return "", err
	}
	if string(head[:len(magic)]) != magic {
		return "", errors.New("no .npy file, it does not begin with \\x93NUMPY: save it with numpy.save")
	}
	major, minor := head[len(magic)], head[len(magic)+1]
	if major < 1 || major > 3 || minor != 0 {
		return "", fmt.Errorf(".npy format %d.%d is not known: save it as 1.0, 2.0 or 3.0", major, minor)
	}
	width := 4 // bytes of the header's length
	if major == 1 {
		width = 2
	}
	size, err := readHead(r, int64(width))
	if err != nil {
		return "", err
	}
	n := int64(binary.LittleEndian.Uint32(append(size, 0, 0, 0, 0)))
	if n > maxNPYHeader {
		return "", fmt.Errorf("the header claims %d bytes, more than %d: save a plain float32 array", n, maxNPYHeader)
	}
	text, err := readHead(r, n)
	return string(text), err
}

// checkDtype returns nil for little-endian float32 and says for any other dtype
// how to make it one.
func checkDtype(descr string) error {
	const remedy = "save x.astype('<f4')"
	switch {
	case descr == "<f4":
		return nil
	case descr == ">f4":
		return fmt.Errorf("dtype '>f4' is big endian: %s", remedy)
	case strings.HasPrefix(descr, "|O"):
		return fmt.Errorf("dtype '|O' holds Python objects, which are never loaded: %s", remedy)
	}
	return fmt.Errorf("dtype %.40q is not '<f4': %s", descr, remedy)
}

// header is what a .npy header says.
type header struct {
	descr   string
	fortran bool
	shape   []int64
}

// parseHeader reads the Python dictionary of a .npy header: the keys 'descr',
// 'fortran_order' and 'shape', each once, in any order.
func parseHeader(text string) (h header, err error) {
	p := &parser{rest: strings.TrimSpace(text)}
	seen := map[string]bool{}
	p.expect("{")
	for p.err == nil && !p.accept("}") {
		key := p.quoted()
		p.expect(":")
		if p.err == nil && seen[key] {
			return h, fmt.Errorf("the header has %.40q twice: save it with numpy.save", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			h.descr = p.dtype()
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail("a key other than descr, fortran_order, shape")
		}
		if !p.accept(",") {
			p.expect("}")
			break
		}
	}
	if p.err == nil && p.rest != "" {
		p.fail("text after the dictionary")
	}
	if p.err != nil {
		return h, p.err
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if !seen[key] {
			return h, fmt.Errorf("the header has no %q: save it with numpy.save", key)
		}
	}
	return h, nil
}

// parser reads the few Python literals that a header is made of. After the
// first mistake, err is set and every method returns a zero value.
type parser struct {
	rest string
	err  error
}

func (p *parser) fail(what string) {
	if p.err == nil {
		p.err = fmt.Errorf("the header has %s at %.20q: save it with numpy.save", what, p.rest)
	}
}

// accept skips the token if it comes next.
func (p *parser) accept(token string) bool {
	if p.err != nil || !strings.HasPrefix(p.rest, token) {
		return false
	}
	p.rest = strings.TrimLeft(p.rest[len(token):], " \t\n")
	return true
}

func (p *parser) expect(token string) {
	if !p.accept(token) {
		p.fail("no " + strconv.Quote(token))
	}
}

// quoted reads a string in either quotes, without escapes.
func (p *parser) quoted() string {
	for _, q := range []string{"'", `"`} {
		if p.err == nil && strings.HasPrefix(p.rest, q) {
			s, _, ok := strings.Cut(p.rest[1:], q)
			if !ok || strings.Contains(s, `\`) {
				break
			}
			p.rest = p.rest[1:]
			p.accept(s + q)
			return s
		}
	}
	p.fail("no string")
	return ""
}

// dtype reads a string, or names a list: the dtype of records.
func (p *parser) dtype() string {
	if p.err == nil && strings.HasPrefix(p.rest, "[") {
		p.err = errors.New("the dtype is a list, for records: save one plain float32 array")
	}
	return p.quoted()
}

func (p *parser) boolean() bool {
	if p.accept("True") {
		return true
	}
	p.expect("False")
	return false
}

// tuple reads a tuple of whole numbers.
func (p *parser) tuple() []int64 {
	var out []int64
	p.expect("(")
	for p.err == nil && !p.accept(")") {
		digits := p.rest[:len(p.rest)-len(strings.TrimLeft(p.rest, "0123456789"))]
		x, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			p.fail("no whole number below 2^63")
		}
		p.accept(digits)
		out = append(out, x)
		if !p.accept(",") {
			p.expect(")")
			break
		}
	}
	return out
}

// WriteNPY writes m as a .npy file of format 1.0, with the header padded as
// NumPy does. It refuses what ReadNPY would refuse.
func WriteNPY(w io.Writer, m spec.Matrix[float32]) error {
	if err := checkMatrix(m); err != nil {
		return err
	}
	const before, align = len(magic) + 4, 64
	dict := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", m.Rows, m.Cols)
	pad := align - (before+len(dict)+1)%align
	dict += strings.Repeat(" ", pad%align) + "\n"
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(dict)))
	if _, err := w.Write(append(head, dict...)); err != nil {
		return err
	}
	return writeMatrix(w, m)
}
