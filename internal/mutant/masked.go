package mutant

var maskedMutants = []Mutant{}
