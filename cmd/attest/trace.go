package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"

	"example.com/attest/internal/tensorfile"
)

const traceUsage = `Usage: attest trace -in FILE [flags]

Follows sentences of real tokens through unfolded layers and splits their energy
into its terms: the interaction E1(YA), the ridge lambda/2 |YA|^2, the
feed-forward form tr(Y W Y^T)/2 and the distance |Y-B|^2/2. FILE is a .npy (one
sentence) or .safetensors file (many): float32, one row a token.

The weights are untrained, drawn from the seed and shared by all layers: A and B
Xavier normal, W = X X^T of a Xavier normal X, its eigenvalues cut to at most
0.95. The step is softmax_beta, then feed-forward, then ReLU if wanted. It has no
sink: the ridge is in the energy only.

A sentence rises at a layer when its energy grows by more than the rounding of
the energies, in float64, can pretend. With -impl float32 the steps are rounded
too, and tokens at rest jitter: tiny rises late may be no more than that.

`

// traceOptions are the flags of attest trace.
type traceOptions struct {
	in             string
	layers         int
	eta1, eta2     float64
	relu           bool
	ridge          float64
	seed           uint64
	width          int
	implementation string
	csv, svg, png  string
}

func parseTrace(args []string, stdout, stderr io.Writer) (o traceOptions, status int, ok bool) {
	fs := flag.NewFlagSet("attest trace", flag.ContinueOnError)
	fs.StringVar(&o.in, "in", "", "tokens: a .npy or .safetensors `file`")
	fs.IntVar(&o.layers, "layers", 12, "`number` of layers")
	fs.Float64Var(&o.eta1, "eta1", 1, "`step` size of the attention step")
	fs.Float64Var(&o.eta2, "eta2", 1, "`step` size of the feed-forward step")
	fs.BoolVar(&o.relu, "relu", false, "end each layer with max(0, .)")
	fs.Float64Var(&o.ridge, "ridge", 1, "`lambda` of the ridge in the energy")
	fs.Uint64Var(&o.seed, "seed", 1, "`seed` of the weights")
	fs.IntVar(&o.width, "width", 0, "`columns` p of A (d×p); 0 means p = d")
	fs.StringVar(&o.implementation, "impl", "reference", "`who` takes the steps: reference (float64) or float32; the\nenergies are always evaluated by the reference")
	fs.StringVar(&o.csv, "csv", "", "write every sentence's energies to this `file`")
	fs.StringVar(&o.svg, "svg", "", "draw the energies into this `file`")
	fs.StringVar(&o.png, "png", "", "draw the energies into this `file`")
	if status, ok := parseFlags(fs, traceUsage, args, stdout, stderr); !ok {
		return o, status, false
	}
	if err := o.check(); err != nil {
		return o, badUsage(fs, err, stderr), false
	}
	return o, statusOK, true
}

// These limits keep a slip of the keyboard from running for days, and the n×n
// weights of a sentence within 512 MiB.
const maxLayers, maxWidth, maxTokens = 10000, 1 << 14, 1 << 13

func (o *traceOptions) check() error {
	finite := func(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
	switch {
	case o.in == "":
		return errors.New("no tokens: name a file with -in")
	case o.layers < 1 || o.layers > maxLayers:
		return fmt.Errorf("-layers %d: choose 1 to %d", o.layers, maxLayers)
	case !finite(o.eta1) || o.eta1 < 0:
		return fmt.Errorf("-eta1 %v: choose a finite step size of at least 0", o.eta1)
	case !finite(o.eta2) || o.eta2 < 0:
		return fmt.Errorf("-eta2 %v: choose a finite step size of at least 0", o.eta2)
	case !(o.ridge >= 0) || !finite(o.ridge):
		return fmt.Errorf("-ridge %v: choose a finite lambda of at least 0", o.ridge)
	case o.width < 0 || o.width > maxWidth:
		return fmt.Errorf("-width %d: choose 0 to %d", o.width, maxWidth)
	case o.implementation != "float32" && o.implementation != "reference":
		return fmt.Errorf("-impl %q: choose float32 or reference", o.implementation)
	}
	return nil
}

// runTrace is attest trace. It returns the exit status.
func runTrace(args []string, stdout, stderr io.Writer) int {
	o, status, ok := parseTrace(args, stdout, stderr)
	if !ok {
		return status
	}
	if err := trace(&o, stdout); err != nil {
		fmt.Fprintf(stderr, "attest trace: %v\n", err)
		return statusBad
	}
	return statusOK
}

func trace(o *traceOptions, stdout io.Writer) error {
	sentences, err := readSentences(o.in)
	if err != nil {
		return err
	}
	curves, err := followAll(sentences, o)
	if err != nil {
		return fmt.Errorf("%s: %w", o.in, err)
	}
	layers := summarize(curves)
	printTrace(stdout, o, sentences, layers)
	if o.csv != "" {
		err := writeFile(o.csv, func(w io.Writer) error { return writeTraceCSV(w, sentences, curves) })
		if err != nil {
			return err
		}
	}
	if o.svg == "" && o.png == "" {
		return nil
	}
	picture, err := drawTrace(o, layers)
	if err != nil {
		return err
	}
	for _, f := range []struct{ format, path string }{{"svg", o.svg}, {"png", o.png}} {
		if f.path == "" {
			continue
		}
		if err := writeFile(f.path, func(w io.Writer) error { return picture.write(w, f.format) }); err != nil {
			return err
		}
	}
	return nil
}

// readSentences reads tokens and requires the same number of channels of all.
func readSentences(path string) ([]tensorfile.Named, error) {
	sentences, err := tensorfile.Read(path)
	if err != nil {
		return nil, err
	}
	first := sentences[0]
	for _, s := range sentences {
		if n := s.Matrix.Rows; n > maxTokens {
			return nil, fmt.Errorf("%s: tensor %.80q has %d tokens, more than %d: save one tensor a sentence", path, s.Name, n, maxTokens)
		}
		if s.Matrix.Cols != first.Matrix.Cols {
			return nil, fmt.Errorf("%s: tensor %.80q has %d channels, %.80q has %d: keep sentences of one width in a file",
				path, s.Name, s.Matrix.Cols, first.Name, first.Matrix.Cols)
		}
	}
	if d := first.Matrix.Cols; d > maxWidth {
		return nil, fmt.Errorf("%s: the tokens have %d channels, more than %d: is it one row a token?", path, d, maxWidth)
	}
	return sentences, nil
}
