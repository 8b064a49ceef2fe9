package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"

	"example.com/attest/spec"
)

func runClaims(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("attest claims", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print an array of objects: id, name, kind, source, statement")
	if status, ok := parse(fs, args, stderr); !ok {
		return status
	}
	if *asJSON {
		type row struct {
			ID        spec.ID   `json:"id"`
			Name      string    `json:"name"`
			Kind      spec.Kind `json:"kind"`
			Source    string    `json:"source"`
			Statement string    `json:"statement"`
		}
		rows := []row{}
		for _, c := range spec.Claims() {
			rows = append(rows, row{c.ID, c.Name, c.Kind, sources(c), c.Statement})
		}
		return writeJSON(stdout, stderr, "attest claims", rows)
	}
	for _, c := range spec.Claims() {
		fmt.Fprintf(stdout, "%s %s (%s)\n  %s\n  given: %s", c.ID, c.Name, c.Kind, c.Statement, c.Domain)
		for _, h := range c.Given {
			fmt.Fprintf(stdout, "; %s (without it: %s)", h.Text, h.Without)
		}
		fmt.Fprintln(stdout)
		if c.Bound != "" {
			fmt.Fprintf(stdout, "  bound: %s\n", c.Bound)
		}
		fmt.Fprintf(stdout, "  source: %s\n", sources(c))
	}
	fmt.Fprintf(stdout, "\nSources:\n")
	for _, r := range spec.Bibliography {
		fmt.Fprintf(stdout, "  [%s] %s\n", r.Key, r.Text)
	}
	return statusOK
}

func sources(c spec.Claim) string {
	var s []string
	for _, x := range c.Sources {
		s = append(s, "["+x.Key+"] "+x.Where)
	}
	return strings.Join(s, "; ")
}

func writeJSON(stdout, stderr io.Writer, name string, v any) int {
	enc := json.NewEncoder(stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "\t")
	if err := enc.Encode(v); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		return statusBad
	}
	return statusOK
}
