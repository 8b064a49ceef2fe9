// Package vectors writes test vectors of attention as files that need no Go to
// be read: operands, the exact result and a bound on the error of each element.
// The format is described in docs/vectors.md.
package vectors

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"example.com/attest/spec"
)

// Format and Version stand in every JSON file. The version changes when a reader
// of the one before could accept a wrong result.
const (
	Format  = "attest-attention-vectors"
	Version = 1
)

// Manifest is manifest.json: what there is.
type Manifest struct {
	Format  string          `json:"format"`
	Version int             `json:"version"`
	Schema  string          `json:"schema"`
	Levels  []ManifestLevel `json:"levels"`
}

// ManifestLevel names the file of a level.
type ManifestLevel struct {
	Level         string `json:"level"`
	File          string `json:"file"`
	Description   string `json:"description"`
	NumberOfTests int    `json:"numberOfTests"`
}

// Level is the file of a level.
type Level struct {
	Format        string          `json:"format"`
	Version       int             `json:"version"`
	Level         string          `json:"level"`
	Description   string          `json:"description"`
	NumberOfTests int             `json:"numberOfTests"`
	Notes         map[string]Note `json:"notes"` // by flag
	Tests         []Test          `json:"tests"`
}

// Note says what it means when tests with a flag fail.
type Note struct {
	Meaning string   `json:"meaning"`
	Claims  []string `json:"claims"` // IDs of this project's claims
}

// Test is one attention.
type Test struct {
	ID        int               `json:"id"` // unique in the whole set
	Comment   string            `json:"comment"`
	Flags     []string          `json:"flags"`
	Options   Options           `json:"options"`
	Tensors   map[string]Tensor `json:"tensors"`
	Relations []Relation        `json:"relations,omitempty"`
}

// Options of an attention. A reader that meets one it does not know must leave
// the test out.
type Options struct {
	Scale  float64 `json:"scale"`
	Causal bool    `json:"causal"`
	Offset int     `json:"offset"`

	Softcap    float64    `json:"softcap,omitempty"`
	Window     *Window    `json:"window,omitempty"`
	KeyLengths []int      `json:"keyLengths,omitempty"`
	Offsets    []int      `json:"offsets,omitempty"`
	Sequences  *Sequences `json:"sequences,omitempty"`
	KeepScale  float64    `json:"keepScale,omitempty"`
}

// Window limits how far from its own position a query sees; −1 does not.
type Window struct {
	Left  int `json:"left"`
	Right int `json:"right"`
}

// Sequences are the cumulative numbers of queries and keys of packed sequences.
type Sequences struct {
	Queries []int `json:"queries"`
	Keys    []int `json:"keys"`
}

// optionsOf returns the options of an attention that are no tensors.
func optionsOf(o *spec.AttentionOptions) Options {
	out := Options{Scale: o.Scale, Causal: o.Causal, Offset: o.Offset, Softcap: o.Softcap, KeyLengths: o.KeyLengths, Offsets: o.Offsets}
	if o.Window != nil {
		out.Window = &Window{o.Window.Left, o.Window.Right}
	}
	if o.Sequences != nil {
		out.Sequences = &Sequences{o.Sequences.Queries, o.Sequences.Keys}
	}
	if o.Keep != nil {
		out.KeepScale = o.KeepScale
	}
	return out
}

// Tensor is a file of numbers.
type Tensor struct {
	File   string `json:"file"`
	Type   string `json:"type"` // float32, float64 or bool
	Shape  []int  `json:"shape"`
	SHA256 string `json:"sha256"`
}

// Relation is a further demand on the result's bits.
type Relation struct {
	Type string `json:"type"`           // repeat or sameBits
	Test int    `json:"test,omitempty"` // of sameBits
}

//go:embed schema.json
var schema []byte

