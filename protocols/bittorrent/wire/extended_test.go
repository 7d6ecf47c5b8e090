package wire

import (
	"net/netip"
	"reflect"
	"testing"
)

func TestExtHandshake(t *testing.T) {
	h := ExtHandshake{
		M: map[string]uint8{UTMetadata: 3, UTPex: 1}, Port: 6881, Client: "netscope", YourIP: netip.MustParseAddr("10.0.0.1"),
		Reqq: 250, MetadataSize: 31235, UploadOnly: true,
	}
	want := "d1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei31235e1:pi6881e4:reqqi250e11:upload_onlyi1e1:v8:netscope6:yourip4:\x0a\x00\x00\x01e"
	if got := h.Append(nil); string(got) != want {
		t.Errorf("%q", got)
	}
	if got, err := ParseExtHandshake([]byte(want)); err != nil || !reflect.DeepEqual(got, h) {
		t.Errorf("%+v, %v", got, err)
	}
	odd := "d1:md1:ai-1e1:bi256e1:ci7ee1:pi70000e13:metadata_sizei-5e6:yourip3:abce"
	if got, err := ParseExtHandshake([]byte(odd)); err != nil || !reflect.DeepEqual(got, ExtHandshake{M: map[string]uint8{"c": 7}}) {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"", "d", "i1e", "le", "d1:m"} {
		if _, err := ParseExtHandshake([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// The examples of BEP 9.
func TestMetadata(t *testing.T) {
	for _, c := range []struct {
		m    Metadata
		wire string
	}{
		{Metadata{Type: MetadataRequest}, "d8:msg_typei0e5:piecei0ee"},
		{Metadata{Type: MetadataData, Total: 34256, Data: []byte("xxx")}, "d8:msg_typei1e5:piecei0e10:total_sizei34256eexxx"},
		{Metadata{Type: MetadataReject}, "d8:msg_typei2e5:piecei0ee"},
	} {
		if got := c.m.Append(nil); string(got) != c.wire {
			t.Errorf("%q, want %q", got, c.wire)
		}
		if got, err := ParseMetadata([]byte(c.wire)); err != nil || !reflect.DeepEqual(got, c.m) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for _, bad := range []string{"", "de", "d8:msg_typei0ee", "d8:msg_typei0e5:piecei-1ee"} {
		if _, err := ParseMetadata([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestPex(t *testing.T) {
	p := Pex{
		Added: []PexPeer{
			{netip.MustParseAddrPort("10.0.0.1:6881"), PexSeed | PexReachable},
			{netip.MustParseAddrPort("[fd00::1]:80"), 0},
		},
		Dropped: []netip.AddrPort{netip.MustParseAddrPort("10.0.0.2:6882")},
	}
	want := "d5:added6:\x0a\x00\x00\x01\x1a\xe17:added.f1:\x126:added618:\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x50" +
		"8:added6.f1:\x007:dropped6:\x0a\x00\x00\x02\x1a\xe28:dropped60:e"
	if got := p.Append(nil); string(got) != want {
		t.Errorf("%q", got)
	}
	if got, err := ParsePex([]byte(want)); err != nil || !reflect.DeepEqual(got, p) {
		t.Errorf("%+v, %v", got, err)
	}
	long := Pex{}
	for range 60 {
		long.Added = append(long.Added, p.Added[0])
	}
	if got, err := ParsePex(long.Append(nil)); err != nil || len(got.Added) != MaxPex {
		t.Errorf("%d peers, %v", len(got.Added), err)
	}
	if got, err := ParsePex([]byte("d5:added7:\x0a\x00\x00\x01\x1a\xe1\x01e")); err != nil || len(got.Added) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzExtended(f *testing.F) {
	f.Add([]byte("d1:md11:ut_metadatai3ee1:pi6881ee"))
	f.Add([]byte("d8:msg_typei1e5:piecei0e10:total_sizei34256eexxx"))
	f.Add([]byte("d5:added6:\x0a\x00\x00\x01\x1a\xe17:added.f1:\x12e"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := ParseExtHandshake(b); err == nil {
			if again, err := ParseExtHandshake(h.Append(nil)); err != nil || !reflect.DeepEqual(again.M, h.M) {
				t.Errorf("%+v became %+v, %v", h, again, err)
			}
		}
		if m, err := ParseMetadata(b); err == nil {
			if again, err := ParseMetadata(m.Append(nil)); err != nil || !reflect.DeepEqual(again, m) {
				t.Errorf("%+v became %+v, %v", m, again, err)
			}
		}
		if p, err := ParsePex(b); err == nil {
			if again, err := ParsePex(p.Append(nil)); err != nil || len(again.Added) > len(p.Added) {
				t.Errorf("%+v became %+v, %v", p, again, err)
			}
		}
	})
}
