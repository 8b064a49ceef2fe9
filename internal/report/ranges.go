package report

import (
	"fmt"
	"strings"
)

// Ranges writes IDs like INT-001 in their order, runs of three or more
// consecutive ones as INT-001 to INT-007.
func Ranges(ids []string) string {
	var out []string
	for i := 0; i < len(ids); {
		j := i + 1
		for j < len(ids) && follows(ids[j-1], ids[j]) {
			j++
		}
		if j-i >= 3 {
			out = append(out, ids[i]+" to "+ids[j-1])
			i = j
			continue
		}
		out = append(out, ids[i])
		i++
	}
	return strings.Join(out, ", ")
}

// follows reports whether b is the ID after a in the same group.
func follows(a, b string) bool {
	var n, m int
	group, number, _ := strings.Cut(a, "-")
	nextGroup, next, _ := strings.Cut(b, "-")
	if group != nextGroup {
		return false
	}
	if _, err := fmt.Sscanf(number+" "+next, "%d %d", &n, &m); err != nil {
		return false
	}
	return m == n+1
}
