package mutant

var equivalenceMutants = []Mutant{}
