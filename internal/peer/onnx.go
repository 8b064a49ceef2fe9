package peer

import (
	"encoding/binary"

	"example.com/attest/internal/bench"
)

// model is a way to ask ONNX Runtime for attention. Its operands are q, k, v and
// out, in the order batch, head, token, channel; those whose name ends in _rows
// have the order batch, token, head, channel with the last two joined.
type model struct {
	name string
	file []byte
}

// own is the domain of ONNX Runtime's own operators.
const own = "com.microsoft"

// models returns every way there is for the case, none for the backward pass; the
// peer takes the fastest.
//
// MultiHeadAttention and GroupQueryAttention are ONNX Runtime's own operators,
// Attention is that of ONNX since operator set 23.
func models(c bench.Case) []model {
	b, h, g := int64(c.Batch), int64(c.Heads), int64(c.KeyHeads)
	m, n, d := int64(c.Queries), int64(c.Keys), int64(c.Channels)
	switch c.Kind {
	case bench.Product:
		square := []int64{n, n}
		return []model{{"MatMul", graph{"MatMul", "", []value{{"q", float, square}, {"k", float, square}}, []value{{"out", float, square}}, nil}.encode()}}
	case bench.Attention:
	default:
		return nil
	}
	causal := int64(0)
	if c.Causal {
		causal = 1
	}
	q, k, v := value{"q", float, []int64{b, h, m, d}}, value{"k", float, []int64{b, g, n, d}}, value{"v", float, []int64{b, g, n, d}}
	out := value{"out", float, []int64{b, h, m, d}}
	rows := func(x value, heads, tokens int64) value {
		return value{x.name + "_rows", float, []int64{b, tokens, heads * d}}
	}
	all := []model{{"Attention", graph{"Attention", "", []value{q, k, v}, []value{out}, []attribute{integer("is_causal", causal)}}.encode()}}
	if h == g {
		all = append(all, model{"MultiHeadAttention", graph{"MultiHeadAttention", own,
			[]value{rows(q, h, m), k, v}, []value{rows(out, h, m)},
			[]attribute{integer("num_heads", h), integer("unidirectional", causal)}}.encode()})
	}
	if c.Causal && m == n { // its mask is always causal
		all = append(all, model{"GroupQueryAttention", graph{"GroupQueryAttention", own,
			[]value{rows(q, h, m), rows(k, g, n), rows(v, g, n), {}, {}, {"last", int32s, []int64{b}}, {"tokens", int32s, []int64{1}}},
			[]value{rows(out, h, m), {"keys", float, []int64{b, g, n, d}}, {"values", float, []int64{b, g, n, d}}},
			[]attribute{integer("num_heads", h), integer("kv_num_heads", g)}}.encode()})
	}
	return all
}

// value is an input or output; one without a name is left out.
type value struct {
	name  string
	kind  uint64
	shape []int64
}

// The kinds of element, as TensorProto.DataType numbers them.
const (
	float  = 1
	int32s = 6
)

type attribute struct {
	name string
	i    int64
}

func integer(name string, i int64) attribute { return attribute{name, i} }

// graph is a model of one operator.
type graph struct {
	operator, domain string
	inputs, outputs  []value
	attributes       []attribute
}

// The numbers of fields are those of onnx.proto.
const (
	modelIRVersion, modelGraph, modelOperatorSet          = 1, 7, 8
	graphNode, graphName, graphInput, graphOutput         = 1, 2, 11, 12
	nodeInput, nodeOutput, nodeOperator, nodeDomain       = 1, 2, 4, 7
	nodeAttribute                                         = 5
	attributeName, attributeInteger, attributeType        = 1, 3, 20
	valueName, valueType                                  = 1, 2
	typeTensor, tensorKind, tensorShape                   = 1, 1, 2
	shapeDimension, dimensionSize                         = 1, 1
	operatorSetDomain, operatorSetVersion                 = 1, 2
	irVersion, operatorSet, ownOperatorSet, typeOfInteger = 11, 23, 1, 2
)

// encode returns the model in the wire format of protocol buffers.
func (g graph) encode() []byte {
	var node, body, file message
	for _, x := range g.inputs {
		node.text(nodeInput, x.name)
		if x.name != "" {
			body.bytes(graphInput, x.encode())
		}
	}
	for _, x := range g.outputs {
		node.text(nodeOutput, x.name)
		body.bytes(graphOutput, x.encode())
	}
	node.text(nodeOperator, g.operator)
	node.text(nodeDomain, g.domain)
	for _, a := range g.attributes {
		var m message
		m.text(attributeName, a.name)
		m.number(attributeInteger, uint64(a.i))
		m.number(attributeType, typeOfInteger)
		node.bytes(nodeAttribute, m)
	}
	body.bytes(graphNode, node)
	body.text(graphName, g.operator)
	file.number(modelIRVersion, irVersion)
	file.bytes(modelGraph, body)
	for _, set := range []struct {
		domain  string
		version uint64
	}{{"", operatorSet}, {own, ownOperatorSet}} {
		var m message
		m.text(operatorSetDomain, set.domain)
		m.number(operatorSetVersion, set.version)
		file.bytes(modelOperatorSet, m)
	}
	return file
}

func (x value) encode() []byte {
	var shape, tensor, kind, out message
	for _, n := range x.shape {
		var size message
		size.number(dimensionSize, uint64(n))
		shape.bytes(shapeDimension, size)
	}
	tensor.number(tensorKind, x.kind)
	tensor.bytes(tensorShape, shape)
	kind.bytes(typeTensor, tensor)
	out.text(valueName, x.name)
	out.bytes(valueType, kind)
	return out
}

// message is a protocol buffer that fields are added to.
type message []byte

// number adds a field that is a number.
func (m *message) number(field int, x uint64) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3)
	*m = binary.AppendUvarint(*m, x)
}

// bytes adds a field that is bytes or another message.
func (m *message) bytes(field int, x []byte) {
	*m = binary.AppendUvarint(*m, uint64(field)<<3|2)
	*m = binary.AppendUvarint(*m, uint64(len(x)))
	*m = append(*m, x...)
}

func (m *message) text(field int, x string) { m.bytes(field, []byte(x)) }
