package spec

var headsClaims = []Claim{}
