package metainfo

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// noise gives n bytes that do not repeat soon.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func TestSingleFile(t *testing.T) {
	data := noise(100_000)
	tor, err := FromBytes(data, Options{Name: "book.txt", PieceLength: 32 << 10, Private: true, Comment: "a", CreatedBy: "b",
		CreatedAt: time.Unix(1e9, 0).UTC(), Tiers: [][]string{{"http://a/announce", "udp://b:1"}, {"http://c/announce"}}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(tor.Encode())
	if err != nil || !reflect.DeepEqual(again, tor) {
		t.Fatalf("\n got %+v, %v\nwant %+v", again, err, tor)
	}
	if tor.NumPieces() != 4 || tor.PieceLen(3) != 100_000-3<<15 || tor.PieceLen(4) != 0 || !tor.Private || tor.Multi {
		t.Errorf("%+v", tor)
	}
	for i := range tor.NumPieces() {
		p := data[i<<15:][:tor.PieceLen(i)]
		if !tor.VerifyPiece(i, p) || tor.VerifyPiece(i, p[1:]) || tor.VerifyPiece(i, append(p[:len(p):len(p)], 0)) || tor.VerifyPiece(i+1, p) {
			t.Errorf("piece %d", i)
		}
	}
	if tor.InfoHash != sha1.Sum(tor.Info) {
		t.Error("info-hash")
	}
}

func TestManyFiles(t *testing.T) {
	tor, err := FromFS(fstest.MapFS{
		"d/a.txt":   {Data: noise(10)},
		"d/b/empty": {},
		"d/b/x":     {Data: noise(40)},
		"d/c":       {Data: noise(7)},
	}, "d", Options{PieceLength: 16})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range tor.Files {
		paths = append(paths, fmt.Sprintf("%s %d+%d", strings.Join(f.Path, "/"), f.Offset, f.Length))
	}
	if got := strings.Join(paths, ", "); got != "d/a.txt 0+10, d/b/empty 10+0, d/b/x 10+40, d/c 50+7" {
		t.Error(got)
	}
	if got := tor.Segments(0, 8, 8); !reflect.DeepEqual(got, []Segment{{0, 8, 2}, {2, 0, 6}}) {
		t.Error(got)
	}
	if got := tor.Segments(3, 0, 9); !reflect.DeepEqual(got, []Segment{{2, 38, 2}, {3, 0, 7}}) {
		t.Error(got)
	}
	for _, s := range [][3]int64{{3, 0, 10}, {3, -1, 2}, {3, 9, 1}, {4, 0, 1}, {-1, 0, 1}, {0, 0, 0}, {0, 1 << 62, 1 << 62}} {
		if got := tor.Segments(int(s[0]), s[1], s[2]); got != nil {
			t.Errorf("%v: %v", s, got)
		}
	}
	if a, b := tor.PiecesOf(2); a != 0 || b != 4 {
		t.Error(a, b)
	}
	if a, b := tor.PiecesOf(1); a != b {
		t.Error(a, b)
	}
}

// file is a torrent of one file with a path below the name "t".
func torrentOf(names ...string) []byte {
	path := ""
	for _, n := range names {
		path += fmt.Sprintf("%d:%s", len(n), n)
	}
	return fmt.Appendf(nil, "d4:infod5:filesld6:lengthi5e4:pathl%seee4:name1:t12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", path)
}

func TestNames(t *testing.T) {
	for _, names := range [][]string{
		{}, {""}, {"."}, {".."}, {"..", "x"}, {"a", "..", "..", "x"}, {"/etc/passwd"}, {"", "etc"}, {"a/../../b"}, {"a\x00b"},
		{`..\x`}, {`C:\x`}, {`\\host\x`}, {strings.Repeat("n", 256)}, strings.Split(strings.Repeat("a ", 200), " "),
	} {
		if tor, err := Parse(torrentOf(names...)); !errors.Is(err, ErrPath) {
			t.Errorf("%q: %v, %v", names, tor, err)
		}
	}
	for in, want := range map[string]string{
		"a b.txt": "a b.txt", "...": "___", "..a": "..a", "C:": "C_", "nul": "_nul", "COM1.txt": "_COM1.txt", "com10": "com10",
		"aux .c": "_aux .c", "a. ": "a__", "a\nb": "a_b", "a<b>|?*\"": "a_b_____", "über": "über", "a\u202eb": "a_b", "\xff\xfe": "__",
	} {
		if got, err := SafeName(in); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, name := range []string{"..", "", "/x", "a/b"} {
		b := fmt.Appendf(nil, "d4:infod6:lengthi5e4:name%d:%s12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", len(name), name)
		if _, err := Parse(b); !errors.Is(err, ErrPath) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	two := func(a, b string) string {
		return fmt.Sprintf("d4:infod5:filesld6:lengthi1e4:pathl%seed6:lengthi1e4:pathl%seee4:name1:t12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaaee", a, b)
	}
	for _, s := range []string{two("1:a", "1:a"), two("1:a", "1:a1:b"), two("1:a1:b", "1:a"), two("2:a:", "2:a_")} {
		if _, err := Parse([]byte(s)); !errors.Is(err, ErrPath) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestUnusable(t *testing.T) {
	info := func(s string) string { return "d4:infod" + s + "ee" }
	const p20 = "6:pieces20:aaaaaaaaaaaaaaaaaaaa"
	for _, in := range []string{
		"", "i1e", "de", "d4:infoi1ee", "d4:infod", strings.Repeat("l", 1000),
		info("4:name1:a" + p20),
		info("6:lengthi5e4:name1:a12:piece lengthi0e" + p20),
		info("6:lengthi5e4:name1:a12:piece lengthi-1e" + p20),
		info("6:lengthi5e4:name1:a12:piece lengthi9223372036854775807e" + p20),
		info("6:lengthi5e4:name1:a12:piece lengthi4e" + p20),
		info("6:lengthi0e4:name1:a12:piece lengthi4e6:pieces0:"),
		info("6:lengthi-5e4:name1:a12:piece lengthi4e" + p20),
		info("6:lengthi5e4:name1:a12:piece lengthi16e6:pieces19:aaaaaaaaaaaaaaaaaaa"),
		info("6:lengthi9223372036854775807e4:name1:a12:piece lengthi16384e" + p20),
		info("5:filesle4:name1:a12:piece lengthi16384e" + p20),
		info("5:filesld6:lengthi9223372036854775807e4:pathl1:aeed6:lengthi9223372036854775807e4:pathl1:beee4:name1:a12:piece lengthi16384e" + p20),
		info("12:meta versioni3e4:name1:a12:piece lengthi16384e"),
		info("9:file treede12:meta versioni2e4:name1:a12:piece lengthi16384e"),
		info("9:file treed1:ad0:d6:lengthi99999e11:pieces root32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaeee12:meta versioni2e4:name1:a12:piece lengthi16384e"),
		info("9:file treed2:..d0:d6:lengthi9e11:pieces root32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaeee12:meta versioni2e4:name1:a12:piece lengthi16384e"),
	} {
		tor, err := Parse([]byte(in))
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrPath) {
			t.Errorf("%.100s: %+v, %v", in, tor, err)
		}
	}
}

func TestTiers(t *testing.T) {
	tail := string(torrentOf("a")[1:])
	for in, want := range map[string][][]string{
		"d8:announce8:http://a":                                       {{"http://a"}},
		"d8:announce8:http://a13:announce-listll8:http://bee":         {{"http://b"}},
		"d8:announce8:http://a13:announce-listllel8:http://aee":       {{"http://a"}},
		"d8:announce8:http://a13:announce-listll0:i1eee":              {{"http://a"}},
		"d13:announce-listll8:http://a8:http://bel8:http://c1:\x01ee": {{"http://a", "http://b"}, {"http://c"}},
		"d8:announce9:http:// a":                                      nil,
	} {
		tor, err := Parse([]byte(in + tail))
		if err != nil || !reflect.DeepEqual(tor.Tiers, want) {
			t.Errorf("%s: %v, %v", in, tor, err)
		}
	}
}

func TestMagnet(t *testing.T) {
	const hex40 = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"
	m, err := ParseMagnet("magnet:?xt=urn:btih:" + hex40 + "&dn=a+b&tr=http%3A%2F%2Fa%2Fannounce&tr.1=udp://b:1&x.pe=10.0.0.1:6881&x.pe=[fd00::1]:1&x.pe=bad&xl=9&unknown=1")
	if err != nil || fmt.Sprintf("%x", m.InfoHash) != hex40 || m.Name != "a b" || m.Length != 9 ||
		!reflect.DeepEqual(m.Trackers, []string{"http://a/announce", "udp://b:1"}) || !reflect.DeepEqual(m.Peers, []string{"10.0.0.1:6881", "[fd00::1]:1"}) {
		t.Errorf("%+v, %v", m, err)
	}
	if again, err := ParseMagnet(m.String()); err != nil || !reflect.DeepEqual(again, m) {
		t.Errorf("%+v, %v", again, err)
	}
	b32, err := ParseMagnet("MAGNET:?xt=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK")
	if err != nil || b32.InfoHash != m.InfoHash {
		t.Errorf("%+v, %v", b32, err)
	}
	v2, err := ParseMagnet("magnet:?xt=urn:btmh:1220" + strings.Repeat("ab", 32))
	if err != nil || v2.HasV1 || !v2.HasV2 || v2.InfoHash[19] != 0xab {
		t.Errorf("%+v, %v", v2, err)
	}
	for _, in := range []string{"", "magnet:?", "magnet:?dn=x", "http://a", "magnet:?xt=urn:btih:abc", "magnet:?xt=urn:btih:" + strings.Repeat("z", 40),
		"magnet:?xt=urn:btmh:1220", "magnet:?xt=%zz", "magnet:?xt=urn:btih:" + strings.Repeat("1", 32), "magnet:?xt=urn:sha1:" + hex40} {
		if m, err := ParseMagnet(in); !errors.Is(err, ErrMagnet) {
			t.Errorf("%s: %+v, %v", in, m, err)
		}
	}
	tor, err := FromBytes(noise(1000), Options{Name: "x", Tiers: [][]string{{"http://a"}}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := FromMagnet(tor.Magnet(), tor.Info)
	if err != nil || !reflect.DeepEqual(again, tor) {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := FromMagnet(m, tor.Info); err == nil {
		t.Error("another torrent's info is taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(torrentOf("a", "b"))
	one, _ := FromBytes(noise(100), Options{Name: "x", PieceLength: 16, Tiers: [][]string{{"http://a"}, {"udp://b:1"}}})
	f.Add(one.Encode())
	f.Add([]byte("d4:infod9:file treed1:ad0:d6:lengthi9e11:pieces root32:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaeee12:meta versioni2e4:name1:a12:piece lengthi16384eee"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tor, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(tor.Encode())
		if err != nil || again.InfoHash != tor.InfoHash || !bytes.Equal(again.Info, tor.Info) {
			t.Fatalf("%+v is read again as %+v, %v", tor, again, err)
		}
		var total int64
		for i := 0; i < tor.NumPieces() && i < 1000; i++ {
			n := tor.PieceLen(i)
			if n <= 0 || n > tor.PieceLength {
				t.Fatalf("piece %d has %d bytes", i, n)
			}
			var sum int64
			for _, s := range tor.Segments(i, 0, n) {
				sum += s.Len
				if s.Off < 0 || s.Len <= 0 || s.Off+s.Len > tor.Files[s.File].Length {
					t.Fatalf("piece %d: %+v", i, s)
				}
			}
			if sum != n {
				t.Fatalf("piece %d: segments of %d bytes, not %d", i, sum, n)
			}
			total += n
		}
		for _, file := range tor.Files {
			for _, name := range file.Path {
				if s, err := SafeName(name); err != nil || s != name {
					t.Fatalf("%q in a path", name)
				}
			}
		}
	})
}

func FuzzMagnet(f *testing.F) {
	f.Add("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a&dn=a+b&tr=udp://b:1&x.pe=10.0.0.1:1&xl=9")
	f.Add("magnet:?xt=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMagnet(s)
		if err != nil {
			return
		}
		if again, err := ParseMagnet(m.String()); err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("%+v is read again as %+v, %v", m, again, err)
		}
	})
}
