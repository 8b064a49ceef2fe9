package house

import (
	"fmt"
	"slices"
	"strings"
)

// Module is the path of the main module.
const Module = "example.com/attest"

// Package is a package of the module with everything that it imports, directly
// or not, test files left out.
type Package struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// barrier says what packages of the module, and those below them, must not
// depend on: packages of the module (inside) and others (outside), each with
// those below it.
type barrier struct{ packages, inside, outside []string }

// barriers point the imports one way: spec ← reference ← props ← fuzz, cmd and
// spec ← transformer, energy. What judges shares nothing with what is judged.
var barriers = []barrier{
	{[]string{"spec"},
		[]string{"reference", "props", "transformer", "energy", "fuzz", "cmd", "internal"},
		[]string{"testing", "pgregory.net/rapid", "gonum.org/v1"}},
	{[]string{"reference"},
		[]string{"props", "transformer", "energy", "fuzz", "cmd", "internal"},
		[]string{"testing", "pgregory.net/rapid", "gonum.org/v1"}},
	{[]string{"transformer", "energy"},
		[]string{"reference", "props", "fuzz", "cmd", "internal/mutant", "internal/suite"},
		[]string{"testing", "pgregory.net/rapid", "gonum.org/v1"}},
	{[]string{"props"},
		[]string{"transformer", "energy", "fuzz", "cmd", "internal/mutant", "internal/suite"}, nil},
	{[]string{"internal", "fuzz"}, []string{"cmd"}, nil},
}

// alone lists what one package and those below it import directly and no other
// package of the module does.
var alone = map[string]string{"gonum.org/v1/plot": "cmd/attest"}

// Imports returns the imports that cross a barrier.
func Imports(packages []Package) []string {
	var wrong []string
	for _, p := range packages {
		for _, b := range barriers {
			if !anyBelow(p.ImportPath, Module+"/", b.packages) {
				continue
			}
			for _, dep := range p.Deps {
				if anyBelow(dep, Module+"/", b.inside) || anyBelow(dep, "", b.outside) {
					wrong = append(wrong, fmt.Sprintf("%s depends on %s", p.ImportPath, dep))
				}
			}
		}
		for _, dep := range p.Imports {
			for what, who := range alone {
				if below(dep, what) && !below(p.ImportPath, Module+"/"+who) {
					wrong = append(wrong, fmt.Sprintf("%s imports %s, which %s does alone", p.ImportPath, dep, who))
				}
			}
		}
	}
	return wrong
}

// anyBelow reports whether path is one of the roots, each after prefix, or a
// package below one.
func anyBelow(path, prefix string, roots []string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return below(path, prefix+root) })
}

// below reports whether path is root or a package below it.
func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
