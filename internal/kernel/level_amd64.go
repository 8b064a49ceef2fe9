//go:build !purego

package kernel

import "golang.org/x/sys/cpu"

// vectorLevels returns what this processor has, the fastest first.
func vectorLevels() []Level {
	var out []Level
	x := &cpu.X86
	if x.HasAVX2 && x.HasFMA {
		if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL {
			out = append(out, AVX512)
		}
		out = append(out, AVX2)
	}
	return out
}
