// Package bench measures how fast operations are: the cases of "attest bench",
// contests of several implementations in interleaved rounds, the arithmetic of
// their results, and what benchmarks beside a kernel report.
//
// Times of one thread are processor times of the process that computes, so that
// a busy machine disturbs them little; several threads are timed by the clock.
// Beside each sample the peak of the machine is probed with the same clock.
package bench
