package gen_test

import (
	"fmt"

	"example.com/attest/props/gen"
)

// A property asks for its values by name; a record of them replays the case.
func ExampleReplay() {
	property := func(c *gen.Case) {
		n := c.Size("n", 1, 64)
		y := c.Matrix("Y", n, 2, []gen.Kind{gen.Ints}, 0, 0)
		fmt.Println(n, "tokens, the last", y.Row(n-1))
	}
	drawn := gen.Example(7, nil, property)
	gen.Replay(drawn, property)
	gen.Replay(drawn.With("n", gen.Int(1)), property)
	fmt.Println("case", drawn)
	// Output:
	// 16 tokens, the last [-2 -3]
	// 16 tokens, the last [-2 -3]
	// 1 tokens, the last [3 -3]
	// case n=16 Y=ints·2^0#13424
}
