package main

import "example.com/attest/spec"

// complete fills the operations that an implementation does not offer yet with
// their literal formulas.
func complete[T spec.Float](im *spec.Implementation[T]) *spec.Implementation[T] {
	if im.Layer.Step == nil {
		im.Layer.Step = func(dst, y, a, w, b spec.Matrix[T], eta1, eta2 T, relu bool) {
			u := spec.NewMatrix[T](y.Rows, y.Cols)
			im.Interaction.Step(u, y, a, eta1)
			for i := range y.Rows {
				for j := range y.Cols {
					g := u.At(i, j) - b.At(i, j)
					for k := range y.Cols {
						g += u.At(i, k) * w.At(j, k)
					}
					x := u.At(i, j) - eta2*g
					if relu {
						x = max(x, 0)
					}
					dst.Set(i, j, x)
				}
			}
		}
	}
	return im
}
