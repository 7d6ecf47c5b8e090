// Package fork makes a second run out of a first: the same lab, parameters and
// seed, and one more action in the journal. It finds the action that hits just
// the packet that a person has chosen ([Hit]) or that changes parameters from a
// time on ([Changes]), writes actions as people type them ([Text], [Parse]), and
// compares the two timelines ([Compare]): that nothing differs before the
// action, and what differs after it.
//
// All of it is pure. The package must not know of screens, of child processes,
// or of the network.
package fork
