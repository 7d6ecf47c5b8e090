package data

import (
	"fmt"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

func line(m decodertest.Message) string {
	n, _ := decoders.Lookup(m.Fields, "data.len")
	s := fmt.Sprintf("%d %c %s %d..%d %d [%s]", m.Key, "AB"[m.Dir], m.Proto, m.Off, m.End, n.Int, m.Summary)
	if m.Err != "" {
		s += " !" + m.Err
	}
	if !m.Closed {
		s += " open"
	}
	return s
}

func TestTCP(t *testing.T) {
	a, b := decodertest.A, decodertest.B
	cases := []struct {
		name     string
		dialogue []decodertest.Turn
		want     []string
	}{
		{"the other side speaks", []decodertest.Turn{a("hel"), a("lo\n"), b("HELLO\n"), a("x"), decodertest.EndA()}, []string{
			`1 A TCP data 0..6 6 [6 bytes  hello\n]`, `2 B TCP data 0..6 6 [6 bytes  HELLO\n]`, `3 A TCP data 6..7 1 [1 byte  x]`}},
		{"long", []decodertest.Turn{a(strings.Repeat("x", maxMessage+1)), decodertest.EndA()}, []string{
			fmt.Sprintf("1 A TCP data 0..65536 65536 [65536 bytes  %s…]", strings.Repeat("x", maxPreview)), "2 A TCP data 65536..65537 1 [1 byte  x]"}},
		{"binary", []decodertest.Turn{a("\x00\x01\xff"), decodertest.EndA()}, []string{"1 A TCP data 0..3 3 [3 bytes  00 01 ff]"}},
		{"no trickery on the screen", []decodertest.Turn{a("\x1b[2Jhello"), decodertest.EndA()}, []string{"1 A TCP data 0..9 9 [9 bytes  1b 5b 32 4a 68 65 6c 6c 6f]"}},
		{"a gap", []decodertest.Turn{a("ab"), decodertest.Gap(decoders.AtoB, 5, "cd"), decodertest.EndA()}, []string{
			"1 A TCP data 0..2 2 [2 bytes  ab]", "2 A TCP data 7..9 2 [2 bytes  cd] !the 5 bytes before it are missing in the capture"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, m := range decodertest.Run(Decoder{}, c.dialogue...) {
				got = append(got, line(m))
			}
			if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
			decodertest.Splits(t, Decoder{}, decoders.Hint{Transport: decoders.TCP}, c.dialogue)
		})
	}
}

func TestUDP(t *testing.T) {
	r := decodertest.Drive(Decoder{}, decoders.Hint{Transport: decoders.UDP}, []decodertest.Turn{
		decodertest.A("one"), decodertest.A("two"), decodertest.B("Grüße"),
	}, decodertest.Whole)
	var got []string
	for _, m := range r.Messages {
		got = append(got, line(m))
	}
	want := "1 A UDP data 0..3 3 [3 bytes  one]\n2 A UDP data 3..6 3 [3 bytes  two]\n3 B UDP data 0..7 7 [7 bytes  Grüße]"
	if g := strings.Join(got, "\n"); g != want {
		t.Errorf("got\n%s\nwant\n%s", g, want)
	}
}

func TestExplain(t *testing.T) {
	f := Decoder{}.Explain(decoders.Exposed{Raw: []byte("one\r\ntwo"), Total: 8})
	if len(f.Children) != 2 || f.Children[0].Value != `one\r\n` || f.Children[1].Off != 5 || f.Children[1].Len != 3 {
		t.Errorf("%+v", f)
	}
	f = Decoder{}.Explain(decoders.Exposed{Raw: []byte{0, 1}, Total: 100})
	if len(f.Children) != 1 || f.Children[0].Len != 100 || f.Children[0].Value != "00 01…" {
		t.Errorf("%+v", f)
	}
}

func TestPreviewKeepsRunesWhole(t *testing.T) {
	if got := preview([]byte("a\xc3"), true); got != "a…" {
		t.Error(got)
	}
}
