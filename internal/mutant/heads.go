package mutant

var headsMutants = []Mutant{}
