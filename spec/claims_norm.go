package spec

var normClaims = []Claim{}
