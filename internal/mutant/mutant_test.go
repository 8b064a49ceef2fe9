package mutant

import (
	"sync"
	"testing"

	"example.com/attest/props"
)

// TestAllDie tries every mutant under the claims that it names: each of them
// must reject it; under -short the first alone is tried. Each check of each
// property must have rejected something then.
func TestAllDie(t *testing.T) {
	var mu sync.Mutex
	seen, tried := map[string]bool{}, 0
	t.Run("mutants", func(t *testing.T) {
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
					mu.Lock()
					tried++
					for _, site := range d.Sites {
						seen[site] = true
					}
					mu.Unlock()
				}
			})
		}
	})
	all := 0
	for _, m := range All() {
		all += len(m.Kills)
	}
	if tried == all && !t.Failed() { // neither -short nor a part of them
		requireEveryCheck(t, seen)
	}
}
