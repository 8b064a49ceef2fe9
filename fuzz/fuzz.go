// Package fuzz has native fuzz targets over edge configurations: attention,
// each energy, the norms, softmax, linear and gated layers, rotary and
// sinusoidal positions, blocks. A target's arguments are the scalars of a recipe (sizes,
// kind of fill, exponent, seed), not its bits, so that the corpus stays small
// and readable and the mutator's changes mean something. The bodies run the
// properties of package props.
//
//	go test ./fuzz -fuzz '^FuzzAttention$' -fuzztime 30s -fuzzminimizetime 10x
package fuzz

import (
	"fmt"
	"strings"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// Args are the typed arguments of a target. Each is folded into the range of
// the draw that takes it.
type Args struct {
	Claim    uint8 // which claim of the target's groups
	N, M, D  uint8 // tokens (or keys), queries, channels
	Kind     uint8 // of fill
	Exponent uint8
	Number   uint8 // step sizes and the like
	Seed     uint16
}

// Edges are the committed seeds: the configurations at which kernels break.
var Edges = []Args{
	{},                          // everything smallest
	{N: 1, M: 1, D: 1, Kind: 3}, // one-hot
	{N: 7, M: 8, D: 9, Kind: 6, Exponent: 1, Number: 32, Seed: 1},
	{N: 8, M: 7, D: 8, Kind: 7, Exponent: 2, Number: 64, Seed: 2},
	{N: 16, M: 17, D: 16, Kind: 5, Exponent: 3, Number: 16, Seed: 3},
	{N: 17, M: 16, D: 15, Kind: 4, Exponent: 0, Number: 48, Seed: 4},
	{N: 33, M: 3, D: 4, Kind: 8, Exponent: 2, Number: 1, Seed: 5},
	{N: 3, M: 33, D: 1, Kind: 9, Exponent: 1, Number: 63, Seed: 6},
	{N: 64, M: 65, D: 7, Kind: 10, Exponent: 2, Number: 33, Seed: 7},
	{N: 65, M: 64, D: 3, Kind: 2, Exponent: 1, Number: 31, Seed: 8},
	{N: 2, M: 2, D: 2, Kind: 1, Exponent: 255, Number: 255, Seed: 65535},
}

// given turns the arguments into the values that draws take.
func (a Args) given() gen.Record {
	share := func(name string, x uint) gen.Entry { return gen.Entry{Name: name, Value: gen.Share(x)} }
	return gen.Record{
		share("n", uint(a.N)),
		share("m", uint(a.M)),
		share("d", uint(a.D)),
		share("*number", uint(a.Number)),
		share("*fill", uint(a.Kind)%16|uint(a.Exponent)%16<<4|uint(a.Seed)<<8),
	}
}

// Try runs the claim that the arguments choose, among those whose ID begins
// with one of the groups, on the reference and on the float32 side, for one
// case. It returns what each found.
func Try(a Args, groups ...string) []*props.Result {
	ref, refOracle := suite.Reference()
	f32, f32Oracle := suite.Float32()
	return []*props.Result{
		try(a, ref, refOracle, groups),
		try(a, f32, f32Oracle, groups),
	}
}

func try[T spec.Float](a Args, im *spec.Implementation[T], oracle *spec.Implementation[float64], groups []string) *props.Result {
	var ps []props.Property[T]
	for _, p := range props.Properties[T]() {
		c, err := spec.ClaimByID(p.Claim)
		if err != nil {
			panic(err)
		}
		if inGroups(p.Claim, groups) && c.Kind != spec.Refuted && c.Kind != spec.Approximation {
			ps = append(ps, p)
		}
	}
	if len(ps) == 0 {
		panic(fmt.Sprintf("attest: no claim in the groups %v", groups))
	}
	p := ps[int(a.Claim)%len(ps)]
	return props.Run(p, im, oracle, props.Options{Cases: 1, Seed: uint64(a.Seed), Given: a.given()})
}

func inGroups(id spec.ID, groups []string) bool {
	for _, g := range groups {
		if strings.HasPrefix(string(id), g+"-") {
			return true
		}
	}
	return false
}
