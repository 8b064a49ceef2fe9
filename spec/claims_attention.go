package spec

var attentionClaims = []Claim{}
