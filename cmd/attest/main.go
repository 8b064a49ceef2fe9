// Command attest follows tokens through unfolded layers and draws the figures
// of the documentation.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "figure":
			os.Exit(runFigure(os.Args[2:], os.Stdout, os.Stderr))
		case "trace":
			os.Exit(runTrace(os.Args[2:], os.Stdout, os.Stderr))
		}
	}
	fmt.Fprintln(os.Stderr, "attest: no such command: use attest figure or attest trace, with -h for help")
	os.Exit(2)
}
