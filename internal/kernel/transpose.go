package kernel

// transposed stores the transpose of rows×cols elements of src, whose rows lie
// stride elements apart; those of dst lie ld apart. The two share no memory. A
// block of packed operands is the most that one call should take.
func (l Level) transposed(dst []float32, ld int, src []float32, stride, rows, cols int) {
	r, c := l.transpose(dst, ld, src, stride, rows, cols)
	if c < cols && r > 0 {
		portableTranspose(dst[c*ld:], ld, src[c:], stride, r, cols-c)
	}
	if r < rows && cols > 0 {
		portableTranspose(dst[r:], ld, src[r*stride:], stride, rows-r, cols)
	}
}

// portableTranspose is the transpose in Go, four rows at a time.
func portableTranspose(dst []float32, ld int, src []float32, stride, rows, cols int) {
	i := 0
	for ; i+4 <= rows; i += 4 {
		s0, s1, s2, s3 := src[i*stride:][:cols], src[(i+1)*stride:][:cols], src[(i+2)*stride:][:cols], src[(i+3)*stride:][:cols]
		for j := range s0 {
			d := dst[j*ld+i:][:4]
			d[0], d[1], d[2], d[3] = s0[j], s1[j], s2[j], s3[j]
		}
	}
	for ; i < rows; i++ {
		for j, x := range src[i*stride:][:cols] {
			dst[j*ld+i] = x
		}
	}
}
