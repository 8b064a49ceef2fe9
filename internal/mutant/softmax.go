package mutant

var softmaxMutants = []Mutant{}
