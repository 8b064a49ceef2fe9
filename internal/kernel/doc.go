// Package kernel holds the inner loops of the float32 side, for each class of
// machine: vector instructions where there are any, Go everywhere else. Their
// callers check operands and divide the work; a kernel reads and writes exactly
// the elements that it is told to.
//
// The assembly is written by the module in _asm, so that what it needs stays out
// of this one: go generate in this folder rewrites every *_amd64.s and *_arm64.s. The build tag
// purego leaves all assembly out.
package kernel

//go:generate go run -C _asm . -dir ..
