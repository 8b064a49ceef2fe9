package vectors_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"example.com/attest/spec"
)

// features say of each option, ability and form of attention in spec whether a
// test exercises it.
var features = map[string]func(v *vector) bool{
	"AttentionOptions.Scale":      func(v *vector) bool { return v.Scale != 0 && v.Scale != 1 },
	"AttentionOptions.Mask":       has("mask"),
	"AttentionOptions.Causal":     func(v *vector) bool { return v.Causal },
	"AttentionOptions.Offset":     func(v *vector) bool { return v.Offset < 0 },
	"AttentionOptions.Bias":       has("bias"),
	"AttentionOptions.Softcap":    func(v *vector) bool { return v.Softcap != 0 },
	"AttentionOptions.Window":     func(v *vector) bool { return v.Window != nil },
	"AttentionOptions.Sequences":  func(v *vector) bool { return v.Sequences != nil },
	"AttentionOptions.KeyLengths": func(v *vector) bool { return v.KeyLengths != nil },
	"AttentionOptions.Offsets":    func(v *vector) bool { return v.Offsets != nil },
	"AttentionOptions.Sinks":      has("sinks"),
	"AttentionOptions.Slopes":     has("slopes"),
	"AttentionOptions.Keep":       has("keep"),
	"AttentionOptions.KeepScale":  func(v *vector) bool { return v.KeepScale != 0 && v.KeepScale != 1 },

	"AttentionAbilities.Broadcast": func(v *vector) bool { return v.shares("mask") && v.short("mask") },

	"BackwardAbilities.BiasGradient": func(v *vector) bool { return v.shares("bias") && has("expectedDBias")(v) },
	"BackwardAbilities.SinkGradient": has("expectedDSinks"),

	"Implementation.Attention":         has("query"),
	"Implementation.AttentionLSE":      func(v *vector) bool { return has("query")(v) && has("expectedLSE")(v) },
	"Implementation.MergeAttention":    has("output1"),
	"Implementation.AttentionQK":       has("expectedQK"),
	"Implementation.PagedAttention":    func(v *vector) bool { return v.Pages != nil },
	"Implementation.CachedAttention":   has("expectedPresentKey"),
	"Implementation.AttentionBackward": has("expectedDQuery"),
}

// has asks for a tensor.
func has(name string) func(v *vector) bool {
	return func(v *vector) bool { return v.tensors[name].shape != nil }
}

// shares asks for a grid of fewer axes than four, or of one that all share.
func (v *vector) shares(name string) bool {
	shape := v.tensors[name].shape
	return shape != nil && (len(shape) < 4 || slices.Contains(shape[:3], 1))
}

// short asks for a grid of fewer keys than there are.
func (v *vector) short(name string) bool {
	shape := v.tensors[name].shape
	return shape != nil && shape[len(shape)-1] < v.keys()
}

// featuresOf returns the names of all that spec's attentions offer. An ability
// that has the name of an option is that option.
func featuresOf() []string {
	var names []string
	fields := func(of any, keep func(name string) bool) {
		for f := range reflect.TypeOf(of).Fields() {
			if keep(f.Name) {
				owner, _, _ := strings.Cut(reflect.TypeOf(of).Name(), "[")
				names = append(names, owner+"."+f.Name)
			}
		}
	}
	fields(spec.AttentionOptions{}, func(string) bool { return true })
	fields(spec.AttentionAbilities{}, func(name string) bool { return !slices.Contains(names, "AttentionOptions."+name) })
	fields(spec.BackwardAbilities{}, func(name string) bool { return name != "AttentionAbilities" })
	fields(spec.Implementation[float32]{}, func(name string) bool {
		return strings.Contains(name, "Attention") && name != "AttentionAbilities"
	})
	return names
}

// TestFeatures requires a test of everything that spec's attentions offer, alone
// and for grids of each rank and products at each stage, and that
// docs/vectors.md says in which levels they are.
func TestFeatures(t *testing.T) {
	all := readAll(t, dir)
	var table strings.Builder
	for _, name := range featuresOf() {
		exercises, ok := features[name]
		if !ok {
			t.Errorf("spec has %s: add test vectors of it, and how to tell them", name)
			continue
		}
		var levels []string
		for _, v := range all {
			if exercises(&v) && !slices.Contains(levels, v.level) {
				levels = append(levels, v.level)
			}
		}
		if len(levels) == 0 {
			t.Errorf("no test has %s", name)
		}
		fmt.Fprintf(&table, "| `%s` | %s |\n", name, strings.Join(levels, ", "))
	}
	doc, err := os.ReadFile("../../docs/vectors.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), table.String()) {
		t.Errorf("docs/vectors.md does not have this table:\n%s", table.String())
	}
	if len(features) != len(featuresOf()) {
		t.Errorf("%d features are told apart, spec has %d", len(features), len(featuresOf()))
	}

	grids, stages := map[string]bool{}, map[int]bool{}
	for _, v := range all {
		for _, name := range []string{"mask", "bias", "keep"} {
			grids[fmt.Sprintf("%s of %d axes", name, len(v.tensors[name].shape))] = true
			if v.short(name) {
				grids["short "+name] = true
			}
		}
		if v.QKStage != nil {
			stages[*v.QKStage] = true
		}
	}
	for _, name := range []string{"mask", "bias", "keep"} {
		for rank := 1; rank <= 4; rank++ {
			if what := fmt.Sprintf("%s of %d axes", name, rank); !grids[what] {
				t.Errorf("no test has a %s", what)
			}
		}
		if !grids["short "+name] {
			t.Errorf("no test has a short %s", name)
		}
	}
	for stage := spec.QKScaled; stage <= spec.QKWeights; stage++ {
		if !stages[int(stage)] {
			t.Errorf("no test has stage %d", stage)
		}
	}
}
