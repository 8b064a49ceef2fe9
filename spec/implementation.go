package spec

import (
	"fmt"
	"reflect"
	"strings"
)

// Implementation is one implementation of the operations that the law speaks
// of. A nil operation is one that it does not offer: the claims about it are
// then reported as Unsupported. Matrices are read and written through their
// views; every destination is written whole and comes first.
//
// The zero Matrix in place of weights A stands for the identity.
//
// Operands whose shapes do not fit, whose views do not fit their data, or of
// which a destination shares memory with an input are the caller's mistake: an
// operation panics with a constant text that begins with "attest: ", before it
// writes anything. Where its contract says so, a destination may be the input
// itself. Memory is compared as the range from a view's first element to its
// last.
type Implementation[T Float] struct {
	Name string

	// The energies and their steps.
	Interaction Interaction[T]
	Ridge       Ridge[T]
	Masked      Masked[T]
	Heads       Heads[T]
	Sphere      Sphere[T]
	Hopfield    Hopfield[T]
	FeedForward FeedForward[T]
	Prox        Prox[T]
	Alternating Alternating[T]
	Layer       Layer[T]
	Asymmetric  Asymmetric[T]

	// Energies are tried as energies of any kind: see Energy.
	Energies []Energy[T]

	// The Transformer's parts.
	Attention Attention[T]
	MultiHead MultiHead[T]
	Softmax   Softmax[T]
	LayerNorm LayerNorm[T]
	Linear    Linear[T]
	ReLU      ReLU[T]

	// Its further parts.
	LogSoftmax LogSoftmax[T]
	RMSNorm    RMSNorm[T]
	Rope       Rope[T]
	Gated      Gated[T]
	Positions  Positions[T]
	Residual   Residual[T]
	// Block is a whole layer of a Transformer. ComposedBlock declares that it is
	// computed by the very operations above, so that they compose to its bits.
	Block         Block[T]
	ComposedBlock bool
	// AttentionLSE and MergeAttention belong to attentions over parts of the keys.
	AttentionLSE   AttentionLSE[T]
	MergeAttention MergeAttention[T]
	// AttentionQK shows the products inside an attention.
	AttentionQK AttentionQK[T]
	// PagedAttention and CachedAttention work on caches of keys and values.
	PagedAttention  PagedAttention[T]
	CachedAttention CachedAttention[T]

	// AttentionBackward has the gradients of Attention. BackwardAbilities declares
	// which options it takes, BackwardProfile how it rounds.
	AttentionBackward AttentionBackward[T]
	BackwardAbilities BackwardAbilities
	BackwardProfile   Profile

	// AttentionAbilities declares which options Attention and the other forward
	// forms of it take.
	AttentionAbilities AttentionAbilities

	// Determinism declares what changes no bit of the results of Attention and of
	// the energies.
	Determinism Determinism

	// Profile declares how Attention rounds; its bounds are taken from it.
	Profile Profile
}

// Missing returns the operations among names, written "Interaction.Step" or
// "Attention", that the implementation does not offer. "Energies.Step" is
// missing when no energy declares it. It panics for a name that is no
// operation.
func (im *Implementation[T]) Missing(names ...string) []string {
	var missing []string
	for _, name := range names {
		if !offers(reflect.ValueOf(im).Elem(), strings.Split(name, "."), name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func offers(v reflect.Value, path []string, name string) bool {
	if len(path) == 0 {
		return !v.IsZero()
	}
	if v.Kind() == reflect.Slice {
		for k := range v.Len() {
			if offers(v.Index(k), path, name) {
				return true
			}
		}
		return false
	}
	field := v.FieldByName(path[0])
	if !field.IsValid() {
		panic(fmt.Sprintf("attest: %q is no operation of an Implementation", name))
	}
	return offers(field, path[1:], name)
}
