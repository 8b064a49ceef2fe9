package vectors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
)

// test stores the tensors of a case and returns its test.
func (s *set) test(level string, c testCase) (Test, error) {
	results, err := c.expect()
	if err != nil {
		return Test{}, err
	}
	t := Test{ID: s.next, Comment: c.comment, Flags: c.flags, Tensors: map[string]Tensor{}, Options: struct{}{}}
	if c.merged == nil {
		t.Options = optionsOf(&c)
	}
	s.next++
	s.ids[c.comment] = t.ID
	if c.repeat {
		t.Relations = append(t.Relations, Relation{Type: "repeat"})
	}
	if c.like != "" {
		like, ok := s.ids[c.like]
		if !ok {
			return Test{}, fmt.Errorf("vectors: %q is like %q, which is no test before it", c.comment, c.like)
		}
		t.Relations = append(t.Relations, Relation{"sameBits", like})
	}
	store := func(name, typ string, shape []int, data []byte) {
		sum := sha256.Sum256(data)
		file := fmt.Sprintf("data/%s-%03d-%s.bin", level, t.ID, name)
		s.files[file] = data
		t.Tensors[name] = Tensor{file, typ, shape, hex.EncodeToString(sum[:])}
	}
	c.storeOperands(store)
	for _, r := range results {
		if r.bound == nil {
			store("expected"+r.name, "float32", r.shape, floats32(r.want))
			continue
		}
		store("expected"+r.name, "float64", r.shape, floats64(r.want))
		store("bound"+r.name, "float64", r.shape, floats64(r.bound))
	}
	return t, nil
}

// storeOperands stores what a case is given.
func (c *testCase) storeOperands(store func(name, typ string, shape []int, data []byte)) {
	numbers := func(name string, x tensor) { store(name, "float32", x.Shape[:], floats32(x.Data)) }
	if p := c.merged; p != nil {
		numbers("output1", p.o1)
		numbers("output2", p.o2)
		store("lse1", "float32", p.l1.Shape[:3], floats32(p.l1.Data))
		store("lse2", "float32", p.l2.Shape[:3], floats32(p.l2.Data))
		return
	}
	numbers("query", c.q)
	numbers("key", c.k)
	numbers("value", c.v)
	if c.past != nil {
		numbers("pastKey", c.past[0])
		numbers("pastValue", c.past[1])
	}
	if c.dOut != nil {
		numbers("dOut", *c.dOut)
	}
	if c.opt.Mask != nil {
		store("mask", "bool", c.maskAxes, bools(c.opt.Mask.Data))
	}
	if c.opt.Keep != nil {
		store("keep", "bool", c.keepAxes, bools(c.opt.Keep.Data))
	}
	if c.opt.Bias != nil {
		store("bias", "float32", c.biasAxes, single(c.opt.Bias.Data))
	}
	if c.opt.Sinks != nil {
		store("sinks", "float32", []int{c.q.Shape[1]}, single(c.opt.Sinks))
	}
	if c.opt.Slopes != nil {
		store("slopes", "float32", []int{c.q.Shape[1]}, single(c.opt.Slopes))
	}
}

func bools(x []bool) []byte {
	out := make([]byte, len(x))
	for k, e := range x {
		if e {
			out[k] = 1
		}
	}
	return out
}

func single(x []float32) []byte {
	wide := make([]float64, len(x))
	for k, e := range x {
		wide[k] = float64(e)
	}
	return floats32(wide)
}

// floats32 returns the numbers, which float32 holds exactly, as its bytes.
func floats32(x []float64) []byte {
	out := make([]byte, 0, 4*len(x))
	for _, e := range x {
		bits := math.Float32bits(float32(e))
		if math.IsNaN(e) {
			bits = 0x7fc00000 // whatever NaN is on this machine
		}
		out = binary.LittleEndian.AppendUint32(out, bits)
	}
	return out
}

func floats64(x []float64) []byte {
	out := make([]byte, 0, 8*len(x))
	for _, e := range x {
		bits := math.Float64bits(e)
		if math.IsNaN(e) {
			bits = 0x7ff8000000000000
		}
		out = binary.LittleEndian.AppendUint64(out, bits)
	}
	return out
}
