package bench

import "fmt"

// Slack is the share of its advantage over the portable kernel that an
// implementation may lose before Regressions speaks: more than the noise of a
// median of five rounds on a shared machine, less than a kernel that is out of
// use.
const Slack = 0.2

// Regressions compares the rows of this run with those of another. Both were
// measured against the portable kernel in their own run, so that neither the
// machine nor what else it did matters. It returns a sentence for each
// implementation that has lost more than Slack, and how many it compared: rows
// of the same case, implementation and threads.
func Regressions(now, before []Row) (compared int, lost []string) {
	type key struct {
		name, implementation string
		threads              int
	}
	old := map[key]Row{}
	for _, r := range before {
		old[key{r.Case, r.Implementation, r.Threads}] = r
	}
	for _, r := range now {
		was := old[key{r.Case, r.Implementation, r.Threads}].RatioToPortable
		if r.Implementation == Portable || was == 0 || r.RatioToPortable == 0 {
			continue
		}
		compared++
		if !(r.RatioToPortable >= (1-Slack)*was) {
			lost = append(lost, fmt.Sprintf("%s: %s is %.2f times as fast as the portable kernel, it was %.2f times",
				r.Case, r.Implementation, r.RatioToPortable, was))
		}
	}
	return compared, lost
}
