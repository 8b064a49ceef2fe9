package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// parseFlags parses args into fs. If there is nothing left to do but to exit,
// ok is false: help was asked for, or the usage is bad, which takes one line to
// say.
func parseFlags(fs *flag.FlagSet, usage string, args []string, stdout, stderr io.Writer) (status int, ok bool) {
	fs.SetOutput(io.Discard)
	fs.Usage = func() {}
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return statusOK, false
	}
	if err == nil && fs.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if err != nil {
		return badUsage(fs, err, stderr), false
	}
	return statusOK, true
}

// badUsage says in one line what is wrong with the flags.
func badUsage(fs *flag.FlagSet, err error, stderr io.Writer) int {
	fmt.Fprintf(stderr, "%s: %v (%s -h lists the flags)\n", fs.Name(), err, fs.Name())
	return statusUsage
}

// writeFile creates the file and fills it. Its errors begin with the path.
func writeFile(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err == nil {
		err = fill(f)
		if e := f.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("%s: cannot be written, %w: choose another file or folder", path, err)
	}
	return nil
}
