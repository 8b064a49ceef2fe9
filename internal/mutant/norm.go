package mutant

var normMutants = []Mutant{}
