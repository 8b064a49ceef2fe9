//go:build !amd64 || purego

package kernel

func (l Level) apply(f Function, dst, x []float32) { portableApply(f, dst, x) }
