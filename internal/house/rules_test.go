package house_test

import (
	"strings"
	"testing"

	"example.com/attest/internal/house"
	"example.com/attest/internal/mutant"
	"example.com/attest/spec"
)

// sound returns a claim with nothing wrong with it, changed by f.
func sound(f func(*spec.Claim)) spec.Claim {
	c := spec.Claim{ID: "ABC-001", Name: "a_of_b", Kind: spec.Bound, Statement: "A.", Domain: "x", Bound: "0",
		Sources: []spec.Source{{Key: "key", Where: "1 A"}}, On: []string{"Interaction.Step"}}
	f(&c)
	return c
}

var refuted = spec.Claim{ID: "ABC-002", Name: "a", Kind: spec.Refuted, Statement: "A.", Domain: "x",
	Sources: []spec.Source{{Key: "key"}}, On: []string{"Softmax"}, Counterexample: &spec.Counterexample{}}

var bibliography = []spec.Reference{{Key: "key"}, {Key: "attest"}}

// rejects requires exactly one complaint, with the given words; none if want
// is empty.
func rejects(t *testing.T, wrong []string, want string) {
	t.Helper()
	switch {
	case want == "" && len(wrong) > 0:
		t.Errorf("sound, but got %q", wrong)
	case want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], want)):
		t.Errorf("got %q want one complaint: %s", wrong, want)
	}
}

func TestClaimsRejects(t *testing.T) {
	for want, f := range map[string]func(*spec.Claim){
		"":                         func(*spec.Claim) {},
		"ABC-123":                  func(c *spec.Claim) { c.ID = "ABC-01" },
		"used twice":               func(c *spec.Claim) { c.ID = "ABC-002" },
		"is that of":               func(c *spec.Claim) { c.Name = "a" },
		"has a space":              func(c *spec.Claim) { c.Name = "a b" },
		"none of spec.Kinds":       func(c *spec.Claim) { c.Kind = "theorem" },
		"no sentence":              func(c *spec.Claim) { c.Statement = "A" },
		"no domain":                func(c *spec.Claim) { c.Domain = "" },
		"no source":                func(c *spec.Claim) { c.Sources = nil },
		"not in the bibliography":  func(c *spec.Claim) { c.Sources[0].Key = "nobody" },
		"no operation":             func(c *spec.Claim) { c.On = nil },
		"no Implementation has":    func(c *spec.Claim) { c.On = []string{"Interaction.Leap"} },
		"no bound":                 func(c *spec.Claim) { c.Bound = "" },
		"without a counterexample": func(c *spec.Claim) { c.Kind = spec.Refuted },
		"although it is not":       func(c *spec.Claim) { c.Counterexample = &spec.Counterexample{} },
		"which is no refuted claim": func(c *spec.Claim) {
			c.Given = []spec.Hypothesis{{Text: "x", Without: "ABC-001"}}
		},
		`names "", which is no`: func(c *spec.Claim) { c.Given = []spec.Hypothesis{{Text: "x"}} },
	} {
		rejects(t, house.Claims([]spec.Claim{refuted, sound(f)}, bibliography), want)
	}
}

func TestDerivationsRejects(t *testing.T) {
	headings := house.Headings("# T\n## 1 A\ntext\n### 2 B\n", "## 3 C")
	for where, want := range map[string]string{"1 A": "", "3 C": "", "2 B": `section "2 B"`} {
		c := sound(func(c *spec.Claim) { c.Sources = []spec.Source{{Key: "attest", Where: where}} })
		rejects(t, house.Derivations([]spec.Claim{c}, headings), want)
	}
}

func TestCompleteRejects(t *testing.T) {
	claims := []spec.Claim{sound(func(*spec.Claim) {}), refuted}
	for want, ids := range map[string][]spec.ID{
		"":                         {"ABC-001", "ABC-002"},
		"ABC-002: no property":     {"ABC-001"},
		"a property without a cla": {"ABC-001", "ABC-002", "ABC-003"},
		"two properties":           {"ABC-001", "ABC-002", "ABC-001"},
	} {
		rejects(t, house.Complete(claims, ids), want)
	}
}

func TestMutantsRejects(t *testing.T) {
	claims := []spec.Claim{sound(func(*spec.Claim) {})}
	plant := func(*spec.Implementation[float64]) {}
	for want, f := range map[string]func(*mutant.Mutant){
		"":                      func(*mutant.Mutant) {},
		"the name is used":      func(m *mutant.Mutant) { m.Name = "first" },
		"no name":               func(m *mutant.Mutant) { m.Name = "" },
		"no fault":              func(m *mutant.Mutant) { m.Fault = "" },
		"no claim ABC-009":      func(m *mutant.Mutant) { m.Kills = append(m.Kills, "ABC-009") },
		"names ABC-001 twice":   func(m *mutant.Mutant) { m.Kills = []spec.ID{"ABC-001", "ABC-001"} },
		"Change and Change32":   func(m *mutant.Mutant) { m.Change = nil },
		"set one of Change and": func(m *mutant.Mutant) { m.Change32 = func(*spec.Implementation[float32]) {} },
	} {
		m := mutant.Mutant{Name: "second", Fault: "f", Kills: []spec.ID{"ABC-001"}, Change: plant}
		f(&m)
		first := mutant.Mutant{Name: "first", Fault: "f", Kills: []spec.ID{"ABC-001"}, Change: plant}
		rejects(t, house.Mutants(claims, []mutant.Mutant{first, m}), want)
		if want == "" {
			rejects(t, house.Mutants(claims, []mutant.Mutant{m}), "1 of at least 2 mutants")
		}
	}
}

func TestImportsRejects(t *testing.T) {
	for _, c := range []struct{ path, dep, want string }{
		{"spec", "math", ""},
		{"spec", "internal/abi", ""},
		{"spec", "example.com/attest/internal/report", "internal/report"},
		{"spec", "testing", "depends on testing"},
		{"spec", "testing/quick", "depends on testing/quick"},
		{"spec", "pgregory.net/rapid", "rapid"},
		{"spec", "gonum.org/v1/gonum/mat", "gonum"},
		{"spec", "example.com/attest/reference", "reference"},
		{"reference", "example.com/attest/spec", ""},
		{"reference/precise", "example.com/attest/energy", "energy"},
		{"reference", "example.com/attest/props/gen", "props/gen"},
		{"energy", "example.com/attest/spec", ""},
		{"energy", "example.com/attest/reference", "reference"},
		{"transformer", "example.com/attest/props", "props"},
		{"props", "example.com/attest/reference", ""},
		{"props", "example.com/attest/transformer", "transformer"},
		{"props/gen", "example.com/attest/cmd/attest", "cmd/attest"},
		{"internal/report", "gonum.org/v1/plot/vg", "cmd/attest does alone"},
		{"cmd/attest", "gonum.org/v1/plot", ""},
	} {
		p := house.Package{ImportPath: house.Module + "/" + c.path, Imports: []string{c.dep}, Deps: []string{c.dep}}
		rejects(t, house.Imports([]house.Package{p}), c.want)
	}
}
