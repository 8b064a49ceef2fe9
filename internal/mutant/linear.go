package mutant

var linearMutants = []Mutant{}
