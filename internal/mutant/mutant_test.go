package mutant

import (
	"testing"

	"example.com/attest/props"
)

// TestAllDie tries every mutant under the claims that it names: each of them
// must reject it; under -short the first alone is tried.
func TestAllDie(t *testing.T) {
	for _, m := range All() {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() {
				m.Kills = m.Kills[:1]
			}
			for _, d := range Try(m, props.Options{Cases: 200}) {
				if !d.Killed {
					t.Errorf("%s survives %s: %s after %d cases (%s)", m.Name, d.Claim, d.Verdict, d.Cases, d.Reason)
				}
			}
		})
	}
}
