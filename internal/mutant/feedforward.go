package mutant

var feedForwardMutants = []Mutant{}
