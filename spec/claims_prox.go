package spec

var proxClaims = []Claim{}
