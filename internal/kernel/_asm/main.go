// Command _asm writes the assembly of package kernel: for each family of kernels
// FAMILY_amd64.s and its declarations stub_FAMILY_amd64.go, and FAMILY_arm64.s with
// stub_FAMILY_arm64.go likewise.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

// families are the files to write.
var families = []struct {
	name  string
	build func(c *build.Context)
}{
	{"peak", peak},
	{"exp", exp},
	{"attention", attention},
	{"backward", backward},
	{"gemm", gemm},
	{"pairs", pairs},
	{"transpose", transpose},
	{"activation", activation},
	{"row", rows},
}

// neonFamilies are those for arm64.
var neonFamilies = []struct {
	name  string
	build func(n *neon)
}{
	{"exp", neonExp},
	{"gemm", neonGemm},
	{"attention", neonAttention},
}

func main() {
	dir := flag.String("dir", ".", "folder to write to")
	flag.Parse()
	for _, f := range families {
		if err := write(*dir, f.name, f.build); err != nil {
			fmt.Fprintf(os.Stderr, "_asm: %s: %v\n", f.name, err)
			os.Exit(1)
		}
	}
	for _, f := range neonFamilies {
		n := new(neon)
		f.build(n)
		if err := n.write(*dir, f.name); err != nil {
			fmt.Fprintf(os.Stderr, "_asm: %s: %v\n", f.name, err)
			os.Exit(1)
		}
	}
}

// write generates the two files of a family.
func write(dir, name string, family func(c *build.Context)) error {
	c := build.NewContext()
	c.ConstraintExpr("!purego")
	family(c)
	code, err := os.Create(filepath.Join(dir, name+"_amd64.s"))
	if err != nil {
		return err
	}
	defer code.Close()
	stubs, err := os.Create(filepath.Join(dir, "stub_"+name+"_amd64.go"))
	if err != nil {
		return err
	}
	defer stubs.Close()
	cfg := printer.Config{Name: "_asm", Pkg: "kernel"}
	if status := build.Main(&build.Config{ErrOut: os.Stderr, Passes: []pass.Interface{
		pass.Compile,
		&pass.Output{Writer: code, Printer: printer.NewGoAsm(cfg)},
		&pass.Output{Writer: stubs, Printer: printer.NewStubs(cfg)},
	}}, c); status != 0 {
		return fmt.Errorf("%s does not compile", name)
	}
	return nil
}
