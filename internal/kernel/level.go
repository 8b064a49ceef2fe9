package kernel

import "slices"

// Level is a class of machine by the vector instructions that its kernels use.
type Level int

// The levels. Portable runs everywhere.
const (
	Portable Level = iota
	NEON           // arm64
	AVX2           // amd64 with AVX2 and FMA
	AVX512         // amd64 with AVX-512 F, DQ, BW and VL too
)

// String returns the name of the level, "portable" or "avx512".
func (l Level) String() string {
	switch l {
	case NEON:
		return "neon"
	case AVX2:
		return "avx2"
	case AVX512:
		return "avx512"
	}
	return "portable"
}

// lanes returns how many numbers a vector of the level holds.
func (l Level) lanes() int {
	switch l {
	case NEON:
		return 4
	case AVX2:
		return 8
	case AVX512:
		return 16
	}
	return 1
}

// Levels returns the levels that this machine can run, the fastest first.
func Levels() []Level { return slices.Clone(levels) }

// Best returns the fastest level that this machine can run.
func Best() Level { return levels[0] }

var levels = append(vectorLevels(), Portable)
