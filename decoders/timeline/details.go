package timeline

import (
	"encoding/binary"
	"strings"

	"netscope/decoders"
)

// Details are the strings of a message (name, summary, fields), encoded into
// one blob that goes to a store, so that rows hold no pointers and old details
// can live on disk. Names repeat and are interned.

// intern gives the number of a string that repeats.
func (b *Builder) intern(s string) uint64 {
	if len(s) > maxName {
		s = s[:maxName]
	}
	// Names of fields are few and constant: most are found where they were last.
	last := &b.lately[place(s)]
	if last.s == s {
		return last.i
	}
	if i, ok := b.names[s]; ok {
		*last = interned{*b.strings.at(i), i}
		return i
	}
	if len(b.names) >= maxInterned {
		return 0 // the empty string: a hostile stream of ever new names
	}
	s = strings.Clone(s)
	i := b.strings.append(s)
	b.names[s] = i
	return i
}

// interned is a string with its number.
type interned struct {
	s string
	i uint64
}

// place is where a string's number is remembered in [Builder].lately.
func place(s string) uint8 {
	n := len(s)
	if n == 0 {
		return 0
	}
	return uint8(n) ^ s[n-1]*31 ^ s[n/2]*7 ^ s[n*3/4]<<3
}

const (
	maxInterned = 1 << 16 // strings
	maxName     = 1 << 8  // bytes of one
)

func appendString(buf []byte, s string) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(s)))
	return append(buf, s...)
}

func (b *Builder) encodeFields(buf []byte, kvs []decoders.KV) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(kvs)))
	for _, kv := range kvs {
		tag := b.intern(kv.Name)<<3 | uint64(kv.Kind)<<1
		if kv.Many {
			tag |= 1
		}
		buf = binary.AppendUvarint(buf, tag)
		if kv.Kind == decoders.StrValue {
			buf = appendString(buf, kv.Str)
		} else {
			buf = binary.AppendVarint(buf, kv.Int)
		}
	}
	return buf
}

// encodeDetails encodes what is known of a message when its packet has been
// dealt with.
func (b *Builder) encodeDetails(buf []byte, p *pending) []byte {
	buf = binary.AppendUvarint(buf, p.proto)
	buf = appendString(buf, p.name)
	buf = appendString(buf, p.summary)
	return b.encodeFields(buf, p.fields)
}

// encodeUpdate encodes what became known later.
func (b *Builder) encodeUpdate(buf []byte, ev *decoders.Event) []byte {
	buf = appendString(buf, ev.Summary)
	return b.encodeFields(buf, ev.Fields)
}

// blob reads what the functions above have written.
type blob struct {
	b   []byte
	str func(uint64) string
}

func (d *blob) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.b = nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *blob) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.b = nil
		return 0
	}
	d.b = d.b[n:]
	return v
}

// take is the next n bytes, or nil if there are not so many.
func (d *blob) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.b = nil
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *blob) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *blob) string() string { return string(d.take(d.uvarint())) }

func (d *blob) fields(kvs []decoders.KV) []decoders.KV {
	for n := d.uvarint(); n > 0 && len(d.b) > 0; n-- {
		tag := d.uvarint()
		kv := decoders.KV{Name: d.str(tag >> 3), Kind: decoders.ValueKind(tag >> 1 & 3), Many: tag&1 != 0}
		if kv.Kind == decoders.StrValue {
			kv.Str = d.string()
		} else {
			kv.Int = d.varint()
		}
		kvs = append(kvs, kv)
	}
	return kvs
}
