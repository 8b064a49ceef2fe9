package sensitivity

import (
	"fmt"
	"strings"
)

// KeyCounts are the numbers of keys at which the growth of the bound is shown.
var KeyCounts = []int{32, 128, 512, 2048}

// All measures the given number of mixed cases, and an eighth as many for each
// of KeyCounts.
func All(cases int, seed uint64) (mixed Group, growing []Group) {
	for _, n := range KeyCounts {
		growing = append(growing, Growing(n, (cases+7)/8, seed))
	}
	return Mixed(cases, seed), growing
}

// Middle returns the median in two digits, or what there is instead.
func (r Range) Middle() string {
	switch {
	case r.Cases == 0:
		return "–"
	case r.Median == 0:
		return ">100"
	}
	return fmt.Sprintf("%.1e", r.Median)
}

// String returns the median and the range.
func (r Range) String() string {
	s := r.Middle()
	if r.Cases > r.Unseen {
		s += fmt.Sprintf(" (%.1e .. %.1e)", r.Least, r.Most)
	}
	if r.Unseen > 0 {
		s += fmt.Sprintf(", %d unseen", r.Unseen)
	}
	return s
}

// Tables returns a table of a line a rule, what it rejects and sees in the mixed
// cases, and one of the median fault of a row that it sees in the growing ones.
// The first line of each is its head.
func Tables(mixed Group, growing []Group) (first, second [][]string) {
	first = [][]string{{"rule", "correct rejected", "no bound", "fault of a row seen: median (range)", "fault of a weight seen"}}
	head := []string{"rule"}
	for _, n := range KeyCounts {
		head = append(head, fmt.Sprintf("n = %d", n))
	}
	second = append(second, head)
	for k, r := range mixed.Rows {
		first = append(first, []string{r.Rule, fmt.Sprint(r.Rejected), fmt.Sprint(r.NoBound), r.Seen[FaultRow].String(), r.Seen[FaultWeight].String()})
		line := []string{r.Rule}
		for _, g := range growing {
			line = append(line, g.Rows[k].Seen[FaultRow].Middle())
		}
		second = append(second, line)
	}
	return first, second
}

// Markdown returns a table as Markdown.
func Markdown(table [][]string) string {
	var b strings.Builder
	for k, line := range table {
		b.WriteString("| " + strings.Join(line, " | ") + " |\n")
		if k == 0 {
			b.WriteString(strings.Repeat("|---", len(line)) + "|\n")
		}
	}
	return b.String()
}
