package mutant

var asymmetricMutants = []Mutant{}
