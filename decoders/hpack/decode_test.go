package hpack

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	xhpack "golang.org/x/net/http2/hpack"
)

func TestItems(t *testing.T) {
	table := NewTable()
	items, err := table.Decode(unhex(t, "20 3fe11f 82 418cf1e3c2e5f23a6ba0ab90f4ff 1008 70617373776f7264 06736563726574 040161"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	none := Text{Off: -1}
	want := []Item{
		{Kind: SizeUpdate, Off: 0, Len: 1, IndexLen: 1, Name: none, Value: none},
		{Kind: SizeUpdate, Off: 1, Len: 3, IndexLen: 3, Name: none, Value: none, Size: 4096},
		{Kind: Indexed, Off: 4, Len: 1, Index: 2, IndexLen: 1, Name: none, Value: none, Field: Field{Name: ":method", Value: "GET"}},
		{Kind: Incremental, Off: 5, Len: 14, Index: 1, IndexLen: 1, Name: none, Value: Text{Off: 6, At: 7, Len: 12, Huffman: true}, Field: Field{Name: ":authority", Value: "www.example.com"}},
		{Kind: Never, Off: 19, Len: 17, IndexLen: 1, Name: Text{Off: 20, At: 21, Len: 8}, Value: Text{Off: 29, At: 30, Len: 6}, Field: Field{Name: "password", Value: "secret"}},
		{Kind: Without, Off: 36, Len: 3, Index: 4, IndexLen: 1, Name: none, Value: Text{Off: 37, At: 38, Len: 1}, Field: Field{Name: ":path", Value: "a"}},
	}
	for i := range want {
		if i >= len(items) || items[i] != want[i] {
			t.Errorf("item %d is\n%+v\nwant\n%+v", i, items[min(i, len(items)-1)], want[i])
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ hex, want string }{
		{"80", ErrZero.Error()},
		{"be", "index 62 is beyond"},
		{"ff8080808080808080808001", ErrInteger.Error()},
		{"ff", ErrShort.Error()},
		{"4005", ErrShort.Error()},
		{"400161", ErrShort.Error()},
		{"408161 00", ErrHuffman.Error()},
		{"0082ffff", ErrHuffman.Error()},
		{"8220", ErrLate.Error()},
		{"3fe21f", "exceeds the limit of 4096"},
	} {
		table := NewTable()
		if _, err := table.Decode(unhex(t, c.hex), Limits{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.hex, err, c.want)
		}
	}
}

// TestMidway decodes from the middle of a connection: what is known is told,
// what is not is marked.
func TestMidway(t *testing.T) {
	table := Unknown()
	items, err := table.Decode(unhex(t, "82 c0 7e0161 be bf 40016b0176 be"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Field{
		{Name: ":method", Value: "GET"},
		{NoName: true, NoValue: true},
		{NoName: true, Value: "a"}, // incremental, name from an unknown entry
		{NoName: true, Value: "a"},
		{NoName: true, NoValue: true},
		{Name: "k", Value: "v"},
		{Name: "k", Value: "v"},
	}
	for i, f := range want {
		if items[i].Field != f {
			t.Errorf("field %d is %+v, want %+v", i, items[i].Field, f)
		}
	}
	table.Lose()
	if f, known, ok := table.At(62); known || !ok || !f.NoName {
		t.Error("after a loss an entry is still known")
	}
	table.Resize(0)
	if _, _, ok := table.At(62); ok || table.Partial {
		t.Error("a table of size 0 has an entry")
	}
}

// TestBomb decodes a block of 60 kB that means 250 MB.
func TestBomb(t *testing.T) {
	table := NewTable()
	b := append(unhex(t, "40 0161 7f a11e"), bytes.Repeat([]byte("x"), 4000)...)
	b = append(b, bytes.Repeat([]byte{0xbe}, 60_000)...)
	items, err := table.Decode(b, Limits{})
	size := 0
	for _, it := range items {
		size += it.Field.Size()
	}
	if !errors.Is(err, ErrList) || size > 1<<20 {
		t.Errorf("%v: %d items of %d bytes", err, len(items), size)
	}
	if len(table.Entries) != 1 || table.Size != 4033 {
		t.Errorf("the table has %d entries of %d bytes", len(table.Entries), table.Size)
	}
}

func TestClone(t *testing.T) {
	a := NewTable()
	mustDecode(t, &a, "40016101 62")
	b := a.Clone()
	mustDecode(t, &b, "40016301 64")
	if len(a.Entries) != 1 || len(b.Entries) != 2 || b.Entries[1].Serial != 2 {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func mustDecode(t *testing.T, table *Table, s string) {
	t.Helper()
	if _, err := table.Decode(unhex(t, s), Limits{}); err != nil {
		t.Fatal(err)
	}
}

// FuzzDecode compares with the decoder of golang.org/x/net over two blocks of
// one connection: the same list and table, or an error in both.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"828684418cf1e3c2e5f23a6ba0ab90f4ff", "203fe11f82400161017a", "4882640258", "be", "1008706173730161"} {
		f.Add(unhex(f, s), unhex(f, "bebfc0"))
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		table := NewTable()
		x := xhpack.NewDecoder(DefaultSize, nil)
		for _, b := range [][]byte{one, two} {
			items, err := table.Decode(b, Limits{})
			check(t, &table, b, items)
			want, xerr := x.DecodeFull(b)
			if updates(b) {
				return // of two updates x/net refuses the second, though RFC 7541 §4.2 asks for it, and it takes a late one of an empty table
			}
			if errors.Is(err, ErrList) {
				return
			}
			if (err == nil) != (xerr == nil) {
				t.Fatalf("%x: %v, x/net: %v", b, err, xerr)
			}
			if err != nil {
				return
			}
			var got []xhpack.HeaderField
			for _, it := range items {
				if it.Kind != SizeUpdate {
					got = append(got, xhpack.HeaderField{Name: it.Field.Name, Value: it.Field.Value, Sensitive: it.Kind == Never})
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%x gives\n%v\nx/net\n%v", b, got, want)
			}
		}
	})
}

// updates says whether a block has a size update that is not its first item.
func updates(b []byte) bool {
	items, _ := Parse(b)
	for i, it := range items {
		if i > 0 && it.Kind == SizeUpdate {
			return true
		}
	}
	return false
}

// check checks what must always hold.
func check(t *testing.T, table *Table, b []byte, items []Item) {
	size := 0
	for _, e := range table.Entries {
		size += e.Field.Size()
	}
	if size != table.Size || size > max(table.Max, 0) || table.Inserted != table.Evicted+uint64(len(table.Entries)) {
		t.Fatalf("the table counts wrongly: %d bytes, %+v", size, table)
	}
	next := 0
	for _, it := range items {
		if it.Off != next || it.Len < 1 {
			t.Fatalf("%x: an item at %d+%d, want %d", b, it.Off, it.Len, next)
		}
		next += it.Len
		for _, s := range []Text{it.Name, it.Value} {
			if s.Off >= 0 && (s.Off < it.Off || s.At <= s.Off || s.At+s.Len > next) {
				t.Fatalf("%x: %s", b, fmt.Sprintf("a string at %+v in %+v", s, it))
			}
		}
	}
}
