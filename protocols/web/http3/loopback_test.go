package http3

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"netscope/protocols/web/http1"
)

// Both ends over real sockets: order, content, other statuses, key log, end.
func TestLoopback(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	id, err := NewIdentity("server", [32]byte{1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var keys bytes.Buffer
	srv := &Server{Identity: id, Keys: &keys, Now: time.Now, Handle: func(r *http1.Request) http1.Reply {
		if r.Path() != "/a" && r.Path() != "/b" {
			return http1.NotFound(r.Target)
		}
		text := strings.Repeat(r.Path(), 50000)
		return http1.Reply{Status: 200, Header: http1.Header{{Name: "Content-Type", Value: "text/plain"}}, Size: int64(len(text)), Body: strings.NewReader(text)}
	}}
	served := make(chan error, 1)
	serving, stop := context.WithCancel(ctx)
	go func() { served <- srv.Serve(serving, pc) }()
	c, err := net.Dial("udp", pc.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	k, err := Dial(ctx, c, id, time.Now, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := k.Ask(ctx, "/a", "/b", "/nothing")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rs {
		var b bytes.Buffer
		h, err := r.Read(&b)
		if r.Stream != int64(4*i) {
			t.Errorf("%s is on stream %d", r.Target, r.Stream)
		}
		if i == 2 {
			if err == nil || !strings.Contains(err.Error(), "404") {
				t.Errorf("%s: %v", r.Target, err)
			}
			continue
		}
		if err != nil || b.String() != strings.Repeat(r.Target, 50000) || h.Get("content-type") != "text/plain" {
			t.Errorf("%s: %d bytes, %v, %v", r.Target, b.Len(), h, err)
		}
	}
	if _, err := k.Ask(ctx, "no target"); err == nil {
		t.Error("a target without a slash was asked for")
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if n := strings.Count(keys.String(), "\n"); n != 4 {
		t.Errorf("%d secrets were told, want 4", n)
	}
}

// Nobody but the holder of the key is the server.
func TestOtherIdentity(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	mine, _ := NewIdentity("server", [32]byte{1}, time.Now())
	other, _ := NewIdentity("server", [32]byte{2}, time.Now())
	go func() { _ = (&Server{Identity: other, Now: time.Now, Keys: io.Discard}).Serve(ctx, pc) }()
	c, err := net.Dial("udp", pc.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(ctx, c, mine, time.Now, time.Second); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a server with another key was believed: %v", err)
	}
}
