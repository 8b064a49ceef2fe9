package spec

var energyClaims = []Claim{}
