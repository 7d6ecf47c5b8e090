package bencode

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
)

func TestDecodeAndEncode(t *testing.T) {
	for _, tc := range []struct{ in, out string }{
		{"i0e", ""}, {"i-1e", ""}, {"i9223372036854775807e", ""}, {"i-9223372036854775808e", ""},
		{"0:", ""}, {"4:spam", ""}, {"le", ""}, {"de", ""},
		{"l4:spami42ee", ""}, {"d3:cow3:moo4:spaml1:a1:bee", ""},
		{"d1:b1:x1:a1:ye", "d1:a1:y1:b1:xe"}, // read in any order, written sorted
		{"d1:ad1:bdeee", ""},
	} {
		v, err := Decode([]byte(tc.in))
		if err != nil {
			t.Errorf("%s: %v", tc.in, err)
			continue
		}
		want := tc.out
		if want == "" {
			want = tc.in
		}
		if got := string(Encode(v)); got != want {
			t.Errorf("%s: encoded %s, want %s", tc.in, got, want)
		}
		if n, err := Length([]byte(tc.in+"xyz"), Limits{}); err != nil || n != len(tc.in) {
			t.Errorf("%s: length %d, %v", tc.in, n, err)
		}
		if v.Off != 0 || v.Len != len(tc.in) {
			t.Errorf("%s: stands at %d+%d", tc.in, v.Off, v.Len)
		}
	}
}

func TestWrong(t *testing.T) {
	for _, tc := range []struct {
		in   string
		kind error
	}{
		{"", ErrShort}, {"i", ErrShort}, {"i4", ErrShort}, {"i-", ErrShort}, {"4", ErrShort}, {"4:spa", ErrShort},
		{"l", ErrShort}, {"d1:a", ErrShort}, {"li1e", ErrShort},
		{"ie", ErrSyntax}, {"i-e", ErrSyntax}, {"i03e", ErrSyntax}, {"i-0e", ErrSyntax}, {"i-03e", ErrSyntax}, {"i1x", ErrSyntax},
		{"i9223372036854775808e", ErrSyntax}, {"i-9223372036854775809e", ErrSyntax}, {"i99999999999999999999999e", ErrSyntax},
		{"04:spam", ErrSyntax}, {"-1:a", ErrSyntax}, {"4;spam", ErrSyntax}, {"x", ErrSyntax}, {"e", ErrSyntax},
		{"di1ei2ee", ErrSyntax}, {"d1:ae", ErrSyntax}, {"i--1e", ErrSyntax},
		{"99999999999999999999999:", ErrLimit}, {"4000000000:", ErrLimit},
		{strings.Repeat("l", 100), ErrLimit}, {strings.Repeat("d1:a", 1000), ErrLimit},
		{"l" + strings.Repeat("le", 1<<16) + "e", ErrLimit},
	} {
		_, err := Decode([]byte(tc.in))
		if !errors.Is(err, tc.kind) {
			t.Errorf("%.40s: %v, want %v", tc.in, err, tc.kind)
		}
		if _, err := Length([]byte(tc.in), Limits{}); !errors.Is(err, tc.kind) {
			t.Errorf("length of %.40s: %v, want %v", tc.in, err, tc.kind)
		}
	}
	for _, in := range []string{"d1:a1:x1:a1:ye", "d1:b0:1:a0:1:b0:e", "i1ei2e"} {
		if _, err := Decode([]byte(in)); !errors.Is(err, ErrSyntax) {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestOffsets(t *testing.T) {
	b := []byte("d4:infod4:name1:xe3:numi7ee")
	v, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(v.Get("info").Raw(b)); got != "d4:name1:xe" {
		t.Errorf("info is %s", got)
	}
	if e := v.Dict[1]; string(b[e.KeyOff:e.KeyOff+e.KeyLen]) != "3:num" || string(e.Value.Raw(b)) != "i7e" {
		t.Errorf("num is %+v", e)
	}
	if n, ok := v.Integer("num"); n != 7 || !ok || v.Get("info").Text("name") != "x" || v.Has("none") {
		t.Error("accessors")
	}
}

func TestLimits(t *testing.T) {
	if _, err := DecodeLimits([]byte("lllleeee"), Limits{Depth: 4}); err != nil {
		t.Error(err)
	}
	if _, err := DecodeLimits([]byte("lllleeee"), Limits{Depth: 3}); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	if _, err := DecodeLimits([]byte("l1:a1:be"), Limits{Elements: 2}); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
	for size := 1; size < 8; size++ {
		if _, err := DecodeLimits([]byte("l1:a1:be"), Limits{Size: size}); !errors.Is(err, ErrLimit) {
			t.Errorf("size %d: %v", size, err)
		}
	}
	deep := bytes.Repeat([]byte("l"), 1<<20)
	if _, err := DecodeLimits(deep, Limits{Depth: math.MaxInt, Elements: math.MaxInt}); !errors.Is(err, ErrLimit) {
		t.Error(err)
	}
}

// FuzzDecode: what is read is written and read again the same; the scanner
// agrees with the decoder however the bytes are cut; and every value stands
// where it says.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"d3:cow3:moo4:spaml1:a1:bee", "i-42e", "l4:spami42ee", "d1:b0:1:a0:e", "li-0ee", "5:ab", "ddddee"} {
		f.Add([]byte(s), byte(3))
	}
	lim := Limits{Depth: 16, Elements: 1000, Size: 4096}
	f.Fuzz(func(t *testing.T, b []byte, cut byte) {
		v, n, err := DecodePrefix(b, lim)
		s := NewScanner(lim)
		total, done := 0, false
		var serr error
		for rest := b; len(rest) > 0 && !done && serr == nil; {
			k := min(int(cut%16)+1, len(rest))
			var m int
			m, done, serr = s.Scan(rest[:k])
			total += m
			rest = rest[m:]
		}
		if err != nil {
			if IsShort(err) && (done || serr != nil) {
				t.Fatalf("decoder %v, scanner %v %v", err, done, serr)
			}
			return
		}
		if serr != nil || !done || total != n {
			t.Fatalf("decoder takes %d, scanner %d %v %v", n, total, done, serr)
		}
		check(t, b, v)
		enc := Encode(v)
		w, err := DecodeLimits(enc, lim)
		if err != nil || !bytes.Equal(Encode(w), enc) {
			t.Fatalf("%q is read again as %v, %v", enc, w, err)
		}
	})
}

func check(t *testing.T, b []byte, v Value) {
	w, err := Decode(v.Raw(b))
	if err != nil || w.Kind != v.Kind {
		t.Fatalf("%q: %v", v.Raw(b), err)
	}
	for _, e := range v.List {
		check(t, b, e)
	}
	for _, e := range v.Dict {
		check(t, b, e.Value)
	}
}
