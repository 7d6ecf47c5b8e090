package fields

import (
	"testing"

	"netscope/decoders"
)

func tree() []Node {
	return []Node{FromMessage(decoders.Field{Name: "http", Label: "HTTP", Len: 30, Children: []decoders.Field{
		{Label: "Status line", Len: 17, Children: []decoders.Field{{Label: "Version", Len: 8}, {Label: "Status code", Off: 9, Len: 3}}},
		{Label: "Host", Off: 17, Len: 10}, {Label: "Host", Off: 27, Len: 3}, {Label: "made up"},
	}})}
}

func TestSmallestAndFindAgree(t *testing.T) {
	ns := tree()
	for off := range 30 {
		n := Smallest(ns, off)
		if n == nil {
			t.Fatalf("no field at %d", off)
		}
		if m := Find(ns, n.Ref); m != n {
			t.Errorf("byte %d: found %v, want %v", off, m, n)
		}
	}
	if n := Smallest(ns, 10); n.Ref.Path != "http/Status line/Status code" {
		t.Errorf("byte 10: %v", n.Ref)
	}
	if n := Smallest(ns, 99); n != nil {
		t.Errorf("byte 99: %v", n)
	}
}

func TestReference(t *testing.T) {
	for doc, want := range map[string]string{
		"The version (RFC 9112 §2.3).": "RFC 9112 §2.3", "See RFC 791, §3.1. More": "RFC 791 §3.1",
		"RFC 1 and RFC 9110": "RFC 9110", "none": "", "RFC x": "", "RFC ": "",
	} {
		if got := Reference(doc); got != want {
			t.Errorf("%q: %q, want %q", doc, got, want)
		}
	}
}
