package hpack

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// list writes the header list of items, one field a line.
func list(items []Item) string {
	var b strings.Builder
	for _, it := range items {
		if it.Kind != SizeUpdate {
			fmt.Fprintf(&b, "%s: %s\n", it.Field.Name, it.Field.Value)
		}
	}
	return b.String()
}

// shown writes a table as the RFC does, the newest first.
func shown(t *Table) string {
	var b strings.Builder
	for i := len(t.Entries) - 1; i >= 0; i-- {
		e := t.Entries[i]
		fmt.Fprintf(&b, "[%d] %s: %s\n", t.Index(i)-61, e.Name, e.Value)
	}
	fmt.Fprintf(&b, "size %d", t.Size)
	return b.String()
}

// block is one header block with what RFC 7541 app. C says comes of it.
type block struct{ hex, list, table string }

const (
	request1 = ":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\n"
	request2 = request1 + "cache-control: no-cache\n"
	request3 = ":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value\n"
	after1   = "[1] :authority: www.example.com\nsize 57"
	after2   = "[1] cache-control: no-cache\n[2] :authority: www.example.com\nsize 110"
	after3   = "[1] custom-key: custom-value\n[2] cache-control: no-cache\n[3] :authority: www.example.com\nsize 164"

	date1   = "Mon, 21 Oct 2013 20:13:21 GMT"
	date2   = "Mon, 21 Oct 2013 20:13:22 GMT"
	cookie  = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
	site    = "https://www.example.com"
	answer1 = ":status: 302\ncache-control: private\ndate: " + date1 + "\nlocation: " + site + "\n"
	answer2 = ":status: 307\ncache-control: private\ndate: " + date1 + "\nlocation: " + site + "\n"
	answer3 = ":status: 200\ncache-control: private\ndate: " + date2 + "\nlocation: " + site + "\ncontent-encoding: gzip\nset-cookie: " + cookie + "\n"
	table1  = "[1] location: " + site + "\n[2] date: " + date1 + "\n[3] cache-control: private\n[4] :status: 302\nsize 222"
	table2  = "[1] :status: 307\n[2] location: " + site + "\n[3] date: " + date1 + "\n[4] cache-control: private\nsize 222"
	table3  = "[1] set-cookie: " + cookie + "\n[2] content-encoding: gzip\n[3] date: " + date2 + "\nsize 215"
)

func TestAppendixC(t *testing.T) {
	cases := []struct {
		name   string
		max    int
		blocks []block
	}{
		{"C.2.1 literal with indexing", 4096, []block{{"400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
			"custom-key: custom-header\n", "[1] custom-key: custom-header\nsize 55"}}},
		{"C.2.2 literal without indexing", 4096, []block{{"040c 2f73 616d 706c 652f 7061 7468", ":path: /sample/path\n", "size 0"}}},
		{"C.2.3 literal never indexed", 4096, []block{{"1008 7061 7373 776f 7264 0673 6563 7265 74", "password: secret\n", "size 0"}}},
		{"C.2.4 indexed", 4096, []block{{"82", ":method: GET\n", "size 0"}}},
		{"C.3 requests without Huffman coding", 4096, []block{
			{"8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", request1, after1},
			{"8286 84be 5808 6e6f 2d63 6163 6865", request2, after2},
			{"8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", request3, after3}}},
		{"C.4 requests with Huffman coding", 4096, []block{
			{"8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", request1, after1},
			{"8286 84be 5886 a8eb 1064 9cbf", request2, after2},
			{"8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", request3, after3}}},
		{"C.5 responses without Huffman coding", 256, []block{
			{"4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", answer1, table1},
			{"4803 3330 37c1 c0bf", answer2, table2},
			{"88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31", answer3, table3}}},
		{"C.6 responses with Huffman coding", 256, []block{
			{"4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3", answer1, table1},
			{"4883 640e ffc1 c0bf", answer2, table2},
			{"88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07", answer3, table3}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			table := NewTable()
			table.Resize(c.max)
			for i, b := range c.blocks {
				items, err := table.Decode(unhex(t, b.hex), Limits{})
				if err != nil {
					t.Fatalf("block %d: %v", i+1, err)
				}
				if got := list(items); got != b.list {
					t.Errorf("block %d gives\n%swant\n%s", i+1, got, b.list)
				}
				if got := shown(&table); got != b.table {
					t.Errorf("after block %d the table is\n%s\nwant\n%s", i+1, got, b.table)
				}
			}
		})
	}
}

func TestIntegers(t *testing.T) { // C.1
	for _, c := range []struct {
		hex  string
		bits uint
		want uint64
	}{{"0a", 5, 10}, {"1f9a0a", 5, 1337}, {"2a", 8, 42}, {"7f00", 7, 127}} {
		b := unhex(t, c.hex)
		if n, next, err := integer(b, 0, c.bits); n != c.want || next != len(b) || err != nil {
			t.Errorf("%s is %d, %d, %v; want %d", c.hex, n, next, err, c.want)
		}
	}
}
