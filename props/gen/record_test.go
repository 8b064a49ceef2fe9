package gen_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
	"github.com/google/go-cmp/cmp"
)

// TestWith requires a changed copy, and the record as it was.
func TestWith(t *testing.T) {
	r := gen.Record{{Name: "m", Value: gen.Int(1)}, {Name: "n", Value: gen.Int(2)}}
	if got := r.With("n", gen.Int(5)).String(); got != "m=1 n=5" {
		t.Error(got)
	}
	if got := r.With("k", gen.Number(0.5)).String(); got != "m=1 n=2 k=0.5" {
		t.Error(got)
	}
	if got := r.String(); got != "m=1 n=2" {
		t.Error(got)
	}
}

// TestRecordString prints a value of each type.
func TestRecordString(t *testing.T) {
	r := gen.Record{
		{Name: "n", Value: gen.Int(-3)},
		{Name: "eta", Value: gen.Number(0.25)},
		{Name: "b", Value: gen.Value{Type: gen.TypeBool, Bool: true}},
		{Name: "w", Value: gen.Word("causal")},
		{Name: "F", Value: gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.Ints, Exponent: 2, Seed: 9}}},
		{Name: "M", Value: gen.Explicit(spec.MatrixOf([]float64{1, -2}, []float64{0, 0.5}))},
		{Name: "s", Value: gen.Share(4)},
	}
	const want = "n=-3 eta=0.25 b=true w=causal F=ints·2^2#9 M=[1 -2; 0 0.5] s=?"
	if got := r.String(); got != want || r.GoString() != want {
		t.Errorf("%s, and %#v, want %s", got, r, want)
	}
}

// TestMatrixString prints what repeats as one and its number, and cuts a matrix that
// nobody reads whole.
func TestMatrixString(t *testing.T) {
	for _, c := range []struct {
		m    spec.Matrix[float64]
		want string
	}{
		{spec.NewMatrix[float64](0, 3), "[]"},
		{spec.NewMatrix[float64](3, 7), "[0 0 0 0 0 0 0; 0 0 0 0 0 0 0; 0 0 0 0 0 0 0]"},
		{spec.NewMatrix[float64](3, 8), "[0×8; 0×8; 0×8]"},
		{spec.NewMatrix[float64](7, 1), "[0; 0; 0; 0; 0; 0; 0]"},
		{spec.NewMatrix[float64](8, 1), "[0 (×8)]"},
		{spec.NewMatrix[float64](257, 65), "[0×65 (×257)]"},
		{spec.MatrixOf(append(make([]float64, 8), 1, math.Copysign(0, -1)), make([]float64, 10)), "[0×8 1 -0; 0×10]"},
	} {
		if got := (gen.Record{{Name: "M", Value: gen.Explicit(c.m)}}).String(); got != "M="+c.want {
			t.Errorf("%s, want M=%s", got, c.want)
		}
	}
	for n, cut := range map[int]bool{1000: false, 1001: true, 5000: true} {
		m := spec.NewMatrix[float64](1, n)
		for j := range n {
			m.Set(0, j, float64(j%2))
		}
		got := gen.Record{{Name: "M", Value: gen.Explicit(m)}}.String()
		if strings.HasSuffix(got, " …]") != cut || len(got) > 2010 {
			t.Errorf("%d numbers are written in %d characters that end in %q", n, len(got), got[len(got)-9:])
		}
	}
}

