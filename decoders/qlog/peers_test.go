package qlog

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/qlogwriter"

	"netscope/decoders"
)

// buffer is a file in memory that says when it is closed.
type buffer struct {
	bytes.Buffer
	closed chan struct{}
}

func (b *buffer) Close() error { close(b.closed); return nil }

// What quic-go writes about a connection reads, from either side.
func TestQUICGo(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	logs := map[bool]*buffer{true: {closed: make(chan struct{})}, false: {closed: make(chan struct{})}}
	config := &quic.Config{Tracer: func(_ context.Context, client bool, id quic.ConnectionID) qlogwriter.Trace {
		seq := qlogwriter.NewConnectionFileSeq(logs[client], client, id)
		go seq.Run()
		return seq
	}}
	_, key, _ := ed25519.GenerateKey(nil)
	der, err := x509.CreateCertificate(nil, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := quic.ListenAddr("127.0.0.1:0", &tls.Config{NextProtos: []string{"x"}, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, config)
	if err != nil {
		t.Skip(err)
	}
	go func() {
		c, err := ln.Accept(ctx)
		if err != nil {
			return
		}
		if s, err := c.AcceptStream(ctx); err == nil {
			_, _ = io.Copy(s, s)
			_ = s.Close()
		}
		<-c.Context().Done()
	}()
	c, err := quic.DialAddr(ctx, ln.Addr().(*net.UDPAddr).String(), &tls.Config{NextProtos: []string{"x"}, InsecureSkipVerify: true}, config)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.OpenStreamSync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Write(make([]byte, 5000))
	_ = s.Close()
	if b, err := io.ReadAll(s); len(b) != 5000 || err != nil {
		t.Fatal(len(b), err)
	}
	_ = c.CloseWithError(7, "done")
	for client, log := range logs {
		select {
		case <-log.closed:
		case <-ctx.Done():
			t.Fatal("the log is never complete")
		}
		snap := timelineOf(t, log.String())
		count := map[string]int{}
		sent := map[int64]bool{}
		from, to := snap.MessageRange()
		for id := from; id < to; id++ {
			m := snap.Message(id)
			count[m.Name]++
			if m.Err != "" {
				t.Errorf("%s: %s", m.Summary, m.Err)
			}
			if e, _ := decoders.Lookup(m.Fields, "qlog.event"); e.Str == "packet_sent" && m.Name == "1-RTT" {
				n, _ := decoders.Lookup(m.Fields, "quic.packet_number")
				sent[n.Int] = true
			}
		}
		for _, name := range []string{"Initial", "Handshake", "1-RTT", "CRYPTO", "STREAM", "ACK", "CONNECTION_CLOSE"} {
			if count[name] == 0 {
				t.Errorf("client %v: no %s among %v", client, name, count)
			}
		}
		if len(sent) < 5 || count["packet"] > 0 {
			t.Errorf("client %v: %d packets sent; %v", client, len(sent), count)
		}
		want := map[bool]string{true: "client (its log)", false: "server (its log)"}[client]
		if n := snap.Notes(); len(n) == 0 || n[0].Host != want {
			t.Errorf("client %v: who wrote the log is not said: %+v", client, n)
		}
		if c := snap.Comments(); len(c) == 0 || !strings.Contains(c[0], "vantage point") {
			t.Errorf("%q", c)
		}
	}
}
