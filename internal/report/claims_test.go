package report_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/attest/internal/report"
	"example.com/attest/spec"
)

func ExampleClaimTable() {
	fmt.Print(report.ClaimTable([]spec.Claim{
		{ID: "ONE-001", Kind: spec.Bound, Statement: "|x| ≤ 1.", Domain: "real x", On: []string{"Softmax"},
			Given: []spec.Hypothesis{{Text: "x is small", Without: "ONE-002"}}},
		{ID: "ONE-002", Kind: spec.Refuted, Statement: "|x| ≤ 1.", Domain: "any x"},
		{ID: "TWO-001", Kind: spec.Bound, Statement: "x < y.", Domain: "x, y"},
	}))
	// Output:
	// 3 claims: 2 bound, 1 refuted.
	//
	// <details><summary>ONE · Softmax (2)</summary>
	//
	// | claim | kind | statement | given |
	// | --- | --- | --- | --- |
	// | ONE-001 | bound | \|x\| ≤ 1. | real x; x is small (without it: ONE-002) |
	// | ONE-002 | refuted | \|x\| ≤ 1. | any x |
	//
	// </details>
	//
	// <details><summary>TWO (1)</summary>
	//
	// | claim | kind | statement | given |
	// | --- | --- | --- | --- |
	// | TWO-001 | bound | x &lt; y. | x, y |
	//
	// </details>
}

func TestSplice(t *testing.T) {
	got, err := report.Splice("a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n", "x", "new\n")
	if want := "a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n"; err != nil || got != want {
		t.Errorf("got %q, %v want %q", got, err, want)
	}
	for _, document := range []string{"", "<!-- x:begin -->\n", "<!-- x:end -->\n<!-- x:begin -->\n"} {
		if _, err := report.Splice(document, "x", ""); err == nil || !strings.Contains(err.Error(), "no line") {
			t.Errorf("Splice(%q): got error %v", document, err)
		}
	}
}
