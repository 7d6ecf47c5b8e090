package qpack

import (
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func bin(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// feed applies an encoder stream.
func feed(t testing.TB, tb *Table, b []byte) {
	t.Helper()
	for len(b) > 0 {
		in, err := ParseEncoder(b)
		if err == nil {
			err = tb.Apply(&in)
		}
		if err != nil {
			t.Fatal(err)
		}
		b = b[in.Len:]
	}
}

func (t *Table) text() string {
	var out []string
	for _, e := range t.Entries {
		out = append(out, fmt.Sprintf("%d %s=%s", e.Index, e.Name, e.Value))
	}
	return strings.Join(out, ", ") + fmt.Sprintf("; size %d", t.Size)
}

func (s Section) text() string {
	var out []string
	for _, it := range s.Items {
		out = append(out, it.Field.Name+"="+it.Field.Value)
	}
	return strings.Join(out, ", ")
}

// TestExamples is RFC 9204 app. B, one connection from beginning to end.
func TestExamples(t *testing.T) {
	tb := Table{Limit: 220, LimitKnown: true}
	section := func(b, want string, required, base uint64) {
		t.Helper()
		s, err := tb.Decode(bin(b), Limits{})
		if err != nil || s.text() != want || s.Required != required || s.Base != base {
			t.Errorf("%s: %+v, %v, want %s", b, s, err, want)
		}
	}
	table := func(want string) {
		t.Helper()
		if got := tb.text(); got != want {
			t.Errorf("the table is %s, want %s", got, want)
		}
	}
	ack := func(b string, op Op, n, required, known uint64) {
		t.Helper()
		in, err := ParseDecoder(bin(b))
		if err != nil || in.Op != op || in.N != n {
			t.Errorf("%s: %+v, %v", b, in, err)
		}
		if err := tb.Acknowledge(in, required); err != nil || tb.Known != known {
			t.Errorf("%s: %d known, %v", b, tb.Known, err)
		}
	}
	section("0000 510b 2f69 6e64 6578 2e68 746d 6c", ":path=/index.html", 0, 0) // B.1
	if _, err := tb.Decode(bin("0381 10 11"), Limits{}); !errors.Is(err, ErrBlocked) {
		t.Errorf("B.2 before the instructions: %v", err)
	}
	feed(t, &tb, bin("3fbd01 c00f 7777 772e 6578 616d 706c 652e 636f 6d c10c 2f73 616d 706c 652f 7061 7468")) // B.2
	table("0 :authority=www.example.com, 1 :path=/sample/path; size 106")
	section("0381 10 11", ":authority=www.example.com, :path=/sample/path", 2, 0)
	ack("84", SectionAck, 4, 2, 2)
	feed(t, &tb, bin("4a63 7573 746f 6d2d 6b65 790c 6375 7374 6f6d 2d76 616c 7565")) // B.3
	table("0 :authority=www.example.com, 1 :path=/sample/path, 2 custom-key=custom-value; size 160")
	ack("01", CountIncrement, 1, 0, 3)
	feed(t, &tb, bin("02")) // B.4
	table("0 :authority=www.example.com, 1 :path=/sample/path, 2 custom-key=custom-value, 3 :authority=www.example.com; size 217")
	section("0500 80 c1 81", ":authority=www.example.com, :path=/, custom-key=custom-value", 4, 4)
	ack("48", StreamCancel, 8, 0, 3)
	feed(t, &tb, bin("810d 6375 7374 6f6d 2d76 616c 7565 32")) // B.5
	table("1 :path=/sample/path, 2 custom-key=custom-value, 3 :authority=www.example.com, 4 custom-key=custom-value2; size 215")
}

func TestBroken(t *testing.T) {
	full := Table{Limit: 4096, LimitKnown: true}
	feed(t, &full, bin("3fe11f 4161 0162"))
	for _, c := range []struct {
		section string
		want    error
	}{
		{"", ErrShort}, {"00", ErrShort}, {"0000ff", ErrShort}, {"0000 ff ffffffffffffffffff7f", ErrInteger},
		{"0000 ff40", ErrIndex}, {"0000 80", ErrGone}, {"0200 80", nil}, {"0200 81", ErrGone}, {"0200 10", ErrReference}, {"0300", ErrBlocked},
		{"ff8101 00", ErrCount}, {"0282", ErrBase}, {"0000 51 81 ff", ErrHuffman}, {"0000 51 01", ErrShort},
	} {
		if _, err := full.Decode(bin(c.section), Limits{}); err != c.want {
			t.Errorf("%s: %v, want %v", c.section, err, c.want)
		}
	}
	lost := full.Clone()
	lost.Lose()
	if s, err := lost.Decode(bin("0200 80 c1"), Limits{}); err != ErrMissed || s.text() != "=, :path=/" {
		t.Errorf("after a loss: %+v, %v", s, err)
	}
	for _, c := range []struct {
		stream string
		want   error
	}{{"3fe21f", ErrCapacity}, {"01", ErrGone}, {"ff40 00", ErrIndex}, {"20 4161 0162", ErrNoRoom}} {
		tb := full.Clone()
		var err error
		for b := bin(c.stream); len(b) > 0 && err == nil; {
			var in Instruction
			if in, err = ParseEncoder(b); err == nil {
				err = tb.Apply(&in)
			}
			b = b[in.Len:]
		}
		if err != c.want {
			t.Errorf("%s: %v, want %v", c.stream, err, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	var tb Table
	bomb := append(bin("0000"), []byte(strings.Repeat("\xc1", 20_000))...)
	if s, err := tb.Decode(bomb, Limits{}); err != ErrList || len(s.Items) > 10_000 {
		t.Errorf("%d items, %v", len(s.Items), err)
	}
}

// FuzzTable gives arbitrary bytes as instructions and as field sections. The
// table keeps its promises and a copy decodes the same.
func FuzzTable(f *testing.F) {
	f.Add(bin("3fbd01c00f7777772e6578616d706c652e636f6dc10c2f73616d706c652f70617468"), bin("03811011"), uint16(220))
	f.Add(bin("3fe11f41610162"), bin("0200c1"), uint16(4096))
	f.Fuzz(func(t *testing.T, stream, section []byte, limit uint16) {
		tb := Table{Limit: int(limit), LimitKnown: limit%2 == 0}
		for b := stream; len(b) > 0; {
			in, err := ParseEncoder(b)
			if err != nil || tb.Apply(&in) != nil {
				break
			}
			if in.Len <= 0 || in.Len > len(b) {
				t.Fatalf("an instruction of %d bytes", in.Len)
			}
			b = b[in.Len:]
			size := 0
			for _, e := range tb.Entries {
				size += e.Size()
			}
			if size != tb.Size || size > tb.Capacity || tb.LimitKnown && tb.Capacity > tb.Limit {
				t.Fatalf("size %d, said to be %d, of %d, limit %d", size, tb.Size, tb.Capacity, tb.Limit)
			}
		}
		copied := tb.Clone()
		a, err := tb.Decode(section, Limits{})
		b, err2 := copied.Decode(section, Limits{})
		if !reflect.DeepEqual(a, b) || err != err2 {
			t.Fatalf("%+v %v, of a copy %+v %v", a, err, b, err2)
		}
		at := a.Head
		for _, it := range a.Items {
			if it.Off != at || it.Len <= 0 {
				t.Fatalf("an item at %d of %d bytes, after %d", it.Off, it.Len, at)
			}
			at += it.Len
		}
		if err == nil && at != len(section) {
			t.Fatalf("%d of %d bytes decoded", at, len(section))
		}
		if in, err := ParseDecoder(section); err == nil {
			_ = tb.Acknowledge(in, a.Required)
		}
		tb.Lose()
		_, _ = tb.Decode(section, Limits{})
	})
}
