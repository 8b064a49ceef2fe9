package peer

import (
	"encoding/binary"
	"slices"
	"testing"

	"example.com/attest/internal/bench"
)

// fields returns the values of a field of a message: numbers, or bytes as text.
func fields(t *testing.T, m []byte, field uint64) (numbers []uint64, texts []string) {
	t.Helper()
	next := func() uint64 {
		x, n := binary.Uvarint(m)
		if n <= 0 {
			t.Fatalf("no number at % x", m)
		}
		m = m[n:]
		return x
	}
	for len(m) > 0 {
		key, x := next(), next()
		switch key & 7 {
		case 0:
			if key>>3 == field {
				numbers = append(numbers, x)
			}
		case 2:
			if key>>3 == field {
				texts = append(texts, string(m[:x]))
			}
			m = m[x:]
		default:
			t.Fatalf("no such kind of field: %d", key&7)
		}
	}
	return numbers, texts
}

// follow follows fields from message to message.
func follow(t *testing.T, m string, path ...uint64) string {
	t.Helper()
	for _, field := range path {
		_, texts := fields(t, []byte(m), field)
		if len(texts) == 0 {
			t.Fatalf("no field %d of %v", field, path)
		}
		m = texts[0]
	}
	return m
}

// TestModels reads the models again.
func TestModels(t *testing.T) {
	causal := bench.Case{Kind: bench.Attention, Batch: 1, Heads: 8, KeyHeads: 8, Queries: 300, Keys: 300, Channels: 64, Causal: true}
	grouped := bench.Case{Kind: bench.Attention, Batch: 1, Heads: 8, KeyHeads: 2, Queries: 1, Keys: 300, Channels: 64}
	product := bench.Case{Kind: bench.Product, Keys: 7}
	for _, c := range []struct {
		c    bench.Case
		want []string
	}{{product, []string{"MatMul"}}, {bench.Case{Kind: bench.Backward}, nil}, {causal, []string{"Attention", "MultiHeadAttention", "GroupQueryAttention"}}, {grouped, []string{"Attention"}}} {
		var names []string
		for _, m := range models(c.c) {
			names = append(names, m.name)
			node := follow(t, string(m.file), 7, 1)
			if got := follow(t, node, 4); got != m.name {
				t.Errorf("%s is the operator %s", m.name, got)
			}
			_, sets := fields(t, m.file, 8)
			domain := follow(t, node, 7)
			found := false
			for _, s := range sets {
				found = found || follow(t, s, 1) == domain
			}
			if !found {
				t.Errorf("%s: its domain %q has no version among %q", m.name, domain, sets)
			}
			if m.name != "Attention" {
				continue
			}
			shape := follow(t, string(m.file), 7, 11, 2, 1, 2)
			_, sizes := fields(t, []byte(shape), 1)
			var query []uint64
			for _, s := range sizes {
				n, _ := fields(t, []byte(s), 1)
				query = append(query, n...)
			}
			if want := []uint64{1, 8, uint64(c.c.Queries), 64}; !slices.Equal(query, want) {
				t.Errorf("queries of shape %v, want %v", query, want)
			}
			isCausal, _ := fields(t, []byte(follow(t, node, 5)), 3)
			if (isCausal[0] == 1) != c.c.Causal {
				t.Errorf("%s: is_causal is %v", c.c.Name(), isCausal)
			}
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s: models %v, want %v", c.c.Name(), names, c.want)
		}
	}
}
