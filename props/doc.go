// Package props is the conformance kit: one property for each claim of the law,
// for any implementation.
//
// An attention kernel is tried by five lines in a test of its own package:
//
//	func TestKernel(t *testing.T) {
//		props.TestAttention(t, spec.AttentionFunc[float32](func(dst, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
//			mykernel.Attend(dst, q, k, v, opt)
//		}), spec.AttentionAbilities{Bias: true})
//	}
//
// its backward pass by TestAttentionBackward, and an energy by TestEnergy. Test and Check take a whole
// spec.Implementation. The last argument declares which options the kernel takes; claims that are not
// tried are logged with what they need, which go test -v shows. Each claim is tried on randomized cases; the first case
// that violates it is made as small as it gets, printed with the line that
// replays it, and stored under testdata/attest, from where later runs try it
// first.
//
// Environment variables, read inside the test: ATTEST_CASES sets the number of
// cases a claim, ATTEST_SEED the seed; "random" draws one and prints it.
//
// Verdicts: Violated is a proof of fault, given the declared rounding, and
// never a false alarm; Holds says that no case that could tell, told. For an
// energy that declares no ValueError the rounding is a model, see
// spec.Energy, and a Violated within a few u of its value asks for one.
package props
