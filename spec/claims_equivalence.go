package spec

var equivalenceClaims = []Claim{}
