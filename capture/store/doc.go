// Package store keeps the bytes of packets that cannot be read again from where
// they came: those of live captures, pipes, compressed files and labs.
//
// Both stores keep bytes in one sequence, in memory first and in a temporary
// file after that; they know nothing of packets. A reference is a position in
// the sequence.
package store
