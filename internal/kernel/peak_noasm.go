//go:build !amd64 || purego

package kernel

func (l Level) fma(n int) (flops int) { return portableFMA(n) }

func (l Level) read(x []float32) float32 { return portableRead(x) }
