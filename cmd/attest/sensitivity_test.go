package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"example.com/attest/internal/sensitivity"
)

func TestSensitivity(t *testing.T) {
	var out, problems bytes.Buffer
	if status := run([]string{"sensitivity", "-n", "2", "-json"}, &out, &problems); status != statusOK {
		t.Fatalf("status %d: %s", status, &problems)
	}
	var groups []sensitivity.Group
	if err := json.Unmarshal(out.Bytes(), &groups); err != nil {
		t.Fatal(err)
	}
	if len(groups) != 1+len(keyCounts) || len(groups[0].Rows) != len(sensitivity.Rules) || groups[0].Cases != 2 {
		t.Errorf("%d groups, the first %+v", len(groups), groups[0])
	}
	out.Reset()
	printSensitivity(&out, groups, 1)
	for _, r := range sensitivity.Rules {
		if strings.Count(out.String(), "\n"+r.Name) != 3 {
			t.Errorf("%s has not a line in each table and its definition:\n%s", r.Name, &out)
		}
	}
	for _, args := range [][]string{{"sensitivity", "-n", "0"}, {"sensitivity", "-seed", "x"}, {"sensitivity", "more"}} {
		if status := run(args, &out, &problems); status != statusUsage {
			t.Errorf("%v: status %d", args, status)
		}
	}
}
