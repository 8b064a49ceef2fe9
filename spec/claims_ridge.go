package spec

var ridgeClaims = []Claim{}
