package house

import (
	"encoding/json"
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// Survivor is a mutant of a line of source that no test need reject.
type Survivor struct {
	File string
	Line string // as mutated, without the space around it
}

// mutations are what gremlins puts in the place of an operator, in its default
// configuration.
var mutations = map[token.Token][]token.Token{
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.INC: {token.DEC}, token.DEC: {token.INC},
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR},
	token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
}

// site is where an operator stands.
type site struct{ line, column int }

// mutants returns the mutated lines of a source file, by site and in the order
// of mutations.
func mutants(source string) map[site][]string {
	set := token.NewFileSet()
	file := set.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, 0)
	lines := strings.Split(source, "\n")
	out := map[site][]string{}
	for {
		pos, tok, _ := s.Scan()
		if tok == token.EOF {
			return out
		}
		p := set.Position(pos)
		line := lines[p.Line-1]
		for _, m := range mutations[tok] {
			mutated := line[:p.Column-1] + m.String() + line[p.Column-1+len(tok.String()):]
			at := site{p.Line, p.Column}
			out[at] = append(out[at], strings.TrimSpace(mutated))
		}
	}
}

// Reviewed reads the list of survivors from the fenced blocks of a document that
// name no language: one a line, the file, a colon, a space and the mutated line.
func Reviewed(document string) []Survivor {
	var list []Survivor
	fence := "" // that the line stands behind, of a list if there is no language
	for line := range strings.Lines(document) {
		line = strings.TrimSpace(line)
		switch file, mutated, ok := strings.Cut(line, ": "); {
		case strings.HasPrefix(line, "```") && fence != "":
			fence = ""
		case strings.HasPrefix(line, "```"):
			fence = line
		case fence == "```" && ok:
			list = append(list, Survivor{file, mutated})
		case fence == "```" && line != "":
			list = append(list, Survivor{Line: line}) // which Stale complains of
		}
	}
	return list
}

// Stale returns the survivors that are listed twice or are no mutants of the
// source, which read returns.
func Stale(list []Survivor, read func(file string) string) []string {
	var wrong []string
	lines := map[string][]string{}
	for i, s := range list {
		if s.File != "" && lines[s.File] == nil {
			for _, m := range mutants(read(s.File)) {
				lines[s.File] = append(lines[s.File], m...)
			}
		}
		if !slices.Contains(lines[s.File], s.Line) {
			wrong = append(wrong, fmt.Sprintf("%s: no mutation makes the line %q", s.File, s.Line))
		}
		if slices.Contains(list[:i], s) {
			wrong = append(wrong, fmt.Sprintf("%s: %q is listed twice", s.File, s.Line))
		}
	}
	return wrong
}

// Survivors returns the mutants that lived, in a report of gremlins on the
// files of a folder, and are not in the list.
func Survivors(report []byte, folder string, list []Survivor, read func(file string) string) ([]string, error) {
	var r struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Type, Status string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal(report, &r); err != nil {
		return nil, fmt.Errorf("report of gremlins on %s: %w", folder, err)
	}
	var wrong []string
	for _, f := range r.Files {
		file := folder + "/" + f.Name
		at := mutants(read(file))
		for _, m := range f.Mutations {
			if m.Status != "LIVED" {
				continue
			}
			mutated := at[site{m.Line, m.Column}]
			if len(mutated) == 0 {
				return nil, fmt.Errorf("%s:%d:%d: no operator there; the report is of another version", file, m.Line, m.Column)
			}
			s := Survivor{file, mutated[0]}
			if len(mutated) == 2 && m.Type == "CONDITIONALS_NEGATION" {
				s.Line = mutated[1]
			}
			if !slices.Contains(list, s) && !slices.Contains(wrong, file+": "+s.Line) {
				wrong = append(wrong, file+": "+s.Line)
			}
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}
