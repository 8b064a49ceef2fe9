package spec

var sphereClaims = []Claim{}
