package mutant

var layerMutants = []Mutant{}
