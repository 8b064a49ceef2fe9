package house_test

import (
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/attest/internal/house"
	"example.com/attest/internal/mutant"
	"example.com/attest/internal/report"
	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

var update = flag.Bool("update", false, "rewrite the generated files")

const root = "../.."

// documents hold the project's own derivations.
var documents = []string{"docs/theory.md", "docs/attention.md", "docs/block.md", "docs/rounding.md", "docs/determinism.md"}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// same requires the file to hold want, or writes it with -update.
func same(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join(root, name), []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if read(t, name) != want {
		t.Errorf("%s is out of date: go test ./internal/house -update", name)
	}
}

func none(t *testing.T, wrong []string) {
	t.Helper()
	for _, w := range wrong {
		t.Error(w)
	}
}

func TestWorkflowIsCopy(t *testing.T) {
	same(t, ".github/workflows/ci.yml", read(t, "CI.yml"))
}

// TestWorkflowRunsEveryStep holds the steps of .ci/run and of the workflow
// together.
func TestWorkflowRunsEveryStep(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, ".ci/run"), "\nsteps=(")
	steps, _, found := strings.Cut(rest, ")\n")
	if !found {
		t.Fatal(".ci/run has no line steps=(…)")
	}
	workflow := read(t, "CI.yml")
	for step := range strings.FieldsSeq(steps) {
		if !strings.Contains(workflow, "run: .ci/run "+step+"\n") {
			t.Errorf("CI.yml does not run the step %s of .ci/run", step)
		}
	}
}

// TestRunCallsTheTestCommand holds the last step of .ci/run and the command that
// the README gives together.
func TestRunCallsTheTestCommand(t *testing.T) {
	const command = "go test ./..."
	given := false
	for line := range strings.Lines(read(t, "README.md")) {
		words, _, _ := strings.Cut(line, "#")
		given = given || strings.TrimSpace(words) == command
	}
	if !given {
		t.Errorf("README.md does not give the command %s on a line of its own", command)
	}
	if !strings.Contains(read(t, ".ci/run"), "step_test() { "+command+"; }") {
		t.Errorf("the step test of .ci/run is not %s", command)
	}
}

func TestREADMEHasTheTableOfClaims(t *testing.T) {
	want, err := report.Splice(read(t, "README.md"), "claims", report.ClaimTable(spec.Claims()))
	if err != nil {
		t.Fatal("README.md: ", err)
	}
	same(t, "README.md", want)
}

// TestREADMEShowsAFailure holds the failure in the README and what the kit says
// together, up to the digits, which depend on the machine's exponential.
func TestREADMEShowsAFailure(t *testing.T) {
	im, oracle := suite.Float32()
	sound := im.Attention
	im.Name = "mykernel"
	im.Attention = spec.AttentionFunc[float32](func(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
		if opt.Mask == nil && k.Shape[2]%2 == 1 {
			k.Shape[2]--
			v.Shape[2]--
		}
		sound.Attend(dst, q, k, v, opt)
	})
	p, err := props.PropertyOf[float32]("ATT-001")
	if err != nil {
		t.Fatal(err)
	}
	r := props.Run(p, im, oracle, props.Options{})
	if r.Verdict != props.Violated {
		t.Fatalf("the kernel that drops a key is not rejected: %s", r.Verdict)
	}
	text := "```\n" + r.Message() + "  replay: ATTEST_SEED=0 go test -count=1 -run '^TestKernel$/^ATT-001$'\n```\n"
	want, err := report.Splice(read(t, "README.md"), "failure", text)
	if err != nil {
		t.Fatal("README.md: ", err)
	}
	if digits := regexp.MustCompile(`[0-9a-fx.+-]*[0-9][0-9a-fpx.+-]*`); digits.ReplaceAllString(read(t, "README.md"), "#") == digits.ReplaceAllString(want, "#") {
		return
	}
	same(t, "README.md", want)
}

func TestClaims(t *testing.T) { none(t, house.Claims(spec.Claims(), spec.Bibliography)) }

func TestDerivations(t *testing.T) {
	var texts []string
	for _, name := range documents {
		texts = append(texts, read(t, name))
	}
	headings := house.Headings(texts...)
	none(t, house.Derivations(spec.Claims(), headings))
}

// TestSectionsNameTheirClaims holds the line under each heading of the
// derivations that lists the claims derived there.
func TestSectionsNameTheirClaims(t *testing.T) {
	for _, name := range documents {
		text := read(t, name)
		for _, heading := range house.Headings(text) {
			var ids []string
			for _, c := range spec.Claims() {
				for _, s := range c.Sources {
					if s.Key == "attest" && s.Where == heading {
						ids = append(ids, string(c.ID))
					}
				}
			}
			if len(ids) == 0 {
				continue
			}
			marker := "claims of " + heading
			if *update && !strings.Contains(text, "<!-- "+marker+":begin -->") {
				text = strings.Replace(text, "## "+heading+"\n", "## "+heading+"\n\n<!-- "+marker+":begin -->\n<!-- "+marker+":end -->\n", 1)
			}
			spliced, err := report.Splice(text, marker, "Claims: "+report.Ranges(ids)+".\n")
			if err != nil {
				t.Fatalf("%s: %v: go test ./internal/house -update", name, err)
			}
			text = spliced
		}
		same(t, name, text)
	}
}

func properties[T spec.Float]() []spec.ID {
	var ids []spec.ID
	for _, p := range props.Properties[T]() {
		ids = append(ids, p.Claim)
	}
	return ids
}

func TestEveryClaimHasItsProperty(t *testing.T) {
	none(t, house.Complete(spec.Claims(), properties[float64]()))
	none(t, house.Complete(spec.Claims(), properties[float32]()))
}

// TestPropertiesAreInOrder requires the order of the table of claims.
func TestPropertiesAreInOrder(t *testing.T) {
	claims := spec.Claims()
	for k, id := range properties[float32]() {
		if k < len(claims) && claims[k].ID != id {
			t.Fatalf("property %d is that of %s, where the table of claims has %s", k, id, claims[k].ID)
		}
	}
}

func TestEveryClaimHasItsMutants(t *testing.T) { none(t, house.Mutants(spec.Claims(), mutant.All())) }

func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []house.Package
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p house.Package
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if !slices.ContainsFunc(packages, func(p house.Package) bool { return p.ImportPath == house.Module+"/spec" }) {
		t.Fatalf("go list names %d packages, and not spec", len(packages))
	}
	none(t, house.Imports(packages))
}
