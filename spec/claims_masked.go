package spec

var maskedClaims = []Claim{}
