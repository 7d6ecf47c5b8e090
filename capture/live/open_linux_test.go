package live

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"netscope/capture"
)

// TestInterfaceGoes takes the interface away during a capture.
func TestInterfaceGoes(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	ip(t, "link add v0 type veth peer name v1")
	if _, err := Open("v0", Options{}); err == nil || !strings.Contains(err.Error(), "ip link set v0 up") {
		t.Errorf("down: %v", err)
	}
	ip(t, "link set v0 up")
	_, done := start(t, "v0", Options{}, &collected{})
	ip(t, "link del v0")
	if err := <-done; err == nil || !strings.Contains(err.Error(), "went down") {
		t.Errorf("gone: %v", err)
	}
}

// TestTunnel captures an interface without link header.
func TestTunnel(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	for hw, want := range map[uint16]capture.LinkType{
		unix.ARPHRD_ETHER: capture.LinkEthernet, unix.ARPHRD_LOOPBACK: capture.LinkEthernet, unix.ARPHRD_NONE: capture.LinkRaw,
		unix.ARPHRD_PPP: capture.LinkSLL2, unix.ARPHRD_INFINIBAND: capture.LinkSLL2, unix.ARPHRD_IEEE80211_RADIOTAP: 127,
	} {
		if got, _ := linkOf(hw); got != want {
			t.Errorf("hardware type %d is %s, want %s", hw, got, want)
		}
	}
	ip(t, "tuntap add dev t0 mode tun")
	ip(t, "addr add 10.9.0.1/24 dev t0")
	ip(t, "link set t0 up")
	s, err := Open("t0", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Link() != capture.LinkRaw {
		t.Errorf("link type %s", s.Link())
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		iface string
		o     Options
		kind  error
		part  string
	}{
		{"nosuch0", Options{}, fs.ErrNotExist, "netscope -D"},
		{"999", Options{}, fs.ErrNotExist, "netscope -D"},
		{"lo", Options{Filter: "tcp"}, errors.ErrUnsupported, "capture filters come later"},
		{"lo", Options{SnapLen: -1}, nil, "-1 bytes"},
	} {
		_, err := Open(test.iface, test.o)
		if err == nil || !strings.Contains(err.Error(), test.part) || test.kind != nil && !errors.Is(err, test.kind) {
			t.Errorf("Open(%q, %+v): %v", test.iface, test.o, err)
		}
	}
}
