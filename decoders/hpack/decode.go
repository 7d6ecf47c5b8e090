package hpack

import (
	"errors"
	"fmt"
)

// Kind is how a header field is represented in a block (RFC 7541 §6).
type Kind uint8

// The kinds.
const (
	Indexed     Kind = iota // §6.1: name and value from a table
	Incremental             // §6.2.1: literal that is added to the dynamic table
	Without                 // §6.2.2: literal that is not added
	Never                   // §6.2.3: literal that no proxy may add either
	SizeUpdate              // §6.3: new maximum size of the dynamic table
)

// String is the name that the RFC gives the kind.
func (k Kind) String() string {
	return [...]string{"indexed header field", "literal with incremental indexing", "literal without indexing",
		"literal never indexed", "dynamic table size update"}[k%5]
}

// Section is where RFC 7541 defines the kind.
func (k Kind) Section() string {
	return [...]string{"6.1", "6.2.1", "6.2.2", "6.2.3", "6.3"}[k%5]
}

// Text is where a string literal lies in the block: its length prefix begins at
// Off, its bytes at At. Off is -1 if the string comes from a table.
type Text struct {
	Off, At, Len int
	Huffman      bool
}

// Item is one representation in a header block.
type Item struct {
	Kind     Kind
	Off, Len int    // the representation in the block
	Index    uint64 // table index of the field or of its name, 0 if the name is a literal
	IndexLen int    // bytes of the first integer: index, or size
	Name     Text   // where the name is, if literal
	Value    Text   // where the value is, if literal
	Field    Field  // what it means; empty for a size update
	Size     int    // the new size, of a size update
	Evicted  int    // entries that it has evicted
}

// Limits bound what a block may expand to. A zero limit is its default.
type Limits struct {
	List  int // size of the header list as in RFC 7541 §4.1; default 1 MiB
	Items int // representations that are reported; default 10,000
}

func (l Limits) defaults() Limits {
	if l.List <= 0 {
		l.List = 1 << 20
	}
	if l.Items <= 0 {
		l.Items = 10_000
	}
	return l
}

// Errors of a header block. Each is a connection error of type
// COMPRESSION_ERROR (RFC 9113 §4.3), but ErrList.
var (
	ErrInteger  = errors.New("an integer is longer than any use of it allows (RFC 7541 §5.1)")
	ErrShort    = errors.New("the header block ends within a representation (RFC 7541 §3.1)")
	ErrHuffman  = errors.New("a Huffman-coded string is not valid (RFC 7541 §5.2)")
	ErrZero     = errors.New("index 0 is used (RFC 7541 §6.1)")
	ErrLate     = errors.New("a dynamic table size update comes after a header field (RFC 7541 §4.2)")
	ErrList     = errors.New("the header list is longer than netscope decodes")
	errNotIndex = "index %d is beyond the end of the dynamic table, which has %d entries (RFC 7541 §2.3.3)"
	errTooLarge = "a dynamic table size update to %d exceeds the limit of %d (RFC 7541 §6.3)"
)

// Decode decodes a whole header block and updates the table. With an error the
// items before it are returned and the table is as they have left it; only
// after ErrList the table is still right: the rest was decoded but not kept.
func (t *Table) Decode(block []byte, l Limits) ([]Item, error) {
	l = l.defaults()
	var items []Item
	var over error
	size, fields := 0, false
	for off := 0; off < len(block); {
		it, err := parse(block, off)
		if err == nil {
			err = t.apply(&it, fields)
		}
		if err != nil {
			return items, err
		}
		fields = fields || it.Kind != SizeUpdate
		if it.Kind != SizeUpdate {
			size += it.Field.Size()
		}
		if size > l.List || len(items) >= l.Items {
			over = ErrList
		}
		if over == nil {
			items = append(items, it)
		}
		off += it.Len
	}
	return items, over
}

// Parse splits a block, or the beginning of one, into representations without
// any table: fields have only what stands in the block itself.
func Parse(block []byte) ([]Item, error) {
	var items []Item
	for off := 0; off < len(block); {
		it, err := parse(block, off)
		if err != nil {
			return items, err
		}
		it.Field.NoName = it.Kind != SizeUpdate && it.Index > uint64(len(static))
		it.Field.NoValue = it.Kind == Indexed && it.Field.NoName
		if it.Index > 0 && it.Index <= uint64(len(static)) {
			it.Field.Name = static[it.Index-1].Name
			if it.Kind == Indexed {
				it.Field.Value = static[it.Index-1].Value
			}
		}
		items = append(items, it)
		off += it.Len
	}
	return items, nil
}

// apply gives a parsed item its meaning.
func (t *Table) apply(it *Item, fields bool) error {
	if it.Kind == SizeUpdate {
		switch {
		case fields:
			return ErrLate
		case it.Size > t.Limit:
			return fmt.Errorf(errTooLarge, it.Size, t.Limit)
		}
		it.Evicted = t.Resize(it.Size)
		return nil
	}
	if it.Index > 0 {
		f, known, ok := t.At(it.Index)
		if !ok {
			return fmt.Errorf(errNotIndex, it.Index, len(t.Entries))
		}
		it.Field.Name, it.Field.NoName = f.Name, f.NoName
		if it.Kind == Indexed {
			it.Field.Value, it.Field.NoValue = f.Value, !known || f.NoValue
		}
	}
	if it.Kind == Incremental {
		it.Evicted = t.insert(it.Field)
	}
	return nil
}

// parse reads the representation at off.
func parse(b []byte, off int) (Item, error) {
	it := Item{Off: off, Name: Text{Off: -1}, Value: Text{Off: -1}}
	bits := uint(4)
	switch first := b[off]; {
	case first&0x80 != 0:
		it.Kind, bits = Indexed, 7
	case first&0xc0 == 0x40:
		it.Kind, bits = Incremental, 6
	case first&0xe0 == 0x20:
		it.Kind, bits = SizeUpdate, 5
	case first&0xf0 == 0x10:
		it.Kind = Never
	default:
		it.Kind = Without
	}
	n, next, err := integer(b, off, bits)
	if err != nil {
		return it, err
	}
	it.IndexLen = next - off
	switch it.Kind {
	case SizeUpdate:
		it.Size = int(min(n, 1<<32))
	case Indexed:
		if n == 0 {
			return it, ErrZero
		}
		it.Index = n
	default:
		it.Index = n
		if n == 0 {
			if it.Field.Name, it.Name, next, err = text(b, next); err != nil {
				return it, err
			}
		}
		if it.Field.Value, it.Value, next, err = text(b, next); err != nil {
			return it, err
		}
	}
	it.Len = next - off
	return it, nil
}
