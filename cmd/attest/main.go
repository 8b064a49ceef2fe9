// Attest tries the claims about Transformers and their energies on
// implementations and says what it found.
//
// Usage:
//
//	attest check        try the claims on the implementations
//	attest claims       print the law: every claim with its sources
//	attest mutants      try every planted fault and say which claim found it
//	attest figure       draw the figures of docs/figures
//	attest trace        energies of real token embeddings, layer by layer
//	attest sensitivity  the smallest fault that our bound and others' tolerances see
//	attest bench        measure how fast the kernels are, and other people's
//	attest vectors      write test vectors of attention for other languages
//
// "attest COMMAND -h" describes the flags. Exit status: 0 when every verdict is
// as it should be, 1 when one is not, 2 for bad usage.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// command is a subcommand: it gets its arguments and returns the exit status.
type command struct {
	name, summary string
	run           func(args []string, stdout, stderr io.Writer) int
}

var commands = []command{
	{"check", "try the claims on the implementations", runCheck},
	{"claims", "print the law: every claim with its sources", runClaims},
	{"mutants", "try every planted fault and say which claim found it", runMutants},
	{"figure", "draw the figures of docs/figures", runFigure},
	{"trace", "energies of real token embeddings, layer by layer", runTrace},
	{"sensitivity", "the smallest fault that our bound and others' tolerances see", runSensitivity},
	{"bench", "measure how fast the kernels are, and other people's", runBench},
	{"vectors", "write test vectors of attention for other languages", runVectors},
}

const (
	statusOK    = 0
	statusBad   = 1 // a verdict is not as it should be, or a file could not be read
	statusUsage = 2
)

func main() {
	debug.SetGCPercent(800) // the cases leave much garbage, and little of it at a time
	out := &sink{w: os.Stdout}
	status := run(os.Args[1:], out, os.Stderr)
	if out.err != nil && status == statusOK {
		fmt.Fprintf(os.Stderr, "attest: the output is not complete: %v\n", out.err)
		status = statusBad
	}
	os.Exit(status)
}

// sink passes on what is written and keeps the first error.
type sink struct {
	w   io.Writer
	err error
}

// Write writes to the sink's writer.
func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if s.err == nil {
		s.err = err
	}
	return n, err
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		usage(stderr)
		return statusUsage
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		usage(stdout)
		return statusOK
	}
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(args[1:], stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "attest: no command %q\n", args[0])
	usage(stderr)
	return statusUsage
}

func usage(w io.Writer) {
	fmt.Fprintln(w, "usage: attest COMMAND [flags]")
	for _, c := range commands {
		fmt.Fprintf(w, "  %-11s %s\n", c.name, c.summary)
	}
	fmt.Fprintln(w, `"attest COMMAND -h" describes the flags.`)
}

// parse parses the flags of a subcommand that takes no other arguments. When
// the command should end it returns false and the exit status.
func parse(fs *flag.FlagSet, args []string, stderr io.Writer) (status int, ok bool) {
	fs.SetOutput(stderr)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return statusOK, false
	case err != nil:
		return statusUsage, false
	case fs.NArg() > 0:
		fmt.Fprintf(stderr, "%s: unexpected argument %q: flags alone are taken\n", fs.Name(), fs.Arg(0))
		return statusUsage, false
	}
	return statusOK, true
}
