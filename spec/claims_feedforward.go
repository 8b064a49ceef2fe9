package spec

var feedForwardClaims = []Claim{}
