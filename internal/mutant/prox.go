package mutant

var proxMutants = []Mutant{}
