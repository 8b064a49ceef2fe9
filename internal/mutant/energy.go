package mutant

var energyMutants = []Mutant{}
