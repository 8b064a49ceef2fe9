// Package props is the conformance kit: one property for each claim of package
// spec, for any implementation of its contracts. Run tries one property and
// returns a verdict; Properties lists them all.
//
// A property draws its case by name through a Trial, runs the implementation,
// and compares what it computed with an oracle, within a bound that is derived
// from the case. A verdict of Violated is a proof of fault, given the rounding
// that the implementation declares by its element type; Holds says only that no
// case among those tried told otherwise.
package props
