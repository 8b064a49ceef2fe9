package spec

// Determinism declares what changes no bit of an attention's results, beyond what
// every Attention holds: a call repeated, views with other strides, whatever
// hidden keys hold. Each says that neither the order in which the sums of a row
// are added nor how its keys are divided depends on the thing named. The fields
// up to Channels are about Attention. What a
// kernel is not built for it leaves out: claims about it are then not tried, and
// the results need only agree within their bounds.
type Determinism struct {
	Threads    bool // GOMAXPROCS at the time of the call
	Concurrent bool // other calls at the same time
	Batch      bool // how many other elements the batch has, and which
	Heads      bool // the other heads, and how many query heads share a key head
	Queries    bool // how many other queries there are, and which
	Position   bool // the place of an element in the batch, of a query among queries
	Prefix     bool // tokens that the causal rule hides
	Cache      bool // how many of the tokens are new, the others being past
	Values     bool // the other channels of the values
	Rules      bool // whether causal rule, window and lengths say what is allowed, or a mask
	Padding    bool // keys behind the last that any query may see
	Absent     bool // masked keys among the others
	Deaf       bool // whether other queries may see any key
	Channels   bool // more channels behind the others, zero in the queries

	// Of the results of attention's other forms.
	Packed    bool // other packed sequences, and where a sequence lies among them
	PageOrder bool // which pages have the tokens, and whether one page serves several places
	PageSize  bool // how many slots a page has
	Pages     bool // whether keys and values are in pages or in tensors
	Present   bool // whether past keys and values are apart from new ones

	// Of the gradients of attention.
	GradientThreads    bool // GOMAXPROCS at the time of the call
	GradientConcurrent bool // other calls at the same time
	GradientBatch      bool // how many other elements the batch has, and which
	GradientHeads      bool // the other heads of keys and the query heads that use them

	// Of the results of layers.
	Parts  bool // of linear layers, multi-head attention and blocks: GOMAXPROCS at the time of the call
	Memory bool // of multi-head attention: rows of the memory behind the last that any token may see
	Steps  bool // of blocks with a cache: how many of the tokens come in one call

	Energies bool // of the energies' results: GOMAXPROCS at the time of the call
}

// AllDeterminism declares everything.
func AllDeterminism() Determinism {
	return Determinism{Threads: true, Concurrent: true, Batch: true, Heads: true, Queries: true, Position: true,
		Prefix: true, Cache: true, Values: true, Rules: true, Padding: true, Absent: true, Deaf: true, Channels: true,
		Packed: true, PageOrder: true, PageSize: true, Pages: true, Present: true,
		GradientThreads: true, GradientConcurrent: true, GradientBatch: true, GradientHeads: true,
		Parts: true, Memory: true, Steps: true, Energies: true}
}
