package mutant

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets more garbage gather before it is collected: the cases leave
// much, and little of it at a time.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
