package netlab

import (
	"testing"
	"time"

	"netscope/protocols/lab"
)

// A server can be started again while connections of the one before still
// linger, but not beside it.
func TestListenAgain(t *testing.T) {
	bubble(t, same(lab.Path{Delay: ms}), Options{Index: 1}, func(t *testing.T, n *Network) {
		h := n.World().Host("server")
		l := must(h.Listen("tcp", ":80"))(t)
		if l2, err := h.Listen("tcp", ":80"); err == nil {
			l2.Close()
			t.Error("two servers listen on one port")
		}
		c, err := n.World().Host("client").DialContext(t.Context(), "tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if l, err = h.Listen("tcp", ":80"); err != nil { // the connection is open
			t.Fatal(err)
		}
		l.Close()
		s.Close() // the server closes first: TIME-WAIT is on its side
		c.Close()
		time.Sleep(time.Second)
		if l, err = h.Listen("tcp", ":80"); err != nil {
			t.Fatal(err)
		}
		l.Close()
	})
}
