package spec

var linearClaims = []Claim{}
