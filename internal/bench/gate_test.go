package bench

import (
	"strings"
	"testing"
)

func TestRegressions(t *testing.T) {
	row := func(name, implementation string, ratio float64) Row {
		return Row{Case: name, Implementation: implementation, Threads: 1, RatioToPortable: ratio}
	}
	before := []Row{row("a", "avx512", 20), row("b", "avx512", 20), row("a", "avx2", 10), row("a", Portable, 1), row("c", "avx512", 0)}
	for _, c := range []struct {
		name     string
		now      Row
		compared int
		lost     string
	}{
		{"as fast", row("a", "avx512", 20), 1, ""},
		{"within the slack", row("a", "avx512", 20*(1-Slack)), 1, ""},
		{"slower", row("a", "avx512", 20*(1-Slack)-0.1), 1, "a: avx512 is 15.90 times"},
		{"another implementation", row("a", "avx2", 10), 1, ""},
		{"another implementation, slower", row("a", "avx2", 1), 1, "a: avx2"},
		{"the portable one itself", row("a", Portable, 1), 0, ""},
		{"a case of this run alone", row("new", "avx512", 1), 0, ""},
		{"not compared before", row("c", "avx512", 1), 0, ""},
		{"not compared now", row("a", "avx512", 0), 0, ""},
		{"another number of threads", Row{Case: "a", Implementation: "avx512", Threads: 2, RatioToPortable: 1}, 0, ""},
	} {
		compared, lost := Regressions([]Row{c.now}, before)
		if compared != c.compared || (len(lost) > 0) != (c.lost != "") || len(lost) > 0 && !strings.Contains(lost[0], c.lost) {
			t.Errorf("%s: compared %d, lost %q", c.name, compared, lost)
		}
	}
}
