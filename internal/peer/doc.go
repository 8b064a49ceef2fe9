// Package peer runs other people's implementations of attention, each in a
// process of its own, as contestants of a bench. The programs in source are ours:
// they call the library, time it and speak the protocol of Process.
package peer
