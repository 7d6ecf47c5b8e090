// Package layers gives the link-to-transport field tree and the one-line
// summary of a packet that is shown. It is the only importer of gopacket.
//
// gopacket finds the layers, one at a time and behind a recover; what it cannot
// do (Linux cooked v2, PPPoE cut short, …) is done here. The fields and their
// spans are read from each layer's bytes, so a header that is cut short still
// shows the fields that are there.
//
// The package knows single packets only: no connections, no reassembly, no
// application protocols, no clock.
package layers

import (
	"fmt"

	"netscope/capture"
)

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
// as bytes, with the reason in Err. length is the packet's length on the wire;
// sequence numbers are absolute, since one packet knows no others.
func Decode(link capture.LinkType, data []byte, length int) (t Tree) {
	w := walkPacket(link, data, length)
	defer func() {
		if r := recover(); r != nil {
			t.Layers = append(t.Layers, rawNode(w, fmt.Sprintf("Undecoded (%s)", link)))
			t.Err = fmt.Sprintf("cannot show this packet's fields: %v", r)
		}
	}()
	t.Layers = w.render()
	t.Err = w.err
	return t
}

// Summarize gives the line for a list. It never panics.
func Summarize(link capture.LinkType, data []byte, length int) (s Summary) {
	defer func() {
		if r := recover(); r != nil {
			s = Summary{Proto: link.String(), Info: fmt.Sprintf("undecodable: %v", r)}
		}
	}()
	return walkPacket(link, data, length).summarize()
}

func rawNode(w *walk, label string) Node {
	return Node{Label: label, Value: byteCount(len(w.data)), Off: 0, Len: len(w.data), Bad: true}
}
