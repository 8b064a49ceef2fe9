package spec

// Reference is an entry of the bibliography.
type Reference struct {
	Key  string
	Text string
}

// Bibliography lists every source that claims cite.
//
// The energy claims grew out of [yang2022]. Its published abstract and the
// authors' published code were read; its theorems were not at hand, so no claim
// says that the paper states it. Where a derivation is the project's own, the
// source is [attest], and docs/ has it.
var Bibliography = []Reference{
	{"attest", "Derived in this project; the derivation is in docs/ (theory.md, rounding.md, attention.md or block.md), in the section named."},
	{"yang2022", "Y. Yang, Z. Huang, D. Wipf. Transformers from an Optimization Perspective. NeurIPS 2022, arXiv:2205.13891 (abstract)."},
	{"yang2022code", "Published code of [yang2022], github.com/FFTYYY/Transformers-From-Optimization."},
	{"vaswani2017", "A. Vaswani et al. Attention Is All You Need. NeurIPS 2017, arXiv:1706.03762."},
	{"higham2002", "N. J. Higham. Accuracy and Stability of Numerical Algorithms, 2nd ed. SIAM 2002."},
	{"ramsauer2021", "H. Ramsauer et al. Hopfield Networks is All You Need. ICLR 2021, arXiv:2008.02217."},
	{"cheng1995", "Y. Cheng. Mean Shift, Mode Seeking, and Clustering. IEEE TPAMI 17(8), 1995."},
	{"carreira2006", "M. Á. Carreira-Perpiñán. Fast Nonparametric Clustering with Gaussian Blurring Mean-Shift. ICML 2006."},
	{"hunter2004", "D. R. Hunter, K. Lange. A Tutorial on MM Algorithms. The American Statistician 58(1), 2004."},
	{"bauschke2017", "H. H. Bauschke, P. L. Combettes. Convex Analysis and Monotone Operator Theory in Hilbert Spaces, 2nd ed. Springer 2017."},
	{"winston2020", "E. Winston, J. Z. Kolter. Monotone operator equilibrium networks. NeurIPS 2020, arXiv:2006.08591."},
	{"trefethen2013", "L. N. Trefethen. Approximation Theory and Approximation Practice. SIAM 2013."},
	{"milakov2018", "M. Milakov, N. Gimelshein. Online normalizer calculation for softmax. 2018, arXiv:1805.02867."},
	{"dao2022", "T. Dao et al. FlashAttention. NeurIPS 2022, arXiv:2205.14135."},
	{"dao2022code", "Published code of [dao2022], github.com/Dao-AILab/flash-attention: the interfaces of attention with variable lengths and with a cache."},
	{"blanchard2021", "P. Blanchard, D. J. Higham, N. J. Higham. Accurately computing the log-sum-exp and softmax functions. IMA J. Numer. Anal. 41(4), 2021, arXiv:1909.03469."},
	{"onnx", "ONNX operator specification, Attention, opset 23 to 25."},
	{"ba2016", "J. L. Ba, J. R. Kiros, G. E. Hinton. Layer Normalization. 2016, arXiv:1607.06450."},
	{"press2022", "O. Press, N. A. Smith, M. Lewis. Train Short, Test Long: Attention with Linear Biases. ICLR 2022, arXiv:2108.12409."},
	{"srivastava2014", "N. Srivastava et al. Dropout: A Simple Way to Prevent Neural Networks from Overfitting. JMLR 15, 2014."},
	{"xiao2024", "G. Xiao et al. Efficient Streaming Language Models with Attention Sinks. ICLR 2024, arXiv:2309.17453."},
	{"xiong2020", "R. Xiong et al. On Layer Normalization in the Transformer Architecture. ICML 2020, arXiv:2002.04745."},
	{"zhang2019", "B. Zhang, R. Sennrich. Root Mean Square Layer Normalization. NeurIPS 2019, arXiv:1910.07467."},
	{"su2024", "J. Su et al. RoFormer: Enhanced Transformer with Rotary Position Embedding. Neurocomputing 568, 2024, arXiv:2104.09864."},
	{"shazeer2020", "N. Shazeer. GLU Variants Improve Transformer. 2020, arXiv:2002.05202."},
	{"hendrycks2016", "D. Hendrycks, K. Gimpel. Gaussian Error Linear Units (GELUs). 2016, arXiv:1606.08415."},
	{"he2016", "K. He, X. Zhang, S. Ren, J. Sun. Identity Mappings in Deep Residual Networks. ECCV 2016, arXiv:1603.05027."},
}
