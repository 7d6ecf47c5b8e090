// Package qpack decodes header compression for HTTP/3 (RFC 9204): the dynamic
// table as plain data that can be shown and copied, the instructions that change
// it, and field sections, which may have to wait for them.
//
// It must not know of streams, frames or what a header field means. Sizes are in
// bytes. A decoder that has missed instructions marks what it cannot know
// instead of guessing.
package qpack

import "slices"

// Overhead is added to the length of name and value for the size of an entry
// (RFC 9204 §3.2.1).
const Overhead = 32

// MaxCapacity is the most that a dynamic table may hold here, whatever the peers
// have agreed on.
const MaxCapacity = 1 << 20

// Field is a header field.
type Field struct {
	Name, Value string
	// NoName and NoValue say that the name or value stands in a table entry
	// whose insertion has been missed.
	NoName, NoValue bool
}

// Size is what the field counts in a table (RFC 9204 §3.2.1).
func (f Field) Size() int { return len(f.Name) + len(f.Value) + Overhead }

// Entry is a header field in the dynamic table.
type Entry struct {
	Field
	Index uint64 // absolute: the first entry ever inserted has 0 (RFC 9204 §3.2.4)
}

// Table is a dynamic table (RFC 9204 §3.2). It belongs to one direction of a
// connection: an encoder fills it and the peer's decoder keeps the same one. The
// zero value is an empty table of no capacity, as every connection has at first.
type Table struct {
	Entries  []Entry // the oldest first
	Size     int     // of all entries
	Capacity int     // entries are evicted when Size would grow beyond this
	// Limit is the most that Capacity may be set to: the decoder's setting
	// SETTINGS_QPACK_MAX_TABLE_CAPACITY. With LimitKnown false it is not known.
	Limit      int
	LimitKnown bool
	Inserted   uint64 // entries ever inserted: the insert count
	Known      uint64 // insertions that the decoder has acknowledged (RFC 9204 §2.1.4)
	// Partial says that instructions have been missed, so that nobody knows how
	// entries are numbered.
	Partial bool
}

// Clone copies a table. Strings are shared.
func (t *Table) Clone() Table {
	c := *t
	c.Entries = slices.Clone(t.Entries)
	return c
}

// Lose says that instructions have been missed.
func (t *Table) Lose() {
	t.Entries, t.Size, t.Partial = nil, 0, true
}

// At finds an entry by its absolute index.
func (t *Table) At(index uint64) (Field, bool) {
	first := t.Inserted - uint64(len(t.Entries))
	if index < first || index >= t.Inserted {
		return Field{}, false
	}
	return t.Entries[index-first].Field, true
}

// maxEntries is how many entries the table can have at most; encoded insert
// counts wrap around at twice this (RFC 9204 §4.5.1.1).
func (t *Table) maxEntries() uint64 {
	limit := t.Limit
	if !t.LimitKnown {
		limit = t.Capacity // the encoder uses what it may, most often
	}
	return uint64(max(limit, 0)) / Overhead
}

// resize sets the capacity and evicts what does not fit.
func (t *Table) resize(n int) (evicted int) {
	t.Capacity = min(max(n, 0), MaxCapacity)
	return t.evict(t.Capacity)
}

// insert adds an entry. It reports false if there is no room for it.
func (t *Table) insert(f Field) (evicted int, ok bool) {
	if f.Size() > t.Capacity {
		return 0, false
	}
	evicted = t.evict(t.Capacity - f.Size())
	t.Entries = append(t.Entries, Entry{f, t.Inserted})
	t.Size += f.Size()
	t.Inserted++
	return evicted, true
}

// evict removes the oldest entries until no more than size remain.
func (t *Table) evict(size int) (n int) {
	for n < len(t.Entries) && t.Size > size {
		t.Size -= t.Entries[n].Size()
		n++
	}
	if n > 0 {
		clear(t.Entries[:n]) // their strings are no longer held by the array
		t.Entries = t.Entries[n:]
	}
	return n
}
