//go:build !amd64 || purego

package kernel

func vectorLevels() []Level { return nil }
