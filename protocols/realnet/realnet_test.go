package realnet

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/http1"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// An exchange of the real network looks like one that was captured.
func TestHTTPAtTheSocket(t *testing.T) {
	body := strings.Repeat("netscope ", 20000)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, body) }))
	defer srv.Close()
	b := timeline.NewBuilder(timeline.Options{Store: store.New(0), Details: store.New(0), Decoders: []decoders.Decoder{http1.Decoder{}}})
	src := New(Options{}, func(ctx context.Context, w lab.World) error {
		c := http.Client{Transport: &http.Transport{DialContext: w.Host("").DialContext, DisableKeepAlives: true}}
		r, err := c.Get(srv.URL + "/page")
		if err != nil {
			return err
		}
		defer r.Body.Close()
		_, err = io.Copy(io.Discard, r.Body)
		return err
	})
	if err := src.Run(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	b.Finish(nil)
	s := b.Snapshot()
	var got []string
	first, end := s.MessageRange()
	for id := first; id < end; id++ {
		if m := s.Message(id); m.Level == decoders.MessageLevel {
			got = append(got, m.Name)
			if m.Name == "200" && m.Len != int64(len(body)) {
				t.Errorf("the body has %d bytes, not %d", m.Len, len(body))
			}
		}
	}
	if strings.Join(got, " ") != "GET 200" {
		t.Errorf("messages: %v", got)
	}
	if c := s.Conversation(0); s.Conversations() != 1 || c.A.String() == "" {
		t.Errorf("%d conversations", s.Conversations())
	}
}

func TestDatagrams(t *testing.T) {
	var rec recorder
	err := New(Options{Bind: loopback}, func(ctx context.Context, w lab.World) error {
		h := w.Host("")
		p, err := h.ListenPacket("udp", ":0")
		if err != nil {
			return err
		}
		c, err := h.DialContext(ctx, "udp", p.LocalAddr().String())
		if err != nil {
			return err
		}
		c.Write([]byte("ping"))
		buf := make([]byte, 100)
		n, from, err := p.ReadFrom(buf)
		if err != nil {
			return err
		}
		p.WriteTo(buf[:n], from)
		if n, err = c.Read(buf); err != nil || string(buf[:n]) != "ping" {
			return errors.New("no answer")
		}
		w.Note(capture.Note{Name: "done"})
		return nil // both sockets are left open: closing them is the source's business
	}).Run(t.Context(), &rec)
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.packets) != 4 || len(rec.metas) < 3 { // each end is a socket of ours
		t.Fatalf("%d packets, %d metas", len(rec.packets), len(rec.metas))
	}
	for _, p := range rec.packets {
		if s := layers.Summarize(p.Link, p.Data, p.Length); s.Proto != "UDP" {
			t.Errorf("summary: %+v", s)
		}
	}
}

// A listener and a dialler of the same program: resets and ends are told.
func TestStreamsEnd(t *testing.T) {
	var rec recorder
	err := New(Options{Bind: loopback}, func(ctx context.Context, w lab.World) error {
		h := w.Host("")
		l, err := h.Listen("tcp", ":0")
		if err != nil {
			return err
		}
		c, err := h.DialContext(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		s, err := l.Accept()
		if err != nil {
			return err
		}
		c.Write([]byte("hello"))
		c.(interface{ CloseWrite() error }).CloseWrite()
		if b, err := io.ReadAll(s); string(b) != "hello" || err != nil {
			return errors.New("not read")
		}
		return s.Close()
	}).Run(t.Context(), &rec)
	if err != nil {
		t.Fatal(err)
	}
	var info []string
	for _, p := range rec.packets {
		info = append(info, layers.Summarize(p.Link, p.Data, p.Length).Info)
	}
	if n := strings.Count(strings.Join(info, "\n"), "FIN"); n < 3 {
		t.Errorf("%d ends told:\n%s", n, strings.Join(info, "\n"))
	}
}

// When nobody can be told any more, the work is called off.
func TestSinkFails(t *testing.T) {
	full := errors.New("disk full")
	rec := recorder{fail: full}
	err := New(Options{Bind: loopback}, func(ctx context.Context, w lab.World) error {
		c, err := w.Host("").DialContext(ctx, "udp", "127.0.0.1:9")
		if err != nil {
			return err
		}
		c.Write([]byte("x"))
		<-ctx.Done()
		return ctx.Err()
	}).Run(t.Context(), &rec)
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type recorder struct {
	packets []capture.Packet
	metas   []capture.Meta
	fail    error
}

func (r *recorder) Packet(p capture.Packet) error {
	p.Data = append([]byte(nil), p.Data...)
	r.packets = append(r.packets, p)
	return r.fail
}

func (r *recorder) Meta(m capture.Meta) error { r.metas = append(r.metas, m); return nil }
