package mutant

var alternatingMutants = []Mutant{}
