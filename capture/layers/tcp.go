package layers

import (
	"fmt"
	"strings"
)

// tcpFlags are the flags from the highest bit down, as Wireshark names them.
// short is how the list writes them.
var tcpFlags = [9]struct {
	mask               uint16
	name, label, short string
}{
	{0x100, "tcp.flags.ae", "Accurate ECN", "AE"},
	{0x080, "tcp.flags.cwr", "Congestion Window Reduced", "CWR"},
	{0x040, "tcp.flags.ece", "ECN-Echo", "ECE"},
	{0x020, "tcp.flags.urg", "Urgent", "URG"},
	{0x010, "tcp.flags.ack", "Acknowledgment", "ACK"},
	{0x008, "tcp.flags.push", "Push", "PSH"},
	{0x004, "tcp.flags.reset", "Reset", "RST"},
	{0x002, "tcp.flags.syn", "Syn", "SYN"},
	{0x001, "tcp.flags.fin", "Fin", "FIN"},
}

// flagWords writes the flags as Wireshark's list does: lowest bit first.
func flagWords(flags uint16) string {
	var w []string
	for i := len(tcpFlags) - 1; i >= 0; i-- {
		if flags&tcpFlags[i].mask != 0 {
			w = append(w, tcpFlags[i].short)
		}
	}
	if flags&0xe00 != 0 {
		w = append(w, "Reserved")
	}
	if w == nil {
		return "<None>"
	}
	return strings.Join(w, ", ")
}

func renderTCP(s, net step) Node {
	x := s.box()
	b := s.b
	src, dst := be16(b, 0), be16(b, 2)
	hl := int(be8(b, 12)>>4) * 4
	flags := be16(b, 12) & 0xfff
	x.putf("tcp.srcport", "Source Port", 0, 2, "%d", src)
	x.putf("tcp.dstport", "Destination Port", 2, 2, "%d", dst)
	x.putf("tcp.seq_raw", "Sequence Number (raw)", 4, 4, "%d", be32(b, 4))
	x.putf("tcp.ack_raw", "Acknowledgment number (raw)", 8, 4, "%d", be32(b, 8))
	n := x.putf("tcp.hdr_len", "Header Length", 12, 1, "%d bytes (%d)", hl, hl/4)
	if hl < 20 || hl > s.wire {
		n.Bad = true
	}
	f := x.putf("tcp.flags", "Flags", 12, 2, "0x%03x (%s)", flags, flagWords(flags))
	f.bit("tcp.flags.res", "Reserved", uint64(be16(b, 12)&0xfff), 0xe00, 12)
	for _, t := range tcpFlags {
		f.bit(t.name, t.label, uint64(flags), uint64(t.mask), 12)
	}
	x.putf("tcp.window_size_value", "Window", 14, 2, "%d", be16(b, 14))
	transportChecksum(s, net, 6, 16).put(x, "tcp.checksum", "Checksum", 16)
	u := x.putf("tcp.urgent_pointer", "Urgent Pointer", 18, 2, "%d", be16(b, 18))
	if be16(b, 18) != 0 && flags&0x20 == 0 {
		u.Value += " [ignored: URG is not set]"
	}
	if hl > 20 && len(b) > 20 {
		putTCPOptions(x, min(hl, len(b)), hl)
	}
	return x.node(s, "Transmission Control Protocol",
		fmt.Sprintf("%d → %d [%s] Seq=%d Len=%d", src, dst, flagWords(flags), be32(b, 4), max(s.wire-hl, 0)))
}

// tcpInfo is a segment's line in a list.
func tcpInfo(s step) string {
	b := s.b
	flags := be16(b, 12) & 0xfff
	hl := int(be8(b, 12)>>4) * 4
	if len(b) < 20 {
		return fmt.Sprintf("%d → %d [truncated]", be16(b, 0), be16(b, 2))
	}
	var w strings.Builder
	fmt.Fprintf(&w, "%d → %d [%s] Seq=%d", be16(b, 0), be16(b, 2), flagWords(flags), be32(b, 4))
	if flags&0x10 != 0 {
		fmt.Fprintf(&w, " Ack=%d", be32(b, 8))
	}
	fmt.Fprintf(&w, " Win=%d", be16(b, 14))
	if flags&0x20 != 0 {
		fmt.Fprintf(&w, " Urg=%d", be16(b, 18))
	}
	if hl < 20 {
		return w.String() + fmt.Sprintf(", bogus TCP header length (%d, must be at least 20)", hl)
	}
	fmt.Fprintf(&w, " Len=%d", max(s.wire-hl, 0))
	for o := range tcpOptions(b[:min(hl, len(b))]) {
		if t := o.info(); t != "" {
			w.WriteByte(' ')
			w.WriteString(t)
		}
	}
	return w.String()
}
