// Package vectors writes test vectors of attention as files that need no Go to
// be read: operands, the exact result and a bound on the error of each element.
// The format is described in docs/vectors.md.
package vectors

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// Test is one attention, or the joining of two parts of one.
type Test struct {
	ID        int               `json:"id"` // unique in the whole set
	Comment   string            `json:"comment"`
	Flags     []string          `json:"flags"`
	Options   any               `json:"options"` // Options, or an empty object where two parts are joined
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
	Pages      *Pages     `json:"pages,omitempty"`
	QKStage    *int       `json:"qkStage,omitempty"`
}

// Pages says where the tokens of each batch are: token j in slot j mod slots of
// page Table[batch][j/slots]. −1 stands where no page is.
type Pages struct {
	Tokens int     `json:"tokens"`
	Table  [][]int `json:"table"`
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

// optionsOf returns the options of a case that are no tensors.
func optionsOf(c *testCase) Options {
	o := &c.opt
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
	if c.pages != nil {
		out.Pages = &Pages{c.pages.Tokens, c.pages.Pages}
	}
	if c.stage != nil {
		stage := int(*c.stage)
		out.QKStage = &stage
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
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return fmt.Errorf("%s exists: remove it, or name another directory", dir)
	}
	files, err := build()
	if err != nil {
		return err
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
