package layers

import (
	"fmt"
	"iter"
	"strings"
)

// tcpOption is one option of a TCP header (RFC 9293 §3.2 and the RFCs named in
// the docs table).
type tcpOption struct {
	kind uint8
	off  int    // within the header
	b    []byte // the whole option, kind and length included
	bad  bool   // its length does not fit
}

// tcpOptions splits the options of a header. One that does not fit is the last.
func tcpOptions(header []byte) iter.Seq[tcpOption] {
	return func(yield func(tcpOption) bool) {
		for i := 20; i < len(header); {
			o := tcpOption{kind: header[i], off: i}
			n := 1
			if o.kind > 1 {
				n = int(be8(header, i+1))
				if n < 2 || i+n > len(header) {
					o.bad, n = true, len(header)-i
				}
			}
			o.b = header[i : i+n]
			if !yield(o) || o.bad || o.kind == 0 {
				return
			}
			i += n
		}
	}
}

// optionsEnd is where the options of a header end and padding begins.
func optionsEnd(header []byte) int {
	end := len(header)
	for o := range tcpOptions(header) {
		end = o.off + len(o.b)
	}
	return end
}

// info is how the list writes an option; most are left out there.
func (o tcpOption) info() string {
	switch {
	case o.bad:
		return ""
	case o.kind == 2 && len(o.b) == 4:
		return fmt.Sprintf("MSS=%d", be16(o.b, 2))
	case o.kind == 3 && len(o.b) == 3:
		return fmt.Sprintf("WS=%d", 1<<min(o.b[2], 14))
	case o.kind == 4:
		return "SACK_PERM"
	case o.kind == 5:
		var w []string
		for i := 2; i+8 <= len(o.b); i += 8 {
			w = append(w, fmt.Sprintf("SLE=%d SRE=%d", be32(o.b, i), be32(o.b, i+4)))
		}
		return strings.Join(w, " ")
	case o.kind == 8 && len(o.b) == 10:
		return fmt.Sprintf("TSval=%d TSecr=%d", be32(o.b, 2), be32(o.b, 6))
	case o.kind == 34:
		if len(o.b) == 2 {
			return "TFO=R"
		}
		return "TFO=C"
	}
	return ""
}

func putTCPOptions(x *box, end, stated int) {
	opts := &box{b: x.b[:end], off: x.off}
	var words []string
	for o := range tcpOptions(x.b[:end]) {
		words = append(words, o.put(opts))
	}
	if used := optionsEnd(x.b[:end]); used < end {
		opts.put("tcp.options.padding", "Padding", hexBytes(x.b[used:end]), used, end-used)
	}
	n := x.putf("tcp.options", "Options", 20, end-20, "(%s), %s", byteCount(stated-20), strings.Join(words, ", "))
	n.Children = opts.kids
}

// put adds an option with its parts and returns its name.
func (o tcpOption) put(x *box) string {
	name, label := tcpOptionName(o.kind)
	if o.bad {
		x.put(name, "TCP Option - "+label, "length does not fit", o.off, len(o.b)).Bad = true
		return label + " [malformed]"
	}
	n := x.put(name, "TCP Option - "+label, "", o.off, len(o.b))
	in := &box{b: x.b, off: x.off}
	in.putf("tcp.option_kind", "Kind", o.off, 1, "%s (%d)", label, o.kind)
	if o.kind > 1 {
		in.putf("tcp.option_len", "Length", o.off+1, 1, "%d", len(o.b))
	}
	at := o.off + 2
	switch {
	case o.kind == 2 && len(o.b) == 4:
		n.Value = fmt.Sprintf("%d bytes", be16(o.b, 2))
		in.putf("tcp.options.mss_val", "MSS Value", at, 2, "%d", be16(o.b, 2))
	case o.kind == 3 && len(o.b) == 3:
		n.Value = fmt.Sprintf("%d (multiply by %d)", o.b[2], 1<<min(o.b[2], 14))
		in.putf("tcp.options.wscale.shift", "Shift count", at, 1, "%d", o.b[2])
	case o.kind == 5:
		var edges []string
		for i := 2; i+8 <= len(o.b); i += 8 {
			l, r := be32(o.b, i), be32(o.b, i+4)
			edges = append(edges, fmt.Sprintf("%d-%d", l, r))
			in.putf("tcp.options.sack_le", "Left edge", o.off+i, 4, "%d", l)
			in.putf("tcp.options.sack_re", "Right edge", o.off+i+4, 4, "%d", r)
		}
		n.Value = strings.Join(edges, " ")
	case o.kind == 8 && len(o.b) == 10:
		n.Value = fmt.Sprintf("TSval %d, TSecr %d", be32(o.b, 2), be32(o.b, 6))
		in.putf("tcp.options.timestamp.tsval", "Timestamp value", at, 4, "%d", be32(o.b, 2))
		in.putf("tcp.options.timestamp.tsecr", "Timestamp echo reply", at+4, 4, "%d", be32(o.b, 6))
	case o.kind == 28 && len(o.b) == 4:
		n.Value = fmt.Sprintf("0x%04x", be16(o.b, 2))
	case o.kind == 34 && len(o.b) > 2:
		n.Value = "Cookie " + hexBytes(o.b[2:])
		in.put("tcp.options.tfo.cookie", "Fast Open Cookie", hexBytes(o.b[2:]), at, len(o.b)-2)
	case len(o.b) > 2:
		n.Value = hexBytes(o.b[2:])
	}
	n.Children = in.kids
	return label
}

// tcpOptionName gives Wireshark's field name and the option's name by kind.
func tcpOptionName(kind uint8) (field, label string) {
	switch kind {
	case 0:
		return "tcp.options.eol", "End of Option List (EOL)"
	case 1:
		return "tcp.options.nop", "No-Operation (NOP)"
	case 2:
		return "tcp.options.mss", "Maximum segment size"
	case 3:
		return "tcp.options.wscale", "Window scale"
	case 4:
		return "tcp.options.sack_perm", "SACK permitted"
	case 5:
		return "tcp.options.sack", "SACK"
	case 6:
		return "tcp.options.echo", "Echo"
	case 7:
		return "tcp.options.echo_reply", "Echo reply"
	case 8:
		return "tcp.options.timestamp", "Timestamps"
	case 11:
		return "tcp.options.cc", "CC"
	case 12:
		return "tcp.options.ccnew", "CC.NEW"
	case 13:
		return "tcp.options.ccecho", "CC.ECHO"
	case 19:
		return "tcp.options.md5", "TCP MD5 signature"
	case 28:
		return "tcp.options.user_to", "User Timeout"
	case 29:
		return "tcp.options.ao", "TCP-AO"
	case 30:
		return "tcp.options.mptcp", "Multipath TCP"
	case 34:
		return "tcp.options.tfo", "TCP Fast Open"
	case 172, 174:
		return "tcp.options.acc_ecn", "Accurate ECN"
	case 253, 254:
		return "tcp.options.experimental", "Experimental"
	}
	return "tcp.options.unknown", fmt.Sprintf("Unknown (%d)", kind)
}
