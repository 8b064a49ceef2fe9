package transformer_test

import (
	"fmt"

	"example.com/attest/spec"
	"example.com/attest/transformer"
)

// A query sees the keys up to its own place under the causal rule.
func ExampleAttend() {
	x := spec.NewTensor[float32](1, 1, 3, 1)
	copy(x.Data, []float32{0, 3, 6})
	equal := spec.NewTensor[float32](1, 1, 3, 1) // queries and keys of zero: equal weights
	dst := spec.NewTensor[float32](1, 1, 3, 1)
	transformer.Attend(dst, equal, equal, x, &spec.AttentionOptions{Scale: 1, Causal: true})
	fmt.Println(dst.Data)
	// Output:
	// [0 1.5 3]
}
