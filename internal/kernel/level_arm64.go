//go:build !purego

package kernel

// vectorLevels returns what every processor of this kind has.
func vectorLevels() []Level { return []Level{NEON} }
