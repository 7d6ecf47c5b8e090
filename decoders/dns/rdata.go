package dns

import (
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"netscope/decoders"
)

// part is a piece of a record's data: a field in the message and, if it has a
// name, one that is kept with it.
type part struct {
	name, label string // Wireshark's name, may be empty
	str         string // value, unless isNum
	num         int64
	isNum       bool
	isBool      bool
	note        string // what a number means
	shown       string // how str is shown, if not as it is
	doc         string
	off, len    int
	bit, bits   int
	bad         bool
	isName      bool // str is a domain name at off
	kids        []part
}

// text is the value for people.
func (p *part) text() string {
	switch {
	case p.isBool && p.num != 0:
		return "1"
	case p.isNum && p.note != "":
		return strconv.FormatInt(p.num, 10) + " (" + p.note + ")"
	case p.isNum:
		return strconv.FormatInt(p.num, 10)
	case p.isName:
		return shown(p.str)
	case p.shown != "":
		return p.shown
	}
	return clean(p.str)
}

// appendKV adds the part and those in it to the fields that are kept.
func (p *part) appendKV(kvs []decoders.KV) []decoders.KV {
	if p.name != "" {
		kv := decoders.KV{Name: p.name, Str: p.str, Many: true}
		switch {
		case p.isBool:
			kv.Kind, kv.Int = decoders.BoolValue, p.num
		case p.isNum:
			kv.Kind, kv.Int = decoders.IntValue, p.num
		}
		kvs = append(kvs, kv)
	}
	for i := range p.kids {
		kvs = p.kids[i].appendKV(kvs)
	}
	return kvs
}

// reader takes pieces of a record's data one after the other.
type reader struct {
	msg  []byte
	off  int
	end  int    // of the data
	bad  string // the data ends too soon: nothing more can be read
	soft string // what is wrong, though reading goes on
	full bool   // docs and pieces that are not kept are wanted too
	out  []part
}

func (r *reader) left() int { return r.end - r.off }

// fail says that the data is too short for what its type says it has.
func (r *reader) fail(label string) {
	if r.bad == "" {
		r.bad = "the data ends within its " + strings.ToLower(label)
	}
	if n := r.left(); n > 0 {
		r.out = append(r.out, part{label: label, str: hexText(r.msg[r.off:r.end]), off: r.off, len: n, bad: true, doc: "The data ends here, too soon."})
	}
	r.off = r.end
}

// num takes n bytes as a number; nil if there are not so many.
func (r *reader) num(n int, name, label, doc string) *part {
	if r.bad != "" || r.left() < n {
		r.fail(label)
		return nil
	}
	var v int64
	for _, c := range r.msg[r.off : r.off+n] {
		v = v<<8 | int64(c)
	}
	return r.add(part{name: name, label: label, num: v, isNum: true, doc: doc, len: n})
}

// add appends a part of p.len bytes.
func (r *reader) add(p part) *part {
	p.off = r.off
	r.off += p.len
	r.out = append(r.out, p)
	return &r.out[len(r.out)-1]
}

// take is the next n bytes.
func (r *reader) take(n int, label string) ([]byte, bool) {
	if r.bad != "" || n < 0 || r.left() < n {
		r.fail(label)
		return nil, false
	}
	return r.msg[r.off : r.off+n], true
}

// domain takes a name.
func (r *reader) domain(name, label, doc string) string {
	if r.bad != "" || r.left() < 1 {
		r.fail(label)
		return ""
	}
	n, ok := readName(r.msg, r.off)
	if !ok || r.off+n.Len > r.end {
		r.fail(label)
		return ""
	}
	p := r.add(part{name: name, label: label, str: n.Text, isName: true, doc: doc, len: n.Len, bad: n.Bad != ""})
	if n.Bad != "" {
		p.doc = n.Bad
		if r.soft == "" {
			r.soft = strings.ToLower(label) + ": " + n.Bad
		}
	}
	return n.Text
}

// bytes takes n bytes and shows them as enc says.
func (r *reader) bytes(n int, name, label, doc string, enc func([]byte) string) *part {
	b, ok := r.take(n, label)
	if !ok {
		return nil
	}
	return r.add(part{name: name, label: label, str: enc(b), doc: doc, len: n})
}

// key takes n bytes that people write in base64; they are kept in hexadecimal.
func (r *reader) key(n int, name, label, doc string) {
	if p := r.bytes(n, name, label, doc, hexText); p != nil {
		p.shown = base64Text(r.msg[p.off : p.off+n])
	}
}

// charString takes a length byte and so much text (RFC 1035 §3.3).
func (r *reader) charString(name, label, doc string) bool {
	if r.bad != "" || r.left() < 1 || r.left() < 1+int(r.msg[r.off]) {
		r.fail(label)
		return false
	}
	n := int(r.msg[r.off])
	p := part{name: name, label: label, str: string(r.msg[r.off+1 : r.off+1+n]), doc: doc, len: 1 + n}
	if name == "dns.txt" || name == "dns.spf" {
		p.kids = []part{{name: name + ".length", label: "Length", num: int64(n), isNum: true, off: r.off, len: 1, doc: "Bytes of text that follow (RFC 1035 §3.3)."}}
		if name == "dns.spf" {
			p.kids[0].name = "dns.spf.length"
		}
	}
	r.add(p)
	return true
}

func hexText(b []byte) string { return hex.EncodeToString(b) }

func base64Text(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func plainText(b []byte) string { return string(b) }

func addressText(b []byte) string {
	a, _ := netip.AddrFromSlice(b)
	return a.String()
}

func timeText(v int64) string { return time.Unix(v, 0).UTC().Format("2006-01-02 15:04:05 UTC") }

// shown is a name for people: the root is a dot.
func shown(name string) string {
	if name == nameRoot {
		return "."
	}
	return clean(name)
}

// clean makes text from the wire fit for the screen: one line, no control
// characters.
func clean(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
				return s
			}
			q := strconv.Quote(s)
			return q[1 : len(q)-1]
		}
	}
	return s
}

// data reads a record's data as its type says. bad is what is wrong with it.
func data(msg []byte, rec *Record, full bool) (parts []part, bad string) {
	r := &reader{msg: msg[:rec.DataOff+rec.DataLen], off: rec.DataOff, end: rec.DataOff + rec.DataLen, full: full}
	if r.left() == 0 && (rec.Class == 254 || rec.Class == 255 || rec.Type == 10) {
		return nil, "" // an UPDATE's prerequisite or deletion (RFC 2136 §2.4, §2.5)
	}
	if rec.Type == typeOPT {
		r.options()
	} else if s := shapeOf(rec.Type); s != nil && (rec.Class != 3 || rec.Type != typeA) {
		r.out = make([]part, 0, len(s.fields)+1)
		for i := range s.fields {
			if r.bad != "" {
				break
			}
			s.fields[i].read(r)
		}
	} else if r.left() > 0 {
		r.bytes(r.left(), "dns.data", "Data", "What it means is not known here: it is shown as bytes (RFC 3597).", hexText)
	}
	if n := r.left(); n > 0 && r.bad == "" {
		r.bad = "more bytes than records of this type have"
		r.bytes(n, "", "Extra bytes", "The type's format ends before them.", hexText)
		r.out[len(r.out)-1].bad = true
	}
	if r.bad == "" {
		r.bad = r.soft
	}
	return r.out, r.bad
}
