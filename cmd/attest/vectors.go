package main

import (
	"flag"
	"fmt"
	"io"

	"example.com/attest/internal/vectors"
)

func runVectors(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("attest vectors", flag.ContinueOnError)
	dir := fs.String("o", "", "write the test vectors to this directory, which must not exist; docs/vectors.md describes them")
	if status, ok := parse(fs, args, stderr); !ok {
		return status
	}
	if *dir == "" {
		fmt.Fprintln(stderr, "attest vectors: -o DIR is needed: where to write them")
		return statusUsage
	}
	if err := vectors.Write(*dir); err != nil {
		fmt.Fprintf(stderr, "attest vectors: -o %s: %v\n", *dir, err)
		return statusBad
	}
	fmt.Fprintf(stdout, "written to %s; begin with manifest.json\n", *dir)
	return statusOK
}
