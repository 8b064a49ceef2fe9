package mutant

var ridgeMutants = []Mutant{}
