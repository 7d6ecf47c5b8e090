package run

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

func exposedAt(t *testing.T, r *Run, network string, port uint16) string {
	t.Helper()
	for _, e := range r.Hello().Exposed {
		if e.Network == network && e.Port == port {
			return e.Addr
		}
	}
	t.Fatalf("%s port %d is not exposed: %+v", network, port, r.Hello().Exposed)
	return ""
}

func dial(t *testing.T, network, addr string) net.Conn {
	t.Helper()
	c, err := net.DialTimeout(network, addr, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

func TestExpose(t *testing.T) {
	// A server of this machine that the lab's clients can reach.
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		for {
			c, err := echo.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(c, c); c.Close() }()
		}
	}()
	r := start(t, Request{Wall: true, Params: lab.Params{"delay": 0.01, "size": 5e4},
		Expose: []Forward{
			{Real: "127.0.0.1:0", Host: "server", Port: 80},
			{Real: "127.0.0.1:0", Host: "server", Port: 7},
			{Network: "tcp", Real: "127.0.0.1:0", Host: "server", Port: 81},   // refused
			{Network: "tcp", Real: "127.0.0.1:0", Host: "client", Port: 9999}, // back out again
		},
		Reach: []Forward{{Network: "tcp", Real: echo.Addr().String(), Host: "client", Port: 9999}},
	})
	rec := &recorder{}
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context(), rec) }()

	t.Run("tcp", func(t *testing.T) {
		t0 := time.Now()
		b, err := io.ReadAll(dial(t, "tcp", exposedAt(t, r, "tcp", 80)))
		if len(b) != 5e4 || err != nil {
			t.Errorf("%d bytes: %v", len(b), err)
		}
		if d := time.Since(t0); d < 60*time.Millisecond { // three round trips and 40 ms
			t.Errorf("done in %v: not across the emulated link", d)
		}
	})
	t.Run("udp", func(t *testing.T) {
		c := dial(t, "udp", exposedAt(t, r, "udp", 7))
		for _, s := range []string{"hello", "again"} {
			c.Write([]byte(s))
			b := make([]byte, 100)
			if n, err := c.Read(b); string(b[:n]) != s {
				t.Errorf("%q: %v", b[:n], err)
			}
		}
	})
	t.Run("refused", func(t *testing.T) {
		_, err := dial(t, "tcp", exposedAt(t, r, "tcp", 81)).Read(make([]byte, 1))
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a refused port looks like %v", err)
		}
	})
	t.Run("reach", func(t *testing.T) {
		c := dial(t, "tcp", exposedAt(t, r, "tcp", 9999))
		c.Write([]byte("to the real machine and back"))
		c.(*net.TCPConn).CloseWrite()
		b, err := io.ReadAll(c)
		if string(b) != "to the real machine and back" || err != nil {
			t.Errorf("%q: %v", b, err)
		}
	})
	t.Run("bind", func(t *testing.T) {
		taken := exposedAt(t, r, "tcp", 80)
		_, err := Start(t.Context(), Request{Lab: "test", Wall: true, Expose: []Forward{{Real: taken, Host: "server", Port: 80}}})
		if err == nil || !strings.Contains(err.Error(), "address already in use; choose another") {
			t.Error(err)
		}
		_, err = Start(t.Context(), Request{Lab: "test", Wall: true, Expose: []Forward{{Real: "127.0.0.1:0", Host: "nobody", Port: 80}}})
		if err == nil || !strings.Contains(err.Error(), "no host") {
			t.Error(err)
		}
	})
	r.Stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(rec.packets) < 50 {
		t.Errorf("%d packets captured", len(rec.packets))
	}
	for i, p := range rec.packets {
		if i > 0 && p.At.Before(rec.packets[i-1].At) {
			t.Error("packets are out of order")
		}
		if p.Loss == capture.NotLost && p.Arrived.Sub(p.At) < 10*time.Millisecond {
			t.Error("a packet arrived too early")
		}
	}
}

func TestExposeAll(t *testing.T) {
	r := start(t, Request{Wall: true})
	if n := len(r.Hello().Exposed); n != 2 {
		t.Fatalf("%d services, want 2: %+v", n, r.Hello().Exposed)
	}
	if e := r.Hello().Exposed[0]; e.Service != "bytes" || e.Host != "server" || !strings.HasPrefix(e.Addr, "127.0.0.1:") {
		t.Errorf("%+v", e)
	}
}

func TestParseForwards(t *testing.T) {
	for in, want := range map[string]Forward{
		"server:80":              {Real: "127.0.0.1:0", Host: "server", Port: 80},
		"8080=server:80":         {Real: "127.0.0.1:8080", Host: "server", Port: 80},
		"0.0.0.0:8080=server:80": {Real: "0.0.0.0:8080", Host: "server", Port: 80},
		"[::1]:8080=server:80":   {Real: "[::1]:8080", Host: "server", Port: 80},
	} {
		if got, err := ParseExpose(in); got != want || err != nil {
			t.Errorf("%s: %+v %v", in, got, err)
		}
	}
	if got, err := ParseReach("server:12000=127.0.0.1:12001"); err != nil || got != (Forward{Real: "127.0.0.1:12001", Host: "server", Port: 12000}) {
		t.Errorf("%+v %v", got, err)
	}
	for _, in := range []string{"", "server", "x=server:80", "80=server:x", "80=server:70000"} {
		if _, err := ParseExpose(in); err == nil {
			t.Errorf("%q was accepted", in)
		}
		if _, err := ParseReach(in); err == nil {
			t.Errorf("%q was accepted", in)
		}
	}
}
