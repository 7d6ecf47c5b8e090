package realnet

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// DNS inside TLS and HTTPS is decoded when the secrets are there: what a client
// at our sockets says of itself.
func TestDNSInside(t *testing.T) {
	query, answer := messages(t)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/dns-message")
		w.Write(answer)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	dot := serveDoT(t, srv.TLS, answer)
	for name, ask := range map[string]func(ctx context.Context, h lab.Host, c *tls.Config) error{
		"DoT": func(ctx context.Context, h lab.Host, c *tls.Config) error {
			raw, err := h.DialContext(ctx, "tcp", dot)
			if err != nil {
				return err
			}
			c.NextProtos = []string{"dot"}
			conn := tls.Client(raw, c)
			defer conn.Close()
			if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(query))), query...)); err != nil {
				return err
			}
			_, err = io.ReadFull(conn, make([]byte, 2+len(answer)))
			return err
		},
		"DoH, HTTP/2, POST": func(ctx context.Context, h lab.Host, c *tls.Config) error {
			r, _ := http.NewRequestWithContext(ctx, "POST", srv.URL+"/dns-query", bytes.NewReader(query))
			r.Header.Set("Content-Type", "application/dns-message")
			return fetch(r, h, c, true)
		},
		"DoH, HTTP/2, GET": func(ctx context.Context, h lab.Host, c *tls.Config) error {
			r, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+"/dns-query?dns="+base64.RawURLEncoding.EncodeToString(query), nil)
			r.Header.Set("Accept", "application/dns-message")
			return fetch(r, h, c, true)
		},
		"DoH, HTTP/1.1": func(ctx context.Context, h lab.Host, c *tls.Config) error {
			r, _ := http.NewRequestWithContext(ctx, "POST", srv.URL+"/dns-query", bytes.NewReader(query))
			r.Header.Set("Content-Type", "application/dns-message")
			return fetch(r, h, c, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := timeline.NewBuilder(timeline.Options{Store: store.New(0), Details: store.New(0), Decoders: all.List()})
			err := New(Options{}, func(ctx context.Context, w lab.World) error {
				return ask(ctx, w.Host(""), &tls.Config{InsecureSkipVerify: true, ServerName: "example.com", KeyLogWriter: secrets{w}})
			}).Run(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			b.Finish(nil)
			s := b.Snapshot()
			var got []string
			first, end := s.MessageRange()
			for id := first; id < end; id++ {
				if m := s.Message(id); m.Level == decoders.MessageLevel && strings.HasPrefix(m.Proto, "DNS") {
					got = append(got, m.Name+" "+m.Summary)
				}
			}
			text := strings.Join(got, "; ")
			if len(got) != 2 || !strings.Contains(text, "query A www.example.com") || !strings.Contains(text, "192.0.2.7") {
				t.Errorf("decoded: %s", text)
				for id := first; id < end; id++ {
					m := s.Message(id)
					t.Logf("%v %s %s %s", m.Level, m.Proto, m.Name, m.Summary)
				}
			}
		})
	}
}

func fetch(r *http.Request, h lab.Host, c *tls.Config, two bool) error {
	tr := &http.Transport{DialContext: h.DialContext, TLSClientConfig: c, ForceAttemptHTTP2: two}
	defer tr.CloseIdleConnections()
	res, err := tr.RoundTrip(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// secrets hands a key log on to the world.
type secrets struct{ w lab.World }

func (s secrets) Write(b []byte) (int, error) {
	s.w.Secrets(capture.Secrets{Type: 0x544c534b, Data: append([]byte(nil), b...)})
	return len(b), nil
}

// serveDoT answers every query over TLS with the same message.
func serveDoT(t *testing.T, c *tls.Config, answer []byte) string {
	t.Helper()
	c = c.Clone()
	c.NextProtos = []string{"dot"}
	l, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func(conn net.Conn) {
				defer conn.Close()
				var n [2]byte
				if _, err := io.ReadFull(conn, n[:]); err != nil {
					return
				}
				if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint16(n[:]))); err != nil {
					return
				}
				conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
			}(conn)
		}
	}()
	return l.Addr().String()
}

// messages are a question and its answer.
func messages(t *testing.T) (query, answer []byte) {
	t.Helper()
	name := dnsmessage.MustNewName("www.example.com.")
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: 4711, RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}}}
	query, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	m.Response = true
	m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: 60},
		Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 7}}}}
	if answer, err = m.Pack(); err != nil {
		t.Fatal(err)
	}
	return query, answer
}
