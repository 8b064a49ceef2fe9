//go:build !amd64 || purego

package kernel

func (l Level) largest(x []float32) float32                { return portableLargest(x) }
func (l Level) expSum(dst, x []float32, m float32) float32 { return portableExpSum(dst, x, m) }
func (l Level) shiftExpSum(dst, x []float32, m float32) float32 {
	return portableShiftExpSum(dst, x, m)
}
func (l Level) sum(x []float32) float32                     { return portableSum(x) }
func (l Level) squareSum(x []float32, mean float32) float32 { return portableSquareSum(x, mean) }
func (l Level) affine(dst, x []float32, a, b float32)       { portableAffine(dst, x, a, b) }
func (l Level) normalize(dst, x, gain, shift []float32, mean, inverse float32) {
	portableNormalize(dst, x, gain, shift, mean, inverse)
}
func (l Level) gain(dst, x, gain []float32, c float32) { portableGain(dst, x, gain, c) }
func (l Level) times(dst, x, y []float32)              { portableTimes(dst, x, y) }
func (l Level) plus(dst, x, y []float32)               { portablePlus(dst, x, y) }
