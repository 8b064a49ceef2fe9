package house_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/attest/internal/house"
)

var gremlins = flag.String("gremlins", "", "`folder` of reports of gremlins, FOLDER.json for each folder of source")

// TestSurvivors requires of each reviewed survivor that it is a mutant of the
// source as it stands and, given reports, that nothing else lived.
func TestSurvivors(t *testing.T) {
	list := house.Reviewed(read(t, "docs/mutation.md"))
	source := func(file string) string { return read(t, file) }
	none(t, house.Stale(list, source))
	if *gremlins == "" {
		return
	}
	err := filepath.WalkDir(*gremlins, func(path string, d fs.DirEntry, err error) error {
		folder, isReport := strings.CutSuffix(path, ".json")
		if err != nil || !isReport {
			return err
		}
		report, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if folder, err = filepath.Rel(*gremlins, folder); err != nil {
			return err
		}
		wrong, err := house.Survivors(report, filepath.ToSlash(folder), list, source)
		none(t, wrong)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// mutated is what TestStaleRejects and TestSurvivorsRejects take for a file.
const mutated = "package p\n\nfunc f(x, y int) bool {\n\treturn x-1 < y // <, as ever\n}\n"

func theFile(string) string { return mutated }

func TestStaleRejects(t *testing.T) {
	for _, c := range []struct{ document, want string }{
		{"return x-1 <= y", ""}, // outside a block
		{"```sh\nreturn x-1 <= y\n```\n", ""},
		{"```\np/f.go: return x-1 <= y // <, as ever\n```", ""},
		{"```\np/f.go: return x-1 >= y // <, as ever\n\n```\n```\np/f.go: return x+1 < y // <, as ever\n```", ""},
		{"```\np/f.go: return x-1 < y // <, as ever\n```", "no mutation"},
		{"```\np/f.go: return x-1 > y // <, as ever\n```", "no mutation"},
		{"```\np/f.go: return x-1 < y // <=, as ever\n```", "no mutation"},
		{"```\nreturn x-1 <= y // <, as ever\n```", "no mutation"},
		{"```\np/f.go: return x-1 <= y // <, as ever\np/f.go: return x-1 <= y // <, as ever\n```", "twice"},
	} {
		rejects(t, house.Stale(house.Reviewed(c.document), theFile), c.want)
	}
}

func TestSurvivorsRejects(t *testing.T) {
	list := []house.Survivor{{File: "p/f.go", Line: "return x-1 <= y // <, as ever"}}
	for _, c := range []struct{ mutations, want, err string }{
		{`{"type": "CONDITIONALS_BOUNDARY", "status": "LIVED", "line": 4, "column": 13}`, "", ""},
		{`{"type": "CONDITIONALS_NEGATION", "status": "KILLED", "line": 4, "column": 13}`, "", ""},
		{`{"type": "CONDITIONALS_NEGATION", "status": "LIVED", "line": 4, "column": 13}`, "p/f.go: return x-1 >= y", ""},
		{`{"type": "ARITHMETIC_BASE", "status": "LIVED", "line": 4, "column": 10}`, "p/f.go: return x+1 < y", ""},
		{`{"type": "INVERT_NEGATIVES", "status": "LIVED", "line": 4, "column": 10}, {"type": "ARITHMETIC_BASE", "status": "LIVED", "line": 4, "column": 10}`, "p/f.go: return x+1 < y", ""},
		{`{"type": "ARITHMETIC_BASE", "status": "LIVED", "line": 4, "column": 9}`, "", "another version"},
		{`{"line": "four"}`, "", "report of gremlins"},
	} {
		report := []byte(`{"files": [{"file_name": "f.go", "mutations": [` + c.mutations + `]}]}`)
		wrong, err := house.Survivors(report, "p", list, theFile)
		rejects(t, wrong, c.want)
		if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("got error %v want %q", err, c.err)
		}
	}
}
