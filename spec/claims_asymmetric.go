package spec

var asymmetricClaims = []Claim{}
