package tensorfile_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"example.com/attest/internal/tensorfile"
)

// npyFile returns a .npy file with the header given and a true length before it.
func npyFile(major byte, head string, data []byte) []byte {
	file := append([]byte("\x93NUMPY"), major, 0)
	if major == 1 {
		file = binary.LittleEndian.AppendUint16(file, uint16(len(head)))
	} else {
		file = binary.LittleEndian.AppendUint32(file, uint32(len(head)))
	}
	return append(append(file, head...), data...)
}

// safetensorsFile returns a .safetensors file whose header claims more bytes
// than it has, by lie.
func safetensorsFile(lie uint64, head string, data []byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(head))+lie)
	return append(append(file, head...), data...)
}

func floats(x ...float32) (data []byte) {
	for _, v := range x {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}

// memory returns how many bytes f allocates.
func memory(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// allowance is what a reader may allocate for a file of n bytes: its data and
// header several times over, since both grow by doubling and the header is
// parsed, and a constant for buffers.
func allowance(n int) uint64 { return 1<<18 + 64*uint64(n) }

func TestReadNPYForeignHeaders(t *testing.T) {
	data := floats(1, 2, 3, 4, 5, 6)
	for _, head := range []string{
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }          \n",
		"{'shape': (2,3), 'fortran_order': False, 'descr': '<f4'}\n",
		`{"descr":"<f4","fortran_order":False,"shape":(2,3,)}`,
	} {
		for major := byte(1); major <= 3; major++ {
			m, err := tensorfile.ReadNPY(bytes.NewReader(npyFile(major, head, data)))
			if err != nil || m.Rows != 2 || m.Cols != 3 || m.At(1, 2) != 6 {
				t.Errorf("format %d.0, %q: got %v, %v", major, head, m, err)
			}
		}
	}
}

func TestReadNPYRefuses(t *testing.T) {
	const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n"
	two := floats(1, 2)
	with := func(old, new string) []byte { return npyFile(1, strings.Replace(good, old, new, 1), two) }
	inf := float32(math.Inf(-1))
	for want, file := range map[string][]byte{
		"end after 0 of 8 bytes":        {},
		"does not begin with":           []byte("PK\x03\x04 an archive"),
		".npy format 9.0":               npyFile(9, good, two),
		"the header claims 4294967295":  []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff"),
		"end after 3 of 65535":          []byte("\x93NUMPY\x01\x00\xff\xff{'d"),
		"big endian":                    with("<f4", ">f4"),
		`"<f8" is not`:                  with("<f4", "<f8"),
		"Python objects":                with("<f4", "|O"),
		"for records":                   with("'<f4'", "[('a', '<f4')]"),
		"Fortran order":                 with("False", "True"),
		"no \"False\"":                  with("False", "None"),
		"has 1 axes":                    with("(2, 1)", "(2,)"),
		"has 0 axes":                    with("(2, 1)", "()"),
		"has 3 axes":                    with("(2, 1)", "(2, 1, 1)"),
		"no elements":                   with("(2, 1)", "(2, 0)"),
		"more than 268435456 elements":  with("(2, 1)", "(9223372036854775807, 9223372036854775807)"),
		"below 2^63":                    with("(2, 1)", "(9223372036854775808, 1)"),
		"no whole number":               with("(2, 1)", "(-2, 1)"),
		"twice":                         with("'fortran_order': False", "'descr': '<f4'"),
		`no "shape"`:                    with("'shape': (2, 1), ", ""),
		"a key other than":              with("shape", "shade"),
		"text after":                    with("}", "} import os"),
		"no string":                     with("'descr'", "'des\\x63r'"),
		"no \":\"":                      with(":", "="),
		"no \"}\"":                      with(", }", " "),
		"end after 4 of 8 bytes":        npyFile(1, good, two[:4]),
		"end after 7 of 8 bytes":        npyFile(1, good, two[:7]),
		"end after 8 of 1073741824":     with("(2, 1)", "(268435456, 1)"),
		"bytes follow the data":         npyFile(1, good, append(floats(1, 2), 0)),
		"element (1, 0) is -Inf: every": npyFile(1, good, floats(1, inf)),
	} {
		var err error
		used := memory(func() { _, err = tensorfile.ReadNPY(bytes.NewReader(file)) })
		refused(t, err, want, used, len(file))
	}
}

// refused checks an error and the memory that finding it took.
func refused(t *testing.T, err error, want string, used uint64, size int) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
		return
	}
	if bound := allowance(size); used > bound {
		t.Errorf("%v: allocated %d bytes for a file of %d, bound %d", err, used, size, bound)
	}
	if !strings.ContainsAny(err.Error(), ":") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is not one line with a remedy", err)
	}
}

