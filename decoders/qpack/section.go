package qpack

// Kind is how a field is represented in a section (RFC 9204 §4.5).
type Kind uint8

// The kinds.
const (
	Indexed     Kind = iota // §4.5.2
	PostBase                // §4.5.3
	NameRef                 // §4.5.4
	PostNameRef             // §4.5.5
	Literal                 // §4.5.6
)

// String is the name that the RFC gives the kind.
func (k Kind) String() string {
	return [...]string{"indexed field line", "indexed field line with post-base index", "literal field line with name reference",
		"literal field line with post-base name reference", "literal field line with literal name"}[k%5]
}

// Item is a field line of a section.
type Item struct {
	Kind     Kind
	Off, Len int // in the section
	Static   bool
	Index    uint64 // in the static table, or absolute in the dynamic one
	Never    bool   // no intermediary may index it
	Field    Field
}

// Section is a decoded field section.
type Section struct {
	Required uint64 // insert count that the table must have
	Base     uint64
	Head     int // bytes of the prefix
	Items    []Item
	Dynamic  bool // it needs the dynamic table, and is acknowledged
	Missed   bool // some fields are not known
}

// Limits bound what a section may expand to. A zero limit is its default.
type Limits struct {
	List  int // size of names and values, with [Overhead] each; default 1 MiB
	Items int // default 10,000
}

// prefix reads the insert count that a section needs and its base
// (RFC 9204 §4.5.1).
func (t *Table) prefix(b []byte) (s Section, err error) {
	enc, at, err := integer(b, 0, 8)
	if err != nil {
		return s, err
	}
	if at >= len(b) {
		return s, ErrShort
	}
	negative := b[at]&0x80 != 0
	delta, next, err := integer(b, at, 7)
	if err != nil {
		return s, err
	}
	s.Head, s.Dynamic = next, enc > 0
	if enc > 0 && !t.Partial {
		most := t.maxEntries()
		full := 2 * most
		if most == 0 || enc > full {
			return s, ErrCount
		}
		top := t.Inserted + most
		s.Required = top/full*full + enc - 1
		if s.Required > top {
			if s.Required <= full {
				return s, ErrCount
			}
			s.Required -= full
		}
		if s.Required == 0 {
			return s, ErrCount
		}
	}
	switch {
	case !negative:
		s.Base = s.Required + delta
	case delta+1 > s.Required && !t.Partial:
		return s, ErrBase
	default:
		s.Base = s.Required - min(s.Required, delta+1)
	}
	return s, nil
}

// Decode decodes a field section. ErrBlocked means that it must be tried again
// when the table has more entries; ErrMissed, that some fields are not known.
// With other errors the items before the wrong one are there.
func (t *Table) Decode(b []byte, l Limits) (Section, error) {
	if l.List <= 0 {
		l.List = 1 << 20
	}
	if l.Items <= 0 {
		l.Items = 10_000
	}
	s, err := t.prefix(b)
	if err != nil {
		return s, err
	}
	if !t.Partial && s.Required > t.Inserted {
		return s, ErrBlocked
	}
	size := 0
	for off := s.Head; off < len(b); {
		it, err := t.item(b, off, &s)
		if err != nil {
			return s, err
		}
		size += it.Field.Size()
		if size > l.List || len(s.Items) >= l.Items {
			return s, ErrList
		}
		s.Missed = s.Missed || it.Field.NoName || it.Field.NoValue
		s.Items = append(s.Items, it)
		off += it.Len
	}
	if s.Missed {
		return s, ErrMissed
	}
	return s, nil
}

// item decodes the field line at off.
func (t *Table) item(b []byte, off int, s *Section) (it Item, err error) {
	it.Off = off
	next := off
	var n uint64
	switch first := b[off]; {
	case first&0x80 != 0:
		it.Kind, it.Static = Indexed, first&0x40 != 0
		n, next, err = integer(b, off, 6)
	case first&0x40 != 0:
		it.Kind, it.Static, it.Never = NameRef, first&0x10 != 0, first&0x20 != 0
		n, next, err = integer(b, off, 4)
	case first&0x20 != 0:
		it.Kind, it.Never = Literal, first&0x10 != 0
		it.Field.Name, next, err = text(b, off, 3)
	case first&0x10 != 0:
		it.Kind = PostBase
		n, next, err = integer(b, off, 4)
	default:
		it.Kind, it.Never = PostNameRef, first&0x08 != 0
		n, next, err = integer(b, off, 3)
	}
	if err != nil {
		return it, err
	}
	if it.Kind != Literal {
		if it.Field, it.Index, err = t.field(it, n, s); err != nil {
			return it, err
		}
	}
	if it.Kind != Indexed && it.Kind != PostBase {
		it.Field.NoValue = false
		if it.Field.Value, next, err = text(b, next, 7); err != nil {
			return it, err
		}
	}
	it.Len = next - off
	return it, nil
}

// field finds the entry that a field line names (RFC 9204 §3.2.5, §3.2.6).
func (t *Table) field(it Item, n uint64, s *Section) (f Field, index uint64, err error) {
	if it.Static {
		if n >= uint64(len(static)) {
			return f, n, ErrIndex
		}
		return static[n], n, nil
	}
	if t.Partial {
		return Field{NoName: true, NoValue: true}, 0, nil
	}
	if it.Kind == PostBase || it.Kind == PostNameRef {
		index = s.Base + n
	} else {
		if n >= s.Base {
			return f, 0, ErrGone
		}
		index = s.Base - 1 - n
	}
	if index >= s.Required {
		return f, index, ErrReference
	}
	f, ok := t.At(index)
	if !ok {
		return f, index, ErrGone
	}
	return f, index, nil
}
