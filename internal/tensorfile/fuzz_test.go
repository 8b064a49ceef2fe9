package tensorfile_test

import (
	"bytes"
	"testing"

	"example.com/attest/internal/tensorfile"
)

// FuzzNPY reads a .npy file of any header and data: no panic, memory within the
// allowance, and what is read can be written and read again.
func FuzzNPY(f *testing.F) {
	f.Add(uint8(1), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", floats(1, 2))
	f.Add(uint8(2), "{'shape': (1, 2), 'descr': '<f8', 'fortran_order': True}", floats(1))
	f.Add(uint8(3), "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (99999999, 1)}", floats())
	f.Fuzz(func(t *testing.T, major uint8, head string, data []byte) {
		file := npyFile(major, head, data)
		var tensor tensorfile.Named
		var err error
		used := memory(func() { tensor.Matrix, err = tensorfile.ReadNPY(bytes.NewReader(file)) })
		if bound := allowance(len(file)); used > bound {
			t.Errorf("allocated %d bytes, bound %d", used, bound)
		}
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := tensorfile.WriteNPY(&again, tensor.Matrix); err != nil {
			t.Fatal(err)
		}
		got, err := tensorfile.ReadNPY(&again)
		if err != nil {
			t.Fatal(err)
		}
		same(t, got, tensor.Matrix)
	})
}

// FuzzSafetensors does the same for .safetensors; lie is what the header claims
// beyond its length.
func FuzzSafetensors(f *testing.F) {
	f.Add(uint64(0), `{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}`, floats(1, 2))
	f.Add(uint64(0), `{"b":{"dtype":"F32","shape":[1,1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"__metadata__":{"k":"v"}}`, floats(1, 2))
	f.Add(uint64(1<<63), `{"a":{}}`, floats())
	f.Add(uint64(8), `{"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,9223372036854775807]}}`, floats(1))
	f.Fuzz(func(t *testing.T, lie uint64, head string, data []byte) {
		file := safetensorsFile(lie, head, data)
		var tensors []tensorfile.Named
		var err error
		used := memory(func() { tensors, err = tensorfile.ReadSafetensors(bytes.NewReader(file)) })
		if bound := allowance(len(file)); used > bound {
			t.Errorf("allocated %d bytes, bound %d", used, bound)
		}
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := tensorfile.WriteSafetensors(&again, tensors); err != nil {
			t.Fatal(err)
		}
		got, err := tensorfile.ReadSafetensors(&again)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tensors {
			same(t, got[i].Matrix, tensors[i].Matrix)
		}
	})
}
