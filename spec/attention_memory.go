package spec

// holds reports whether the options of an attention of the given sizes hold some
// of the elements of out.
func holds[T any](o *AttentionOptions, batch, heads, queries int, out []T) bool {
	in := func(mask *Mask) bool { return inGrid(mask, batch, heads, queries, out) }
	if in(o.Mask) || in(o.Keep) || inGrid(o.Bias, batch, heads, queries, out) || shared(o.Sinks, out) || shared(o.Slopes, out) {
		return true
	}
	s := o.Sequences
	return shared(o.KeyLengths, out) || shared(o.Offsets, out) || s != nil && (shared(s.Queries, out) || shared(s.Keys, out))
}

// inGrid reports whether the view of a grid, nil for none, meets out.
func inGrid[E, T any](g *Grid[E], batch, heads, queries int, out []T) bool {
	return g != nil && meet(g.Data, g.span(batch, heads, queries), out, len(out))
}

func shared[A, B any](a []A, b []B) bool { return meet(a, len(a), b, len(b)) }
