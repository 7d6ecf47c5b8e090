// Package hpack decodes header compression for HTTP/2 (RFC 7541). The dynamic
// table is plain data that can be shown, cloned and stepped, and every
// representation is reported with where it lies in the block, so that a screen
// can set bytes and header fields side by side.
//
// It must not know of frames, streams or what a header field means. Sizes are
// in bytes. A decoder that joins late, or has missed a block, marks what it
// cannot know instead of guessing.
package hpack

import "slices"

// Overhead is added to the length of name and value for the size of an entry
// (RFC 7541 §4.1).
const Overhead = 32

// DefaultSize is the size of the dynamic table before any setting
// (RFC 9113 §6.5.2).
const DefaultSize = 4096

// MaxSize is the most that a dynamic table may hold here, whatever the peers
// have agreed on.
const MaxSize = 1 << 20

// Field is a header field.
type Field struct {
	Name, Value string
	// NoName and NoValue say that the name or value stands in a table entry
	// that was made before decoding began or in a block that was lost.
	NoName, NoValue bool
}

// Size is what the field counts in a table or header list (RFC 7541 §4.1).
func (f Field) Size() int { return len(f.Name) + len(f.Value) + Overhead }

// Entry is a header field in the dynamic table.
type Entry struct {
	Field
	Serial uint64 // which insertion made it: 1, 2, 3 …
}

// Table is a dynamic table (RFC 7541 §2.3.2). It belongs to one direction of a
// connection: the sender's encoder and the receiver's decoder keep the same
// one. Make it with [NewTable].
type Table struct {
	Entries  []Entry // the oldest first: index 62 is the last of them
	Size     int     // of all entries
	Max      int     // entries are evicted when Size would grow beyond this
	Limit    int     // the most that Max may be set to: the receiver's SETTINGS_HEADER_TABLE_SIZE
	Inserted uint64  // entries ever inserted
	Evicted  uint64  // entries ever evicted
	// Partial says that entries may exist that are not known, older than those
	// in Entries.
	Partial bool
}

// NewTable makes an empty table of the default size.
func NewTable() Table { return Table{Max: DefaultSize, Limit: DefaultSize} }

// Unknown makes a table of which nothing is known: the capture starts later
// than the connection.
func Unknown() Table { return Table{Max: 1 << 16, Limit: MaxSize, Partial: true} }

// Clone copies a table. Strings are shared.
func (t *Table) Clone() Table {
	c := *t
	c.Entries = slices.Clone(t.Entries)
	return c
}

// Lose forgets all entries: a header block could not be read, so that nobody
// knows which entries it has made.
func (t *Table) Lose() {
	t.Evicted += uint64(len(t.Entries))
	t.Entries, t.Size, t.Partial = nil, 0, true
}

// At is the field with an index, 1 to 61 of the static table, from 62 of the
// dynamic one, the newest first (RFC 7541 §2.3.3). known is false if the entry
// may exist but is not known, ok is false if there can be none.
func (t *Table) At(index uint64) (f Field, known, ok bool) {
	switch {
	case index == 0:
		return Field{}, false, false
	case index <= uint64(len(static)):
		return static[index-1], true, true
	}
	i := index - uint64(len(static)) // 1 is the newest
	if i <= uint64(len(t.Entries)) {
		return t.Entries[uint64(len(t.Entries))-i].Field, true, true
	}
	if t.Partial && i <= uint64(max(t.Max, 0)/Overhead) {
		return Field{NoName: true, NoValue: true}, false, true
	}
	return Field{}, false, false
}

// Index is the index under which the i-th of Entries is referred to.
func (t *Table) Index(i int) int { return len(static) + len(t.Entries) - i }

// Resize sets the maximum size and evicts what does not fit (RFC 7541 §4.3).
// It returns how many entries were evicted.
func (t *Table) Resize(size int) int {
	t.Max = min(max(size, 0), MaxSize)
	if t.Max == 0 {
		t.Partial = false // now it is certainly empty
	}
	return t.evict(t.Max)
}

// insert adds a field (RFC 7541 §4.4). An entry larger than the table empties
// it, and is not added.
func (t *Table) insert(f Field) (evicted int) {
	size := f.Size()
	evicted = t.evict(t.Max - size)
	t.Inserted++
	if size > t.Max {
		t.Evicted++
		t.Partial = false
		return evicted
	}
	t.Entries = append(t.Entries, Entry{Field: f, Serial: t.Inserted})
	t.Size += size
	return evicted
}

// evict removes the oldest entries until no more than size remain.
func (t *Table) evict(size int) int {
	n := 0
	for n < len(t.Entries) && t.Size > size {
		t.Size -= t.Entries[n].Size()
		n++
	}
	if n > 0 {
		clear(t.Entries[:n]) // their strings are no longer held by the array
		t.Entries = t.Entries[n:]
		t.Evicted += uint64(n)
	}
	return n
}
