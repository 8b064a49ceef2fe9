package bench

import (
	"runtime"
	"testing"

	"example.com/attest/internal/kernel"
)

// Run is the body of a benchmark: it computes again and again and reports GF/s,
// GB/s of the memory that is touched at least, and the percentage of the
// machine's peak that the first is, probed right before. What is 0 is not
// reported. With one thread (-cpu 1) the rates are those of processor time.
func Run(b *testing.B, flops, bytes float64, compute func()) {
	threads := runtime.GOMAXPROCS(0)
	peak := Machine{kernel.Best()}.Peak(threads)
	times := 0
	watch := start()
	for b.Loop() {
		compute()
		times++
	}
	report(b, flops*float64(times), bytes*float64(times), watch.stop().Of(threads), peak)
}

// metrics is what report needs of a testing.B.
type metrics interface {
	ReportMetric(n float64, unit string)
}

// report says what was reached in the seconds.
func report(b metrics, flops, bytes, seconds, peak float64) {
	if flops > 0 {
		b.ReportMetric(flops/seconds/1e9, "GF/s")
		b.ReportMetric(100*flops/seconds/peak, "%peak")
	}
	if bytes > 0 {
		b.ReportMetric(bytes/seconds/1e9, "GB/s")
	}
}
