//go:build !race

package transformer_test

// raceEnabled says whether the race detector is on.
const raceEnabled = false
