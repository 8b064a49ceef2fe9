package mutant

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// numbered returns the options with numbers for NaN: in the bias, and in sinks and
// slopes.
func numbered(opt spec.AttentionOptions, bias, sink, slope float64) spec.AttentionOptions {
	if opt.Bias != nil {
		grid := *opt.Bias
		grid.Data = numbersOf(grid.Data, bias)
		opt.Bias = &grid
	}
	opt.Sinks, opt.Slopes = numbersOf(opt.Sinks, sink), numbersOf(opt.Slopes, slope)
	return opt
}

// hiddenTimesZero adds to the first output of dst what rows of the memory hold that no
// token of any head may see, times 0.
func hiddenTimesZero(dst, memory matrix, heads, tokens int, opt *spec.AttentionOptions) {
	for j := range memory.Rows {
		if !seenBy(opt, heads, tokens, j) && len(dst.Data) > 0 && memory.Cols > 0 {
			dst.Set(0, 0, dst.At(0, 0)+0*memory.At(j, 0))
		}
	}
}

// nanMutants of layers lose a NaN, or find one that no token may see.
var nanMutants = []Mutant{
	{
		Name: "multi-head-nan-options-ignored", Fault: "a NaN in the bias hides its key, as a sink it is none, as a slope it is 0",
		Kills:  []spec.ID{"MHA-008"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.opt = numbered(c.opt, math.Inf(-1), math.Inf(-1), 0) }),
	},
	{
		Name: "multi-head-nan-sink-is-zero", Fault: "a sink that is NaN counts as 0",
		Kills:  []spec.ID{"MHA-008"},
		Change: multiHeadThen(func(c *multiHeadCall) { c.opt.Sinks = numbersOf(c.opt.Sinks, 0) }),
	},
	{
		Name: "multi-head-hidden-memory-times-0", Fault: "rows of the memory that no token may see are multiplied by 0",
		Kills: []spec.ID{"MHA-001", "MHA-008"},
		Change: func(im *implementation) {
			im.MultiHead = func(dst, x, memory matrix, w *spec.MultiHeadWeights[float64], opt *spec.AttentionOptions) {
				reference.MultiHead(dst, x, memory, w, opt)
				hiddenTimesZero(dst, memory, w.Heads, x.Rows, opt)
			}
		},
	},
	{
		Name: "block-nan-options-ignored", Fault: "a NaN in the bias hides its key, as a sink it is none, as a slope it is 0",
		Kills:  []spec.ID{"BLK-017"},
		Change: blockThen(func(c *blockCall) { c.self = numbered(c.self, math.Inf(-1), math.Inf(-1), 0) }),
	},
	{
		Name: "block-hidden-memory-leaks", Fault: "rows of the memory that no token may see are multiplied by 0",
		Kills: []spec.ID{"BLK-018", "BLK-003", "BLK-004"},
		Change: aroundBlock(func(c *blockCall) {
			c.work()
			if c.w.Cross != nil {
				hiddenTimesZero(c.dst, c.memory, c.w.Cross.Heads, c.x.Rows, &c.cross)
			}
		}),
	},
	{
		Name: "block-hidden-cache-times-0", Fault: "rows of the cache that no token may see are multiplied by 0",
		Kills: []spec.ID{"BLK-016"},
		Change: aroundBlock(func(c *blockCall) {
			if c.cache == nil {
				c.work()
				return
			}
			past := c.cache.Key
			past.Rows = c.cache.Tokens
			c.work()
			hiddenTimesZero(c.dst, past, c.w.Self.Heads, c.x.Rows, c.self.After(past.Rows))
		}),
	},
	{
		Name: "block-hidden-cache-cleared", Fault: "rows of the cache that no token of the call may see become 0",
		Kills: []spec.ID{"BLK-016"},
		Change: behindCache(func(c *blockCall) {
			opt := c.self.After(c.cache.Tokens)
			for j := range c.cache.Tokens {
				if !seenBy(opt, c.w.Self.Heads, c.x.Rows, j) {
					clear(c.cache.Value.Row(j))
				}
			}
		}),
	},
}

// seenBy reports whether some token of some head may see key j.
func seenBy(opt *spec.AttentionOptions, heads, tokens, j int) bool {
	for h := range heads {
		for i := range tokens {
			if opt.Allowed(0, h, i, j) {
				return true
			}
		}
	}
	return false
}
