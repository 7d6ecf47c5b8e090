package dns

// Name is a domain name as it stands in a message (RFC 1035 §4.1.4).
type Name struct {
	Text   string // labels with dots between, as they are on the wire; "<Root>" for the root
	Off    int    // where it begins
	Len    int    // bytes in place: up to and with the zero byte or the first pointer
	Labels int
	Wire   int    // octets without compression
	Jumps  int    // compression pointers followed
	Bad    string // what is wrong with it
}

// What stands for a name that cannot be read; the words are Wireshark's.
const (
	nameRoot    = "<Root>"
	nameTooLong = "<Name too long>"
	nameLoops   = "<Name contains a pointer that loops>"
	nameUnknown = "<Unknown extended label>"
)

const (
	maxName  = 255  // octets of a name on the wire (RFC 1035 §2.3.4)
	maxText  = 1024 // characters that are read of a longer one
	maxJumps = 127  // pointers: a name has no more labels
)

// readName reads the name at off. ok is false if its end cannot be found: then
// nothing after it can be read either. However hostile the message, it looks at
// each byte in place once and at maxText bytes elsewhere.
func readName(msg []byte, off int) (n Name, ok bool) { return nameAt(msg, off, "") }

// nameAt is readName; a text equal to like is that string, and needs no memory
// of its own.
func nameAt(msg []byte, off int, like string) (n Name, ok bool) {
	var buf [maxText + 64]byte
	text := buf[:0]
	n.Off = off
	at, end := off, -1 // end: after the first pointer
	for {
		if at >= len(msg) {
			if end < 0 {
				n.Len = max(len(msg)-off, 0)
				n.Bad = "the message ends within a name"
				return n, false
			}
			n.Bad = "a compression pointer leads beyond the message"
			break
		}
		c := int(msg[at])
		switch c & 0xc0 {
		case 0xc0:
			if at+1 >= len(msg) {
				if end < 0 {
					n.Len = len(msg) - off
					n.Bad = "the message ends within a name"
					return n, false
				}
				n.Bad = "a compression pointer leads beyond the message"
				break
			}
			to := (c&0x3f)<<8 | int(msg[at+1])
			if end < 0 {
				end = at + 2
			}
			if to >= at && n.Bad == "" {
				n.Bad = "a compression pointer does not lead backwards (RFC 1035 §4.1.4)"
			}
			n.Jumps++
			if to == at || n.Jumps > maxJumps {
				n.Text, n.Len, n.Bad = nameLoops, end-off, "its compression pointers form a loop (RFC 1035 §4.1.4)"
				return n, true
			}
			at = to
			continue
		case 0x40:
			n.Text, n.Bad = nameUnknown, "an extended label type, which nobody uses any more (RFC 6891 §5)"
			if end < 0 {
				end = min(at+1, len(msg))
			}
			n.Len = end - off
			return n, true
		case 0x80:
			n.Bad = "a label type that is not defined (RFC 1035 §4.1.4)"
			if end < 0 {
				n.Len = at - off
				return n, false
			}
		default:
			if c == 0 {
				n.Wire++
				if end < 0 {
					end = at + 1
				}
				break
			}
			n.Labels++
			n.Wire += 1 + c
			stop := min(at+1+c, len(msg))
			if len(text) <= maxText {
				if len(text) > 0 {
					text = append(text, '.')
				}
				text = append(text, msg[at+1:stop]...)
			} else if end >= 0 {
				break // long enough, and the end in place is known
			}
			at += 1 + c
			continue
		}
		break
	}
	n.Len = end - off
	switch {
	case len(text) > maxText:
		n.Text, n.Bad = nameTooLong, "longer than 255 octets (RFC 1035 §2.3.4)"
	case len(text) == 0:
		n.Text = nameRoot
	case string(text) == like:
		n.Text = like
	default:
		n.Text = string(text)
	}
	if n.Wire > maxName && n.Bad == "" {
		n.Bad = "longer than 255 octets (RFC 1035 §2.3.4)"
	}
	return n, true
}

// step is a label or a pointer of a name.
type step struct {
	off, len int
	text     string
	to       int // of a pointer: where it leads
	pointer  bool
	away     bool // it is not in place: a pointer has led there
}

// steps are the labels and pointers of a name, in order of reading.
func steps(msg []byte, off int) (out []step) {
	away, jumps, length := false, 0, 0
	for off < len(msg) && length <= maxText {
		c := int(msg[off])
		switch c & 0xc0 {
		case 0xc0:
			if off+1 >= len(msg) {
				return out
			}
			to := (c&0x3f)<<8 | int(msg[off+1])
			out = append(out, step{off: off, len: 2, to: to, pointer: true, away: away})
			if jumps++; to == off || jumps > maxJumps {
				return out
			}
			off, away = to, true
		case 0:
			stop := min(off+1+c, len(msg))
			out = append(out, step{off: off, len: stop - off, text: string(msg[off+1 : stop]), away: away})
			if c == 0 {
				return out
			}
			off, length = off+1+c, length+1+c
		default:
			return append(out, step{off: off, len: 1, text: "?", away: away})
		}
	}
	return out
}
