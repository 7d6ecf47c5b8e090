package netlab

import (
	"bytes"
	"testing"
)

// Every packet has the checksum that it should have, be it made by a host's
// stack, forwarded, or made by a router.
func TestChecksums(t *testing.T) {
	var rec recorder
	bubble(t, line(0), Options{Index: 1, All: true, Sink: &rec}, func(t *testing.T, n *Network) {
		w := n.World()
		for _, server := range []string{"server", "r2"} {
			defer serve(t, w.Host(server), "tcp", ":80", sendBytes(5001)).Close()
			defer echoUDP(t, w.Host(server), "udp", ":7").Close()
			for _, network := range []string{"tcp4", "tcp6"} {
				fetch(t, w.Host("client"), network, server+":80", 5001)
			}
			for _, network := range []string{"udp4", "udp6"} {
				c, err := w.Host("client").DialContext(t.Context(), network, server+":7")
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				c.Write([]byte("odd"))
				if _, err := c.Read(make([]byte, 10)); err != nil {
					t.Errorf("%s to %s: %v", network, server, err)
				}
			}
		}
	})
	for _, p := range rec.packets {
		again := bytes.Clone(p.Data)
		fillChecksum(again)
		if !bytes.Equal(again, p.Data) {
			t.Errorf("link %d: wrong checksum in %x", p.Tap, p.Data[:min(len(p.Data), 64)])
		}
	}
	if len(rec.packets) < 100 {
		t.Errorf("only %d packets", len(rec.packets))
	}
}
