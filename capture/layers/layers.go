// Package layers gives the link-to-transport field tree and the one-line
// summary of a packet that is shown. It is the only importer of gopacket.
package layers

import "netscope/capture"

// Node is a field of a packet's tree.
type Node struct {
	Name     string // Wireshark's field name ("ip.ttl"), may be empty
	Label    string // "Time to live"
	Value    string
	Doc      string // what it is for, two sentences at most, with the RFC section
	Off, Len int    // span in the packet's bytes
	Bad      bool
	Children []Node
}

// Tree is a packet's layers, outermost first.
type Tree struct {
	Layers []Node
	Err    string // decoding stopped here, and why
}

// Summary is a packet's line in a list.
type Summary struct {
	Src, Dst string // addresses, without ports
	Proto    string // "TCP", "ARP", …
	Info     string // "49152 → 80 [SYN] Seq=0 Win=64240 Len=0 MSS=1460"
}

// Decode gives the full tree. It never panics: what cannot be decoded is shown
// as bytes, with the reason in Err.
func Decode(link capture.LinkType, data []byte, length int) Tree { return Tree{} }

// Summarize gives the line for a list.
func Summarize(link capture.LinkType, data []byte, length int) Summary { return Summary{} }
