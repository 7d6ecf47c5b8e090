// Package fields turns the field trees of packets and of messages into one
// kind of tree, names every field by a path, and finds the field that covers
// a byte. It is shared by the views that show fields and bytes, so that both
// mean the same field by the same [view.FieldRef].
package fields

import (
	"strings"

	"netscope/capture/layers"
	"netscope/decoders"
	"netscope/tui/view"
)

// Node is a field of a packet or of a message.
type Node struct {
	Ref      view.FieldRef
	Label    string
	Value    string
	Doc      string
	Bad      bool
	Children []Node

	Bit, Bits int // of a field within bytes: see [decoders.Field]
	To, ToLen int // the span that it points to
}

// component is a field's part of a path: its name if it has one.
func component(name, label string) string {
	if name != "" {
		return name
	}
	return label
}

func join(parent, part string) string {
	if parent == "" {
		return part
	}
	return parent + "/" + part
}

// FromPacket makes a node of every layer.
func FromPacket(t layers.Tree) []Node {
	out := packetNodes(t.Layers, "")
	if t.Err != "" {
		out = append(out, Node{Label: "Not decoded further", Value: t.Err, Bad: true, Ref: view.FieldRef{Path: "error", Packet: true}})
	}
	return out
}

func packetNodes(ns []layers.Node, parent string) []Node {
	if len(ns) == 0 {
		return nil
	}
	out := make([]Node, len(ns))
	for i, n := range ns {
		p := join(parent, component(n.Name, n.Label))
		out[i] = Node{Ref: view.FieldRef{Path: p, Packet: true, Off: n.Off, Len: n.Len}, Label: n.Label, Value: n.Value, Doc: n.Doc, Bad: n.Bad, Children: packetNodes(n.Children, p)}
	}
	return out
}

// FromMessage makes a node of a message's tree.
func FromMessage(f decoders.Field) Node { return messageNode(f, "") }

func messageNode(f decoders.Field, parent string) Node {
	p := join(parent, component(f.Name, f.Label))
	n := Node{Ref: view.FieldRef{Path: p, Off: f.Off, Len: f.Len}, Label: f.Label, Value: f.Value, Doc: f.Doc, Bad: f.Bad,
		Bit: f.Bit, Bits: f.Bits, To: f.To, ToLen: f.ToLen}
	for _, c := range f.Children {
		n.Children = append(n.Children, messageNode(c, p))
	}
	return n
}

// Find is the node with this reference, or nil.
func Find(ns []Node, ref view.FieldRef) *Node {
	if ref.Path == "" {
		return nil
	}
	for i := range ns {
		n := &ns[i]
		if n.Ref == ref {
			return n
		}
		if n.Ref.Packet == ref.Packet && strings.HasPrefix(ref.Path, n.Ref.Path+"/") {
			if c := Find(n.Children, ref); c != nil {
				return c
			}
		}
	}
	return nil
}

// Smallest is the smallest field that covers the byte at off, or nil. Of two
// that are equally small the inner one is meant.
func Smallest(ns []Node, off int) *Node {
	var best *Node
	for i := range ns {
		n := &ns[i]
		if n.Ref.Len > 0 && off >= n.Ref.Off && off < n.Ref.Off+n.Ref.Len && (best == nil || n.Ref.Len <= best.Ref.Len) {
			best = n
		}
		if c := Smallest(n.Children, off); c != nil && (best == nil || c.Ref.Len <= best.Ref.Len) {
			best = c
		}
	}
	return best
}

// Reference is the last RFC (or other standard) that a text names, with its
// section: "RFC 9110 §15.3.1"; "" if it names none.
func Reference(doc string) string {
	i := strings.LastIndex(doc, "RFC ")
	if i < 0 {
		return ""
	}
	j := i + 4
	for j < len(doc) && doc[j] >= '0' && doc[j] <= '9' {
		j++
	}
	if j == i+4 {
		return ""
	}
	const sect = " §"
	k := j
	if k < len(doc) && doc[k] == ',' {
		k++
	}
	if rest := doc[k:]; strings.HasPrefix(rest, sect) {
		e := len(sect)
		for e < len(rest) && (rest[e] >= '0' && rest[e] <= '9' || rest[e] == '.' || rest[e] >= 'A' && rest[e] <= 'Z') {
			e++
		}
		return doc[i:j] + " §" + strings.TrimRight(rest[len(sect):e], ".")
	}
	return doc[i:j]
}
