package spec

var layerClaims = []Claim{}
