package mutant

var sphereMutants = []Mutant{}
