package spec

var alternatingClaims = []Claim{}
