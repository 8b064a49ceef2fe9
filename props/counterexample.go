package props

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// Counterexample is a failing case with its exact values, as it is stored in a
// file and tried first by later runs.
type Counterexample struct {
	Claim          spec.ID    `json:"claim"`
	Implementation string     `json:"implementation"`
	What           string     `json:"what"`
	Values         gen.Record `json:"values"`
}

// CounterexampleFile returns the file in dir that holds the counterexample of a
// claim for an implementation.
func CounterexampleFile(dir, implementation string, claim spec.ID) string {
	clean := []rune(implementation)
	for k, r := range clean {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			clean[k] = '_'
		}
	}
	return filepath.Join(dir, string(clean), string(claim)+".json")
}

// ReadCounterexample reads a stored counterexample. A file that does not exist
// gives nil and no error; one that cannot be read is an error that names the
// file and what to do.
func ReadCounterexample(file string, claim spec.ID) (*Counterexample, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("stored counterexample: %w", err)
	}
	var x Counterexample
	if err := json.Unmarshal(data, &x); err != nil {
		return nil, fmt.Errorf("stored counterexample %s cannot be read: %w (repair or delete the file)", file, err)
	}
	if x.Claim != claim {
		return nil, fmt.Errorf("stored counterexample %s is about claim %q, not %q (rename or delete the file)", file, x.Claim, claim)
	}
	if len(x.Values) == 0 {
		return nil, fmt.Errorf("stored counterexample %s holds no values (repair or delete the file)", file)
	}
	return &x, nil
}

// WriteCounterexample stores the reduced case of a violated result, whole or
// not at all.
func WriteCounterexample(file string, r *Result) error {
	data, err := json.MarshalIndent(Counterexample{r.Claim.ID, r.Implementation, r.Reason, r.Example}, "", "\t")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(append(data, '\n')); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