// TestFromCounterexample requires the values of a stored counterexample, in the
// order of their names.
func TestFromCounterexample(t *testing.T) {
	got := gen.FromCounterexample(&spec.Counterexample{
		Sizes:    map[string]int{"n": 2, "d": 1},
		Numbers:  map[string]float64{"eta": 0.5},
		Words:    map[string]string{"gate": "relu"},
		Matrices: map[string][][]float64{"Y": {{1}, {2}}},
	}).String()
	if want := "Y=[1; 2] d=1 eta=0.5 gate=relu n=2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestStoredForm compares each type with its stored form, both ways.
func TestStoredForm(t *testing.T) {
	for _, c := range []struct {
		value gen.Value
		want  string
	}{
		{gen.Int(0), `"type":"int","int":0`},
		{gen.Number(-0.75), `"type":"number","number":"-0x1.8p-01"`},
		{gen.Number(math.Copysign(0, -1)), `"type":"number","number":"-0x0p+00"`},
		{gen.Number(math.NaN()), `"type":"number","number":"NaN"`},
		{gen.Number(math.Inf(-1)), `"type":"number","number":"-Inf"`},
		{gen.Value{Type: gen.TypeBool}, `"type":"bool","bool":false`},
		{gen.Word(""), `"type":"word","word":""`},
		{gen.Value{Type: gen.TypeFill, Fill: gen.Fill{Kind: gen.One, Seed: 3}}, `"type":"fill","fill":{"kind":"one","exponent":0,"seed":3}`},
		{gen.Explicit(spec.MatrixOf([]float64{1, 2})), `"type":"matrix","rows":1,"cols":2,"matrix":[["0x1p+00","0x1p+01"]]`},
		{gen.Explicit(spec.NewMatrix[float64](2, 0)), `"type":"matrix","rows":2,"matrix":[[],[]]`},
	} {
		want := `[{"name":"x",` + c.want + `}]`
		got, err := json.Marshal(gen.Record{{Name: "x", Value: c.value}})
		if err != nil || string(got) != want {
			t.Errorf("%s is stored as %s, want %s (%v)", c.value, got, want, err)
			continue
		}
		var back gen.Record
		if err := json.Unmarshal(got, &back); err != nil {
			t.Errorf("%s: %v", got, err)
		} else if again, _ := json.Marshal(back); string(again) != want {
			t.Errorf("%s is read and stored as %s", got, again)
		}
	}
}

// TestStoredErrors requires the error of a damaged record to name the value and
// the damage.
func TestStoredErrors(t *testing.T) {
	for bad, want := range map[string]string{
		`{}`:                                            "cannot unmarshal",
		`[{"name":"x"}]`:                                `value "x": no value of type ""`,
		`[{"name":"x","type":"int"}]`:                   `value "x": no value of type "int"`,
		`[{"name":"x","type":"bool"}]`:                  `value "x": no value of type "bool"`,
		`[{"name":"x","type":"word"}]`:                  `value "x": no value of type "word"`,
		`[{"name":"x","type":"fill"}]`:                  `value "x": no value of type "fill"`,
		`[{"name":"x","type":"share","int":1}]`:         `value "x": no value of type "share"`,
		`[{"name":"x","type":"number","number":"one"}]`: `value "x": strconv.ParseFloat: parsing "one": invalid syntax`,
		`[{"name":"x","type":"matrix","rows":2,"cols":1,"matrix":[["1"]]}]`:   `value "x": 1 rows where 2 are announced`,
		`[{"name":"x","type":"matrix","rows":1,"cols":2,"matrix":[["1"]]}]`:   `value "x": row 0 has 1 numbers, not 2`,
		`[{"name":"x","type":"matrix","rows":1,"cols":1,"matrix":[["one"]]}]`: `value "x": strconv.ParseFloat: parsing "one": invalid syntax`,
		`[{"name":"x","type":"matrix","rows":1,"cols":-1,"matrix":[[]]}]`:     `value "x": 1 rows and -1 columns`,
		`[{"name":"x","type":"matrix","rows":-1,"cols":1}]`:                   `value "x": -1 rows and 1 columns`,
	} {
		var r gen.Record
		if err := json.Unmarshal([]byte(bad), &r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", bad, err, want)
		}
	}
	var r gen.Record
	if err := json.Unmarshal([]byte(`[{"name":"n","type":"int","int":3}]`), &r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gen.Record{{Name: "n", Value: gen.Int(3)}}, r, unexported); diff != "" {
		t.Error(diff)
	}
}
