package peer

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Peer is somebody else's implementation and how to get it.
type Peer struct {
	Name  string
	Needs string     // what has to be installed by hand, as a command
	Build [][]string // commands that Setup runs in its folder
	Run   []string   // the program, run in that folder
}

var compile = []string{"cc", "-O3", "-march=native", "-fopenmp", "-fno-math-errno", "-fno-trapping-math"}

// Peers are the implementations that "attest bench" knows of. The first two are
// compositions: the library's products of matrices with a softmax of ours.
var Peers = []Peer{
	{
		Name:  "OpenBLAS",
		Needs: "apt-get install gcc libopenblas-dev",
		Build: [][]string{append(compile[:len(compile):len(compile)], "-o", "openblas", "composition.c", "-lopenblas", "-lm")},
		Run:   []string{"./openblas"},
	},
	{
		Name:  "oneDNN",
		Needs: "apt-get install gcc libdnnl-dev",
		Build: [][]string{append(compile[:len(compile):len(compile)], "-DONEDNN", "-o", "onednn", "composition.c", "-ldnnl", "-lm")},
		Run:   []string{"./onednn"},
	},
	{
		Name:  "ONNX Runtime",
		Needs: "apt-get install nodejs npm",
		Build: [][]string{{"npm", "install", "--prefix", ".", "--no-audit", "--no-fund", "--onnxruntime-node-install=skip", "onnxruntime-node@1.30.0"}},
		Run:   []string{"node", "onnxruntime.js"},
	},
	{
		Name:  "PyTorch",
		Needs: "apt-get install python3-torch python3-numpy",
		Run:   []string{"/usr/bin/python3", "pytorch.py"},
	},
}

//go:embed source
var sources embed.FS

// Setup writes the programs of the peers into the folder, builds them with what
// is installed and starts each one once. It says which peers can be used, and
// how to get the others.
func Setup(ctx context.Context, folder string, w io.Writer) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	files, err := sources.ReadDir("source")
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := sources.ReadFile("source/" + f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, f.Name()), data, 0o666); err != nil {
			return err
		}
	}
	for _, p := range Peers {
		err := p.build(ctx, folder, w)
		if err == nil {
			var running *Process
			if running, err = p.Start(ctx, folder); err == nil {
				fmt.Fprintf(w, "%s: %s\n", p.Name, running.Version)
				running.Close()
				continue
			}
		}
		fmt.Fprintf(w, "%s: not usable, %v\n  get it: %s\n", p.Name, err, p.Needs)
	}
	return nil
}

func (p *Peer) build(ctx context.Context, folder string, w io.Writer) error {
	for _, words := range p.Build {
		fmt.Fprintf(w, "%s\n", strings.Join(words, " "))
		if text, err := command(ctx, folder, words).CombinedOutput(); err != nil {
			line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
			return fmt.Errorf("%w: %s", err, line)
		}
	}
	return nil
}

// Start runs the peer from the folder that Setup has filled.
func (p *Peer) Start(ctx context.Context, folder string) (*Process, error) {
	return Start(command(ctx, folder, p.Run))
}
