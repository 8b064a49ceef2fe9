package sensitivity

import (
	"flag"
	"os"
	"regexp"
	"runtime"
	"testing"

	"example.com/attest/internal/report"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/sensitivity.md")

// numbers matches what differs between machines: digits, and the spaces and
// dashes of a table that follow their widths.
var numbers = regexp.MustCompile(`[-0-9.e+ ]+`)

// TestDocument requires the tables of docs/sensitivity.md to have the rows and
// columns that a run prints; the numbers are of one machine and are rewritten by
// -update.
func TestDocument(t *testing.T) {
	if testing.Short() || runtime.GOARCH != "amd64" {
		t.Skip("the document's numbers are those of amd64; measuring them takes seconds")
	}
	const file = "../../docs/sensitivity.md"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, second := Tables(All(80, 1))
	want, err := report.Splice(string(data), "mixed", Markdown(first))
	if err != nil {
		t.Fatal(err)
	}
	if want, err = report.Splice(want, "growing", Markdown(second)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if numbers.ReplaceAllString(want, "#") != numbers.ReplaceAllString(string(data), "#") {
		t.Errorf("%s is out of date: go test ./internal/sensitivity -update, and read whether its conclusions still stand", file)
	}
}