func TestReadSafetensorsRefuses(t *testing.T) {
	const good = `{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`
	two := floats(1, 2)
	file := func(head string) []byte { return safetensorsFile(0, head, two) }
	with := func(old, new string) []byte { return file(strings.Replace(good, old, new, 1)) }
	pair := func(begin, end string) []byte {
		return file(`{"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1,1],"data_offsets":[` + begin + `,` + end + `]}}`)
	}
	for want, content := range map[string][]byte{
		"end after 3 of 8 bytes":             {1, 2, 3},
		"header claims 18446744073709551615": bytes.Repeat([]byte{255}, 20),
		"end after 64 of 16777216 bytes":     safetensorsFile(1<<24-56, good, two),
		"not UTF-8":                          with("a", "\xff"),
		"no valid JSON":                      with(":", "="),
		"no valid JSON (unexpected":          file(good[:3]),
		"no valid JSON (EOF":                 file(good[:len(good)-1]),
		"goes on after":                      file(good + "{}"),
		`has "[" in place of an object`:      file("[]"),
		`has "3" in place`:                   file(`{"a":3}`),
		"no tensors":                         file("{}"),
		`the name "a" occurs twice`:          file(`{"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"\u0061":{}}`),
		`the name "shape" occurs twice`:      with(`"dtype":"F32"`, `"shape":[2,1]`),
		"is missing":                         with(`"dtype":"F32",`, ""),
		`key "size" is not known`:            with("shape", "size"),
		`dtype "F16" is not F32`:             with("F32", "F16"),
		`dtype "" is not F32`:                with(`"F32"`, "null"),
		"cannot unmarshal":                   with(`"F32"`, "[1]"),
		"has 1 axes":                         with("[2,1]", "[2]"),
		"has 0 axes":                         with("[2,1]", "null"),
		`"-2" is no whole number`:            with("[2,1]", "[-2,1]"),
		`"2.0" is no whole number`:           with("[2,1]", "[2.0,1]"),
		`"1e400" is no whole number`:         with("[2,1]", "[1e400,1]"),
		"no elements":                        with("[2,1]", "[0,1]"),
		"more than 268435456":                with("[2,1]", "[4611686018427387904,2]"),
		"has 3 numbers":                      with("[0,8]", "[0,8,8]"),
		"do not fit the shape (2, 1)":        with("[0,8]", "[0,4]"),
		"[8, 0] do not fit":                  with("[0,8]", "[8,0]"),
		"4 bytes before":                     with("[0,8]", "[4,12]"),
		`tensors "a" and "b" overlap`:        pair("0", "4"),
		`overlap`:                            pair("2", "6"),
		`before tensor "b" belong to none`:   pair("6", "10"),
		"after 8 of 1073741824 bytes":        file(`{"a":{"dtype":"F32","shape":[268435456,1],"data_offsets":[0,1073741824]}}`),
		"bytes follow the data":              safetensorsFile(0, good, append(floats(1, 2), 0)),
		`tensor "a": element (1, 0) is NaN`:  safetensorsFile(0, good, floats(1, float32(math.NaN()))),
	} {
		var err error
		used := memory(func() { _, err = tensorfile.ReadSafetensors(bytes.NewReader(content)) })
		refused(t, err, want, used, len(content))
	}
}

func TestReadSafetensorsMetadata(t *testing.T) {
	head := `{"__metadata__":{"format":"pt"},"b":{"data_offsets":[4,8],"dtype":"F32","shape":[1,1]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}  `
	got, err := tensorfile.ReadSafetensors(bytes.NewReader(safetensorsFile(0, head, floats(1, 2))))
	if err != nil || len(got) != 2 || got[0].Name != "a" || got[1].Matrix.At(0, 0) != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

// broken fails after its content.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrClosedPipe
	}
	return n, err
}

func TestReadersReportBrokenFiles(t *testing.T) {
	whole := npyFile(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", floats(1, 2))
	for n := range len(whole) + 1 {
		if _, err := tensorfile.ReadNPY(broken{bytes.NewReader(whole[:n])}); err == nil || !strings.Contains(err.Error(), "check the disk") {
			t.Errorf("%d bytes: error %v", n, err)
		}
	}
}
