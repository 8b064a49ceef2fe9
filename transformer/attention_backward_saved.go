package transformer

import (
	"example.com/attest/spec"
)

// AttendBackwardFrom is AttendBackward for whoever kept what AttendLSE stored: the
// output and its log-sum-exps take the place of the first pass, D being dOut·O.
// Operands that do not fit panic as spec.CheckAttentionBackward and
// spec.CheckSaved say.
func AttendBackwardFrom(dst spec.AttentionGradients[float32], dOut, out, lse, q, k, v spec.Tensor[float32], opt *spec.AttentionOptions) {
	spec.CheckAttentionBackward(dst, dOut, q, k, v, opt)
	spec.CheckSaved(dst, dOut, out, lse)
	newBackwardCall(dst, dOut, q, k, v, opt).run(func(s *backwardTile, job int) {
		b, h, i0 := s.queries(job)
		s.loadQueries(b, h, i0)
		for r := range s.count {
			row := s.row(b, h, i0+r)
			row.top, row.inverse = lse.At(b, h, i0+r, 0), 1
			for c, x := range s.outs[r*s.dValue:][:s.dValue] {
				row.mean += x * out.At(b, h, i0+r, c)
			}
			row.seen = s.sees(i0 + r)
		}
	})
}

// sees reports whether query i of the head at hand may attend to some key.
func (s *backwardTile) sees(i int) bool {
	lo, hi := s.opt.KeyRange(s.b, i, s.k.Shape[2])
	for j := lo; j < hi; j++ {
		if s.opt.Allowed(s.b, s.h, i, j) {
			return true
		}
	}
	return false
}
