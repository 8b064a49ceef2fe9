package report_test

import (
	"testing"

	"example.com/attest/internal/report"
)

func TestRanges(t *testing.T) {
	for _, c := range []struct {
		ids  []string
		want string
	}{
		{nil, ""},
		{[]string{"INT-001"}, "INT-001"},
		{[]string{"INT-001", "INT-002"}, "INT-001, INT-002"},
		{[]string{"INT-008", "INT-009", "INT-010", "INT-012"}, "INT-008 to INT-010, INT-012"},
		{[]string{"INT-001", "RDG-002", "RDG-003", "RDG-004"}, "INT-001, RDG-002 to RDG-004"},
	} {
		if got := report.Ranges(c.ids); got != c.want {
			t.Errorf("Ranges(%v) = %q, want %q", c.ids, got, c.want)
		}
	}
}