// Write writes the set to the directory dir, which must not exist: whole or not
// at all, and the same bytes every time.
func Write(dir string) error {
	files, err := build()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%s exists: remove it, or name another directory", dir)
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(parent, ".vectors-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	whole := filepath.Join(tmp, "vectors") // MkdirTemp makes a directory that only its owner may read
	for name, data := range files {
		file := filepath.Join(whole, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o666); err != nil {
			return err
		}
	}
	return os.Rename(whole, dir)
}

// set collects the files.
type set struct {
	files map[string][]byte
	next  int // the ID of the next test
	ids   map[string]int
}

// build returns the files by name.
func build() (map[string][]byte, error) {
	s := &set{files: map[string][]byte{"schema.json": schema}, next: 1, ids: map[string]int{}}
	m := Manifest{Format: Format, Version: Version, Schema: "schema.json"}
	for _, l := range levels {
		level := Level{Format: Format, Version: Version, Level: l.name, Description: l.description, Notes: map[string]Note{}}
		for _, c := range l.cases() {
			t, err := s.test(l.name, c)
			if err != nil {
				return nil, err
			}
			for _, f := range t.Flags {
				note, ok := notes[f]
				if !ok {
					return nil, fmt.Errorf("vectors: flag %s has no note", f)
				}
				level.Notes[f] = note
			}
			level.Tests = append(level.Tests, t)
		}
		level.NumberOfTests = len(level.Tests)
		file := l.name + ".json"
		if err := s.json(file, level); err != nil {
			return nil, err
		}
		m.Levels = append(m.Levels, ManifestLevel{l.name, file, l.description, level.NumberOfTests})
	}
	return s.files, s.json("manifest.json", m)
}

func (s *set) json(name string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("vectors: %s: %w", name, err)
	}
	s.files[name] = b.Bytes()
	return nil
}

// test stores the tensors of a case and returns its test.
func (s *set) test(level string, c testCase) (Test, error) {
	want, bound, err := c.expect()
	if err != nil {
		return Test{}, err
	}
	t := Test{ID: s.next, Comment: c.comment, Flags: c.flags, Tensors: map[string]Tensor{},
		Options: optionsOf(&c.opt)}
	s.next++
	s.ids[c.comment] = t.ID
	if c.repeat {
		t.Relations = append(t.Relations, Relation{Type: "repeat"})
	}
	if c.like != "" {
		like, ok := s.ids[c.like]
		if !ok {
			return Test{}, fmt.Errorf("vectors: %q is like %q, which is no test before it", c.comment, c.like)
		}
		t.Relations = append(t.Relations, Relation{"sameBits", like})
	}
	store := func(name, typ string, shape []int, data []byte) {
		sum := sha256.Sum256(data)
		file := fmt.Sprintf("data/%s-%03d-%s.bin", level, t.ID, name)
		s.files[file] = data
		t.Tensors[name] = Tensor{file, typ, shape, hex.EncodeToString(sum[:])}
	}
	store("query", "float32", c.q.Shape[:], floats32(c.q.Data))
	store("key", "float32", c.k.Shape[:], floats32(c.k.Data))
	store("value", "float32", c.v.Shape[:], floats32(c.v.Data))
	store("expected", "float64", want.Shape[:], floats64(want.Data))
	store("bound", "float64", bound.Shape[:], floats64(bound.Data))
	m, n := c.q.Shape[2], c.k.Shape[2]
	if c.opt.Mask != nil {
		store("mask", "bool", []int{m, n}, bools(c.opt.Mask.Data))
	}
	if c.opt.Keep != nil {
		store("keep", "bool", []int{m, n}, bools(c.opt.Keep.Data))
	}
	if c.opt.Bias != nil {
		store("bias", "float32", c.biasShape, single(c.opt.Bias.Data))
	}
	if c.opt.Sinks != nil {
		store("sinks", "float32", []int{c.q.Shape[1]}, single(c.opt.Sinks))
	}
	if c.opt.Slopes != nil {
		store("slopes", "float32", []int{c.q.Shape[1]}, single(c.opt.Slopes))
	}
	if c.lse {
		lse, bound, err := c.expectLSE()
		if err != nil {
			return Test{}, err
		}
		store("expectedLSE", "float64", lse.Shape[:3], floats64(lse.Data))
		store("boundLSE", "float64", bound.Shape[:3], floats64(bound.Data))
	}
	return t, nil
}

func bools(x []bool) []byte {
	out := make([]byte, len(x))
	for k, e := range x {
		if e {
			out[k] = 1
		}
	}
	return out
}

func single(x []float32) []byte {
	wide := make([]float64, len(x))
	for k, e := range x {
		wide[k] = float64(e)
	}
	return floats32(wide)
}

// floats32 returns the numbers, which float32 holds exactly, as its bytes.
func floats32(x []float64) []byte {
	out := make([]byte, 0, 4*len(x))
	for _, e := range x {
		bits := math.Float32bits(float32(e))
		if math.IsNaN(e) {
			bits = 0x7fc00000 // whatever NaN is on this machine
		}
		out = binary.LittleEndian.AppendUint32(out, bits)
	}
	return out
}

func floats64(x []float64) []byte {
	out := make([]byte, 0, 8*len(x))
	for _, e := range x {
		bits := math.Float64bits(e)
		if math.IsNaN(e) {
			bits = 0x7ff8000000000000
		}
		out = binary.LittleEndian.AppendUint64(out, bits)
	}
	return out
}
