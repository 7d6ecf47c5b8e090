package layers

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// box collects the fields of one layer. A field that lies beyond the captured
// bytes is left out, so renderers need not check lengths.
type box struct {
	b    []byte // the layer's bytes, payload included
	off  int    // where they start in the packet
	kids []Node
}

func (s step) box() *box { return &box{b: s.b, off: s.off} }

// put adds a field of n bytes at off within the layer. The returned node is
// valid until the next put; for a field that is not there it is a scratch node.
func (x *box) put(name, label, value string, off, n int) *Node {
	if off < 0 || n < 0 || off+n > len(x.b) {
		return &Node{}
	}
	x.kids = append(x.kids, Node{
		Name: name, Label: label, Value: value, Doc: docs[name], Off: x.off + off, Len: n,
	})
	return &x.kids[len(x.kids)-1]
}

// putf is put with a formatted value.
func (x *box) putf(name, label string, off, n int, format string, args ...any) *Node {
	return x.put(name, label, fmt.Sprintf(format, args...), off, n)
}

// bit adds a child for one or more bits of a field, drawn as Wireshark does:
// the bits' place as a label, and Set or Not set.
func (n *Node) bit(name, label string, v, mask uint64, width int) {
	value := "Not set"
	if v&mask != 0 {
		value = "Set"
	}
	n.bits(name, label, value, v, mask, width)
}

// bits is bit for a part whose value is more than set or not.
func (n *Node) bits(name, label, value string, v, mask uint64, width int) {
	n.Children = append(n.Children, Node{
		Name: name, Label: bitPattern(v, mask, width) + " = " + label, Value: value,
		Doc: docs[name], Off: n.Off, Len: n.Len,
	})
}

// bitPattern draws the bits of v under mask, and dots for the others, in groups
// of four: "..1. ....".
func bitPattern(v, mask uint64, width int) string {
	var s strings.Builder
	for i := width - 1; i >= 0; i-- {
		switch m := uint64(1) << i; {
		case mask&m == 0:
			s.WriteByte('.')
		case v&m != 0:
			s.WriteByte('1')
		default:
			s.WriteByte('0')
		}
		if i%4 == 0 && i > 0 {
			s.WriteByte(' ')
		}
	}
	return s.String()
}

// node finishes the layer: span is the header without the payload.
func (x *box) node(s step, label, value string) Node {
	if s.err != "" {
		value = strings.TrimSpace(value + " [malformed]")
	}
	return Node{
		Name: protoTable[s.proto].name, Label: label, Value: value, Doc: docs[protoTable[s.proto].name],
		Off: s.off, Len: min(s.head, len(s.b)), Bad: s.err != "", Children: x.kids,
	}
}

// be8, be16 and be32 read big-endian numbers; beyond the end they are 0.
func be8(b []byte, i int) uint8 {
	if i < 0 || i >= len(b) {
		return 0
	}
	return b[i]
}

func be16(b []byte, i int) uint16 {
	if i < 0 || i+2 > len(b) {
		return 0
	}
	return binary.BigEndian.Uint16(b[i:])
}

func be32(b []byte, i int) uint32 {
	if i < 0 || i+4 > len(b) {
		return 0
	}
	return binary.BigEndian.Uint32(b[i:])
}

// cut is b[i:i+n], shortened where b ends.
func cut(b []byte, i, n int) []byte {
	if i < 0 || n < 0 || i > len(b) {
		return nil
	}
	return b[i:min(i+n, len(b))]
}

func mac(b []byte, i int) string { return net.HardwareAddr(cut(b, i, 6)).String() }

func ip4(b []byte, i int) string {
	if a, ok := netip.AddrFromSlice(cut(b, i, 4)); ok {
		return a.String()
	}
	return "?"
}

// ip6 writes an address as Wireshark does: mapped addresses stay in dotted form.
func ip6(b []byte, i int) string {
	if a, ok := netip.AddrFromSlice(cut(b, i, 16)); ok {
		return a.String()
	}
	return "?"
}

func byteCount(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprintf("%d bytes", n)
}

// hexBytes writes at most 24 bytes in hexadecimal.
func hexBytes(b []byte) string {
	const most = 24
	if len(b) > most {
		return fmt.Sprintf("%x…", b[:most])
	}
	return fmt.Sprintf("%x", b)
}
