package reference_test

import (
	"fmt"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// The bound says how far a float32 kernel may be off in this element, for these
// inputs; a kernel that declares how it adds is held to less.
func ExampleAttentionBound() {
	q, k, v := spec.NewTensor[float64](1, 1, 1, 1), spec.NewTensor[float64](1, 1, 2, 1), spec.NewTensor[float64](1, 1, 2, 1)
	q.Set(0, 0, 0, 0, 1)
	k.Set(0, 0, 1, 0, 1)
	v.Set(0, 0, 1, 0, 4)
	opt := &spec.AttentionOptions{Scale: 1}

	want := spec.NewTensor[float64](1, 1, 1, 1)
	reference.Attention(want, q, k, v, opt) // weights 1/(1+e) and e/(1+e)
	fmt.Printf("value %.6f\n", want.Data[0])
	for _, p := range []spec.Profile{{}, {Exp: spec.Unit[float32]()}} {
		bound, ok := reference.AttentionBound(q, k, v, opt, p, reference.RoundingOf[float32](), reference.InputError{})
		fmt.Printf("bound %.1e %v\n", bound.Data[0], ok)
	}
	// Output:
	// value 2.924234
	// bound 1.9e-06 true
	// bound 1.6e-06 true
}
