package mutant

var attentionMutants = []Mutant{}
