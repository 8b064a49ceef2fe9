package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const figureUsage = `Usage: attest figure [-o FOLDER] [-only NAME] [-list]

Draws the figures of the documentation as SVG and PNG, and the README.md that
shows them. The same command writes the same bytes.

`

// figure is a picture of the documentation: what it shows, and what it does not.
type figure struct {
	name  string // of its files
	title string
	shows string
	hides string
	draw  func() (*picture, error)
}

var figures = []figure{apolloniusFigure, alternatingFigure, kappaFigure, curvesFigure, betaFigure}

// runFigure is attest figure. It returns the exit status.
func runFigure(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("attest figure", flag.ContinueOnError)
	folder := fs.String("o", "docs/figures", "write into this `folder`")
	only := fs.String("only", "", "draw the figure of this `name` alone")
	list := fs.Bool("list", false, "list the figures and draw none")
	if status, ok := parseFlags(fs, figureUsage, args, stdout, stderr); !ok {
		return status
	}
	chosen := figures
	if *only != "" {
		chosen = nil
		for _, f := range figures {
			if f.name == *only {
				chosen = []figure{f}
			}
		}
		if chosen == nil {
			return badUsage(fs, fmt.Errorf("-only %q: no such figure, 'attest figure -list' names them", *only), stderr)
		}
	}
	if *list {
		for _, f := range chosen {
			fmt.Fprintf(stdout, "%-12s %s\n", f.name, f.title)
		}
		return statusOK
	}
	if err := writeFigures(*folder, chosen, *only == "", stdout); err != nil {
		fmt.Fprintf(stderr, "attest figure: %v\n", err)
		return statusBad
	}
	return statusOK
}

// writeFigures draws figures into a folder, and says which files it wrote.
func writeFigures(folder string, chosen []figure, readme bool, stdout io.Writer) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("%s: cannot be made, %w: choose another folder with -o", folder, err)
	}
	for _, f := range chosen {
		files, err := f.render()
		if err != nil {
			return err
		}
		for _, format := range formats {
			path := filepath.Join(folder, f.name+"."+format)
			if err := writeBytes(path, files[format], stdout); err != nil {
				return err
			}
		}
	}
	if !readme {
		return nil
	}
	return writeBytes(filepath.Join(folder, "README.md"), figuresREADME(), stdout)
}

func writeBytes(path string, data []byte, stdout io.Writer) error {
	err := writeFile(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err == nil {
		fmt.Fprintln(stdout, path)
	}
	return err
}

var formats = []string{"svg", "png"}

// render draws the figure once and returns its bytes in every format.
func (f *figure) render() (map[string][]byte, error) {
	pic, err := f.draw()
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", f.name, err)
	}
	files := map[string][]byte{}
	for _, format := range formats {
		var file bytes.Buffer
		if err := pic.write(&file, format); err != nil {
			return nil, fmt.Errorf("figure %s: %w", f.name, err)
		}
		files[format] = file.Bytes()
	}
	return files, nil
}

// figuresREADME returns the Markdown that shows every figure.
func figuresREADME() []byte {
	var b strings.Builder
	b.WriteString("# Figures\n\nDrawn by `go run ./cmd/attest figure`; the same command writes the same bytes. A figure illustrates: what\nholds and what does not is said by the claims.\n")
	for _, f := range figures {
		fmt.Fprintf(&b, "\n## %s\n\n![%s](%s.svg)\n\n%s\n\n%s\n", f.title, f.title, f.name, f.shows, f.hides)
	}
	return []byte(b.String())
}
