package main

import (
	"context"

	"example.com/attest/energy"
	"example.com/attest/internal/bench"
	"example.com/attest/internal/kernel"
	"example.com/attest/internal/peer"
	"example.com/attest/internal/suite"
	"example.com/attest/spec"
	"example.com/attest/transformer"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// entries returns this project's levels, gonum, and the peers that start from the
// folder of the flags; end stops these.
func (f *benchFlags) entries(ctx context.Context) (in []bench.Entry, missing []bench.Missing, end func()) {
	in = append(ownEntries(0), bench.Entry{Name: "gonum", Peer: true, Contestant: &bench.Local{Make: gonumContestant}})
	var running []*peer.Process
	if f.peers != "" {
		for _, p := range peer.Peers {
			process, err := p.Start(ctx, f.peers)
			if err != nil {
				missing = append(missing, bench.Missing{Name: p.Name, Err: err})
				continue
			}
			running = append(running, process)
			in = append(in, bench.Entry{Name: p.Name, Peer: true, Contestant: process})
		}
	}
	return in, missing, func() {
		for _, p := range running {
			p.Close()
		}
	}
}

// ownEntries returns this project's levels on that many threads; 0 is as many as
// a case says.
func ownEntries(threads int) []bench.Entry {
	var out []bench.Entry
	for _, level := range kernel.Levels() {
		out = append(out, bench.Entry{Name: level.String(), Threads: threads, Contestant: &bench.Local{Threads: threads, Make: ownContestant(level)}})
	}
	return out
}

// onOneThread returns what a case on several threads is compared with.
func onOneThread() []bench.Entry { return ownEntries(1) }

// ownContestant computes with the inner loops of a level.
func ownContestant(level kernel.Level) func(bench.Case, *bench.Operands) (func(), []float32) {
	im, _ := suite.Float32At(level)
	return func(c bench.Case, x *bench.Operands) (func(), []float32) {
		dst := spec.NewTensor[float32](c.Batch, c.Heads, c.Queries, c.Channels)
		out, query, key, opt := flat(dst), flat(x.Query), flat(x.Key), c.Options()
		switch c.Kind {
		case bench.Backward:
			lse := spec.NewTensor[float32](c.Batch, c.Heads, c.Queries, 1)
			im.AttentionLSE(dst, lse, x.Query, x.Key, x.Value, opt)
			gradients, all := joinedGradients(x, opt)
			b := transformer.NewBackward(level.Backward())
			return func() { b.AttendBackwardFrom(gradients, x.Gradient, dst, lse, x.Query, x.Key, x.Value, opt) }, all
		case bench.Product:
			return func() { im.Linear(out, query, key, nil) }, dst.Data
		case bench.Energy:
			gradient := spec.NewMatrix[float32](query.Rows, query.Cols)
			m := energy.Machine{Level: level}
			return func() { m.InteractionDescent(out, gradient, query, spec.Matrix[float32]{}, 1) }, dst.Data
		}
		return func() { im.Attention.Attend(dst, x.Query, x.Key, x.Value, opt) }, dst.Data
	}
}

// joinedGradients returns gradients whose data follow one another in all.
func joinedGradients(x *bench.Operands, opt *spec.AttentionOptions) (g spec.AttentionGradients[float32], all []float32) {
	g = spec.NewAttentionGradients(x.Query, x.Key, x.Value, opt)
	queries, keys := len(g.Query.Data), len(g.Key.Data)
	all = make([]float32, queries+2*keys)
	g.Query.Data, g.Key.Data, g.Value.Data = all[:queries], all[queries:queries+keys], all[queries+keys:]
	return g, all
}

// gonumContestant computes with gonum's products.
func gonumContestant(c bench.Case, x *bench.Operands) (func(), []float32) {
	im, _ := suite.Gonum()
	switch c.Kind {
	case bench.Attention:
		dst, opt := spec.NewTensor[float32](c.Batch, c.Heads, c.Queries, c.Channels), c.Options()
		return func() { im.Attention.Attend(dst, x.Query, x.Key, x.Value, opt) }, dst.Data
	case bench.Product:
		dst := spec.NewMatrix[float32](c.Keys, c.Keys)
		return func() {
			blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, blas32.General(flat(x.Query)), blas32.General(flat(x.Key)), 0, blas32.General(dst))
		}, dst.Data
	}
	return nil, nil
}

// flat returns all rows of a tensor without gaps as one matrix.
func flat(t spec.Tensor[float32]) spec.Matrix[float32] {
	d := t.Shape[3]
	return spec.Matrix[float32]{Rows: len(t.Data) / d, Cols: d, Stride: d, Data: t.Data}
}
