//go:build race

package guard

// Raced says whether the race detector is on.
const Raced = true
