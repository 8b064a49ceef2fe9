package spec

var softmaxClaims = []Claim{}
