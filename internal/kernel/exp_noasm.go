//go:build (!amd64 && !arm64) || purego

package kernel

func (l Level) exp(dst, x []float32, two bool) { portableExp(dst, x, two) }
