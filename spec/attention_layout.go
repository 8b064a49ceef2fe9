package spec

// HeadsOf returns the view of data, batch×tokens×(heads·channels) numbers without
// gaps, as a tensor: the channels of a head lie next to one another and head h
// begins at channel h·channels of its token. It shares memory with data, and
// panics if that is shorter.
func HeadsOf[T Float](data []T, batch, tokens, heads, channels int) Tensor[T] {
	width := heads * channels
	t := Tensor[T]{Data: data, Shape: [4]int{batch, heads, tokens, channels}, Stride: [4]int{tokens * width, channels, width, 1}}
	t.Check("data")
	return t
}
