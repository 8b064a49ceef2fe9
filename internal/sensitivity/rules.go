package sensitivity

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// Rule is a way of comparing a result in float32 with the exact one.
type Rule struct {
	Name, Text string
	judges     func(s *scene) bool
	rejects    func(s *scene, got spec.Tensor[float32]) bool
}

// Rules lists this project's bound and what other projects' tests of attention
// use. All compare with the exact result, while in those projects it is often
// that of another kernel.
var Rules = []Rule{
	{"attest", "err ≤ the bound derived for the element from the inputs and the kernel's declared way of rounding, with additions in any order", hasBound, within(derived)},
	{"10σ (attest)", "err ≤ that bound, and ≤ 10 standard deviations of independent roundings: one element beyond is suspect, more than 1 in 10⁴ reject a kernel", hasBound, within(suspicion)},
	{"max-norm (hipDNN)", "err ≤ max|V|·(|s|·d·max|Q|·max|K|·(γ_d+u) + 2γ_n + (n+1)u), γ_k = ku/(1−ku), as ROCm/rocm-libraries#7032 describes its model", always, within(maxNorm)},
	{"torch.assert_close", "err ≤ 1e-5 + 1.3e-6·|want|, the default for float32", always, fixed(1e-5, 1.3e-6)},
	{"ONNX", "err ≤ 1e-7 + 1e-3·|want|", always, fixed(1e-7, 1e-3)},
	{"MLX", "err ≤ 1e-4 + 1e-4·|want|", always, fixed(1e-4, 1e-4)},
	{"JAX", "err ≤ 1e-2 + 1e-2·|want|", always, fixed(1e-2, 1e-2)},
	{"ggml", "Σ err² ≤ 5e-4·Σ want²", always, normalizedSquares(5e-4)},
}

func always(*scene) bool     { return true }
func hasBound(s *scene) bool { return s.bounded }

func derived(s *scene) func(k int) float64 { return func(k int) float64 { return s.bound.Data[k] } }

func suspicion(s *scene) func(k int) float64 {
	return func(k int) float64 { return math.Min(s.bound.Data[k], reference.SuspectFrom*s.sigma.Data[k]) }
}

// within rejects when some element is off by more than its bound.
func within(bound func(*scene) func(k int) float64) func(*scene, spec.Tensor[float32]) bool {
	return func(s *scene, got spec.Tensor[float32]) bool {
		allowed := bound(s)
		for k, x := range got.Data {
			if !(math.Abs(float64(x)-s.want.Data[k]) <= allowed(k)) {
				return true
			}
		}
		return false
	}
}

// fixed allows absolute + relative·|want|.
func fixed(absolute, relative float64) func(*scene, spec.Tensor[float32]) bool {
	return within(func(s *scene) func(k int) float64 {
		return func(k int) float64 { return absolute + relative*math.Abs(s.want.Data[k]) }
	})
}

// maxNorm allows what a bound in terms of the largest elements allows.
func maxNorm(s *scene) func(k int) float64 {
	u, n, d := spec.Unit[float32](), float64(s.k.Shape[2]), float64(s.k.Shape[3])
	gamma := func(k float64) float64 { return k * u / (1 - k*u) }
	allowed := largest(s.v) * (math.Abs(s.opt.Scale)*d*largest(s.q)*largest(s.k)*(gamma(d)+u) + 2*gamma(n) + (n+1)*u)
	return func(int) float64 { return allowed }
}

func largest(x spec.Tensor[float64]) float64 {
	var most float64
	for _, e := range x.Data {
		most = max(most, math.Abs(e))
	}
	return most
}

// normalizedSquares rejects when the squares of the errors sum to more than the
// given share of those of the result.
func normalizedSquares(share float64) func(*scene, spec.Tensor[float32]) bool {
	return func(s *scene, got spec.Tensor[float32]) bool {
		var err, size float64
		for k, x := range got.Data {
			e := float64(x) - s.want.Data[k]
			err += e * e
			size += s.want.Data[k] * s.want.Data[k]
		}
		return !(err <= share*size)
	}
}
