package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestVectors(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	var out, problems bytes.Buffer
	for _, c := range []struct {
		args   []string
		status int
	}{
		{[]string{"vectors"}, statusUsage},
		{[]string{"vectors", "-o", dir}, statusOK},
		{[]string{"vectors", "-o", dir}, statusBad}, // it exists now
	} {
		problems.Reset()
		if status := run(c.args, &out, &problems); status != c.status || (problems.Len() > 0) != (status != statusOK) {
			t.Errorf("%v: status %d, %q", c.args, status, &problems)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil {
		t.Error(err)
	}
}
