package spec_test

import (
	"fmt"

	"example.com/attest/spec"
)

// Rows of tokens that hold the channels of all heads, as a linear layer leaves
// them, are a Tensor without being copied.
func ExampleTensor() {
	const tokens, heads, channels = 2, 3, 2
	rows := []float32{
		0, 1, 10, 11, 20, 21, // token 0: head 0, head 1, head 2
		100, 101, 110, 111, 120, 121,
	}
	t := spec.Tensor[float32]{
		Data:   rows,
		Shape:  [4]int{1, heads, tokens, channels},
		Stride: [4]int{0, channels, heads * channels, 1},
	}
	fmt.Println(t.At(0, 2, 1, 0))
	// Output: 120
}

// A claim names the condition that it needs, and the refuted claim that shows
// the need.
func ExampleClaimByID() {
	c, err := spec.ClaimByID("INT-017")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.ID, c.Kind, c.Name)
	for _, h := range c.Given {
		fmt.Printf("given %s; without it see %s\n", h.Text, h.Without)
	}
	// Output:
	// INT-017 descent energy_nonincreasing_of_step_le_two
	// given 0 ≤ η ≤ 2; without it see INT-018
	// given weights with β, not the ordinary softmax; without it see EQV-007
	// given every token sees every other; without it see MSK-003
}
