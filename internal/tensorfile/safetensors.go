package tensorfile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxSafetensorsHeader is the longest header of a .safetensors file that is
// read: some 200,000 tensors.
const maxSafetensorsHeader = 1 << 24

// metadata is the one key of a header that is no tensor.
const metadata = "__metadata__"

// entry is what the header says of one tensor: its shape, and the place
// [begin, end) of its bytes behind the header.
type entry struct {
	name       string
	rows, cols int64
	begin, end int64
}

// ReadSafetensors returns the tensors of a .safetensors file in the order of
// their data. All of them must be F32 with two axes, have names of their own,
// and fill the file without holes, overlaps or bytes left over.
func ReadSafetensors(r io.Reader) ([]Named, error) {
	size, err := readHead(r, 8)
	if err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(size)
	if n > maxSafetensorsHeader {
		return nil, fmt.Errorf("the header claims %d bytes, more than %d: is it a .safetensors file?", n, maxSafetensorsHeader)
	}
	text, err := readHead(r, int64(n))
	if err != nil {
		return nil, err
	}
	entries, err := parseEntries(text)
	if err != nil {
		return nil, err
	}
	if err := checkPlaces(entries); err != nil {
		return nil, err
	}
	var out []Named
	for _, e := range entries {
		m, err := readMatrix(r, e.rows, e.cols)
		if err != nil {
			return nil, fmt.Errorf("tensor %.80q: %w", e.name, err)
		}
		out = append(out, Named{e.name, m})
	}
	return out, atEnd(r)
}

// checkPlaces sorts the entries by their place and returns an error unless they
// lie end to end from byte 0 on.
func checkPlaces(entries []entry) error {
	if len(entries) == 0 {
		return errors.New("the file has no tensors: save at least one")
	}
	slices.SortFunc(entries, func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.begin, y.begin), cmp.Compare(x.end, y.end))
	})
	var at int64
	for i, e := range entries {
		switch {
		case e.begin < at:
			return fmt.Errorf("tensors %.80q and %.80q overlap: save the file again", entries[i-1].name, e.name)
		case e.begin > at:
			return fmt.Errorf("%d bytes before tensor %.80q belong to none: save the file again", e.begin-at, e.name)
		}
		at = e.end
	}
	return nil
}

// parseEntries reads the header's JSON.
func parseEntries(text []byte) ([]entry, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the header is not UTF-8: is it a .safetensors file?")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var out []entry
	err := object(dec, func(name string) error {
		if name == metadata {
			return object(dec, func(string) error {
				var s string
				return dec.Decode(&s)
			})
		}
		e, err := parseEntry(dec)
		if err != nil {
			return fmt.Errorf("tensor %.80q: %w", name, err)
		}
		e.name = name
		out = append(out, e)
		return nil
	})
	if err != nil {
		return nil, explain(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the header goes on after its JSON object: save the file again")
	}
	return out, nil
}

// explain gives errors of the JSON decoder a remedy; the others have one.
func explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the header is no valid JSON (%w): is it a .safetensors file?", err)
	}
	return err
}

// object reads a JSON object and calls visit after each key, which must be new;
// visit reads the value.
func object(dec *json.Decoder, visit func(key string) error) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("the header has %.40q in place of an object: is it a .safetensors file?", fmt.Sprint(t))
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key := t.(string) // the decoder lets nothing else be a key
		if seen[key] {
			return fmt.Errorf("the name %.80q occurs twice: give every tensor its own", key)
		}
		seen[key] = true
		if err := visit(key); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// parseEntry reads {"dtype": …, "shape": …, "data_offsets": …}.
func parseEntry(dec *json.Decoder) (e entry, err error) {
	var dtype string
	var shape, offsets []int64
	has := 0
	err = object(dec, func(key string) (err error) {
		has++
		switch key {
		case "dtype":
			err = dec.Decode(&dtype)
		case "shape":
			shape, err = integers(dec)
		case "data_offsets":
			offsets, err = integers(dec)
		default:
			err = fmt.Errorf("key %.40q is not known: save the file again", key)
		}
		return err
	})
	switch {
	case err != nil:
		return e, err
	case has != 3:
		return e, errors.New("dtype, shape or data_offsets is missing: save the file again")
	case dtype != "F32":
		return e, fmt.Errorf("dtype %.20q is not F32: convert the tensor to float32", dtype)
	case len(offsets) != 2:
		return e, fmt.Errorf("data_offsets has %d numbers, not 2: save the file again", len(offsets))
	}
	if e.rows, e.cols, err = checkAxes(shape); err != nil {
		return e, err
	}
	e.begin, e.end = offsets[0], offsets[1]
	if e.end-e.begin != 4*e.rows*e.cols {
		return e, fmt.Errorf("data_offsets [%d, %d] do not fit the shape (%d, %d): save the file again", e.begin, e.end, e.rows, e.cols)
	}
	return e, nil
}

// integers reads an array of whole numbers that are at least 0.
func integers(dec *json.Decoder) ([]int64, error) {
	var numbers []json.Number
	if err := dec.Decode(&numbers); err != nil {
		return nil, err
	}
	out := make([]int64, len(numbers))
	for i, s := range numbers {
		x, err := strconv.ParseInt(s.String(), 10, 64)
		if err != nil || x < 0 {
			return nil, fmt.Errorf("%.40q is no whole number from 0 to 2^63-1: save the file again", s.String())
		}
		out[i] = x
	}
	return out, nil
}

// WriteSafetensors writes the tensors in the order given, with the header padded
// to a multiple of 8 bytes. It refuses what ReadSafetensors would refuse.
func WriteSafetensors(w io.Writer, tensors []Named) error {
	if len(tensors) == 0 {
		return errors.New("no tensors: give at least one")
	}
	head, at, seen := []byte("{"), 0, map[string]bool{}
	for i, t := range tensors {
		switch {
		case t.Name == metadata || !utf8.ValidString(t.Name):
			return fmt.Errorf("tensor name %.80q is not allowed: choose another", t.Name)
		case seen[t.Name]:
			return fmt.Errorf("the name %.80q occurs twice: give every tensor its own", t.Name)
		}
		seen[t.Name] = true
		if err := checkMatrix(t.Matrix); err != nil {
			return fmt.Errorf("tensor %.80q: %w", t.Name, err)
		}
		name, err := json.Marshal(t.Name)
		if err != nil {
			return err
		}
		if i > 0 {
			head = append(head, ',')
		}
		end := at + 4*t.Matrix.Rows*t.Matrix.Cols
		head = fmt.Appendf(head, `%s:{"dtype":"F32","shape":[%d,%d],"data_offsets":[%d,%d]}`,
			name, t.Matrix.Rows, t.Matrix.Cols, at, end)
		at = end
	}
	head = append(head, '}')
	for len(head)%8 != 0 {
		head = append(head, ' ')
	}
	if len(head) > maxSafetensorsHeader {
		return fmt.Errorf("the header has %d bytes, more than %d: write fewer tensors a file", len(head), maxSafetensorsHeader)
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(head))), head...)); err != nil {
		return err
	}
	for _, t := range tensors {
		if err := writeMatrix(w, t.Matrix); err != nil {
			return err
		}
	}
	return nil
}
