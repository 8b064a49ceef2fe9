package precise

// one and two are shared constants; nothing writes to them.
var one, two = num(1), num(2)

// negligible reports whether term no longer changes sum.
func negligible(term, sum real) bool {
	return term.Sign() == 0 || sum.Sign() != 0 && term.MantExp(nil) < sum.MantExp(nil)-prec-8
}

// powers returns Σₖ cₖ·xᵏ for k ≥ 1 with coefficients given one by one.
func powers(x real, coefficient func(k int) real) real {
	sum, power := zero(), num(1)
	for k := 1; k < 4000; k++ {
		power = mul(power, x)
		term := mul(coefficient(k), power)
		sum = add(sum, term)
		if negligible(power, sum) {
			break
		}
	}
	return sum
}

// small reports whether |x| < 2⁻⁸, where functions that vanish at 0 are summed
// as series so that they keep their relative accuracy.
func small(x real) bool { return x.Sign() == 0 || x.MantExp(nil) < -8 }

// expm1 returns eˣ − 1.
func expm1(x real) real {
	if !small(x) {
		return sub(exp(x), one)
	}
	factorial := num(1)
	return powers(x, func(k int) real {
		factorial = mul(factorial, num(float64(k)))
		return quo(one, factorial)
	})
}

// log1p returns log(1+x).
func log1p(x real) real {
	if !small(x) {
		return log(add(one, x))
	}
	return powers(x, func(k int) real {
		if k%2 == 0 {
			return quo(num(-1), num(float64(k)))
		}
		return quo(one, num(float64(k)))
	})
}

// tanh returns (e²ˣ−1)/(e²ˣ+1).
func tanh(x real) real {
	if x.MantExp(nil) > 12 {
		return num(float64(x.Sign()))
	}
	m := expm1(mul(two, x))
	return quo(m, add(m, two))
}

// atan returns the arctangent: eight halvings of the angle, then the series.
func atan(x real) real {
	const halvings = 8
	for range halvings {
		x = quo(x, add(one, sqrt(add(one, mul(x, x)))))
	}
	s := powers(x, func(k int) real {
		switch k % 4 {
		case 1:
			return quo(one, num(float64(k)))
		case 3:
			return quo(num(-1), num(float64(k)))
		}
		return zero()
	})
	return zero().SetMantExp(s, halvings)
}

var piValue = mul(num(4), atan(num(1)))

// pi returns π.
func pi() real { return piValue }

// cos returns the cosine by its series; for |x| ≤ 2.
func cos(x real) real {
	sum, term := num(1), num(1)
	for k := 1; k < 200; k++ {
		term = neg(quo(mul(term, mul(x, x)), num(float64(2*k*(2*k-1)))))
		sum = add(sum, term)
	}
	return sum
}

// erfc returns the complementary error function: below 3 as 1 − erf by the
// series e^{−t²}·2/√π·Σ 2ᵏt^{2k+1}/(2k+1)!!, above by Laplace's continued
// fraction.
func erfc(t real) real {
	root := sqrt(pi())
	gauss := exp(neg(mul(t, t)))
	three := num(3)
	if less(three, t) {
		f := t
		for k := 600; k > 0; k-- {
			f = add(t, quo(num(float64(k)/2), f))
		}
		return quo(gauss, mul(root, f))
	}
	if less(t, neg(three)) {
		return sub(two, erfc(neg(t)))
	}
	sum, term := zero(), t
	for k := 1; k < 400; k++ {
		sum = add(sum, term)
		term = quo(mul(term, mul(two, mul(t, t))), num(float64(2*k+1)))
	}
	return sub(one, quo(mul(mul(two, gauss), sum), root))
}

// dilog returns Li₂(z) = Σ zᵏ/k² for 0 ≤ z ≤ 1.
func dilog(z real) real {
	sixth := quo(mul(pi(), pi()), num(6))
	rest := sub(one, z)
	switch {
	case rest.Sign() == 0:
		return sixth
	case less(num(0.5), z):
		return sub(sub(sixth, mul(log(z), log(rest))), dilog(rest))
	}
	return powers(z, func(k int) real { return quo(one, num(float64(k*k))) })
}
