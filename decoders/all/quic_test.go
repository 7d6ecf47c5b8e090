package all_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quic-go/quic-go"

	"netscope/capture"
	"netscope/decoders/all"
	"netscope/decoders/keylog"
	"netscope/decoders/timeline"
)

// tap records the datagrams of sockets in the order in which they pass.
type tap struct {
	mu   sync.Mutex
	list []capture.Packet
	keys bytes.Buffer
}

func (p *tap) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys.Write(b)
}

func (p *tap) seen(from, to net.Addr, b []byte) {
	src, dst := from.(*net.UDPAddr).AddrPort(), to.(*net.UDPAddr).AddrPort()
	ip := make([]byte, 28, 28+len(b))
	ip[0], ip[8], ip[9] = 0x45, 64, 17
	binary.BigEndian.PutUint16(ip[2:], uint16(28+len(b)))
	copy(ip[12:], src.Addr().Unmap().AsSlice())
	copy(ip[16:], dst.Addr().Unmap().AsSlice())
	binary.BigEndian.PutUint16(ip[20:], src.Port())
	binary.BigEndian.PutUint16(ip[22:], dst.Port())
	binary.BigEndian.PutUint16(ip[24:], uint16(8+len(b)))
	ip = append(ip, b...)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, capture.Packet{ID: capture.PacketID(len(p.list)), At: time.Unix(1, int64(len(p.list))*1e6), Link: capture.LinkRaw, Length: len(ip), Data: ip, Ref: -1})
}

// tapped is a socket that is listened to.
type tapped struct {
	net.PacketConn
	tap *tap
}

func (c tapped) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.PacketConn.ReadFrom(b)
	if err == nil {
		c.tap.seen(from, c.LocalAddr(), b[:n])
	}
	return n, from, err
}

func (c tapped) WriteTo(b []byte, to net.Addr) (int, error) {
	c.tap.seen(c.LocalAddr(), to, b)
	return c.PacketConn.WriteTo(b, to)
}

// socket opens one on loopback.
func socket(t *testing.T, p *tap) *quic.Transport {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Skipf("no loopback: %v", err)
	}
	t.Cleanup(func() { c.Close() })
	if p != nil {
		c = tapped{c, p}
	}
	return &quic.Transport{Conn: c, ConnectionIDLength: 6}
}

// decode makes a timeline of what has been recorded.
func (p *tap) decode(t *testing.T) *timeline.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	log := &keylog.Log{}
	log.Add(p.keys.Bytes())
	b := timeline.NewBuilder(timeline.Options{Decoders: all.List(), Secrets: log})
	if err := b.Meta(capture.Tap{Name: "lo", Link: capture.LinkRaw, SnapLen: 65535}); err != nil {
		t.Fatal(err)
	}
	for _, x := range p.list {
		if err := b.Packet(x); err != nil {
			t.Fatal(err)
		}
	}
	b.Finish(nil)
	return b.Snapshot()
}

// said are the summaries of messages that contain a text.
func said(s *timeline.Snapshot, text string) (out []timeline.Message) {
	_, end := s.MessageRange()
	for id := timeline.MessageID(0); id < end; id++ {
		if m := s.Message(id); strings.Contains(m.Summary, text) {
			out = append(out, m)
		}
	}
	return out
}

// quicServer echoes streams in upper case.
func quicServer(t *testing.T, tr *quic.Transport, versions ...quic.Version) *tls.Config {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(nil, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	conf := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"echo"}}
	ln, err := tr.ListenEarly(conf, &quic.Config{Allow0RTT: true, Versions: versions})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept(context.Background())
			if err != nil {
				return
			}
			go func() {
				for {
					st, err := c.AcceptStream(context.Background())
					if err != nil {
						return
					}
					go func() {
						b, _ := io.ReadAll(st)
						_, _ = st.Write(bytes.ToUpper(b))
						st.Close()
					}()
				}
			}()
		}
	}()
	return conf
}

func clientConfig(p *tap) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", NextProtos: []string{"echo"}, KeyLogWriter: p, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
}

// echo sends a text on a stream of its own and waits for the answer.
func echo(t *testing.T, c *quic.Conn, text string) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	st, err := c.OpenStreamSync(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	st.Close()
	_ = st.SetReadDeadline(time.Now().Add(10 * time.Second))
	if b, err := io.ReadAll(st); err != nil || string(b) != strings.ToUpper(text) {
		t.Fatalf("%q, %v", b, err)
	}
}

func dial(t *testing.T, tr, to *quic.Transport, conf *tls.Config, q *quic.Config) *quic.Conn {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	c, err := tr.DialEarly(ctx, to.Conn.LocalAddr(), conf, q)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A connection that moves to another address stays one conversation, which is
// decoded further and says that it has moved.
func TestQUICMigration(t *testing.T) {
	p := &tap{}
	sv, cl, other := socket(t, nil), socket(t, p), socket(t, p)
	quicServer(t, sv)
	c := dial(t, cl, sv, clientConfig(p), nil)
	echo(t, c, "before")
	path, err := c.AddPath(other)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	if err := path.Probe(ctx); err != nil {
		t.Fatal(err)
	}
	if err := path.Switch(); err != nil {
		t.Fatal(err)
	}
	echo(t, c, "after")
	_ = c.CloseWithError(0, "")
	s := p.decode(t)
	if n := s.Conversations(); n != 1 {
		t.Errorf("%d conversations", n)
	}
	if len(said(s, "probes the path from "+other.Conn.LocalAddr().String())) == 0 {
		t.Error("no probe")
	}
	moved := said(s, "the client has moved from "+cl.Conn.LocalAddr().String()+" to "+other.Conn.LocalAddr().String())
	if len(moved) != 1 {
		t.Errorf("%d packets say that the client has moved", len(moved))
	}
	if n := said(s, "encrypted:"); len(n) > 0 {
		t.Errorf("%d packets are not decrypted: %s", len(n), n[0].Summary)
	}
	var bodies []string
	for _, m := range said(s, "echo data") {
		r, err := s.Body(m.ID)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(r)
		bodies = append(bodies, string(b))
	}
	if got := strings.Join(bodies, " "); got != "before BEFORE after AFTER" {
		t.Errorf("streams carry %q", got)
	}
	if _, err := netip.ParseAddrPort(moved[0].Fields[len(moved[0].Fields)-1].Str); err != nil {
		t.Errorf("%+v", moved[0].Fields)
	}
	first, then, at := cl.Conn.LocalAddr().String(), other.Conn.LocalAddr().String(), sv.Conn.LocalAddr().String()
	var ends []string
	for _, m := range said(s, "echo data") {
		from, to := s.Ends(&m)
		ends = append(ends, from.String()+">"+to.String())
	}
	if want := []string{first + ">" + at, at + ">" + first, then + ">" + at, at + ">" + then}; !slices.Equal(ends, want) {
		t.Errorf("messages went %v, not %v", ends, want)
	}
	c0 := s.Conversation(0)
	if got := s.Moves(&c0); len(got) != 1 || got[0].String() != then {
		t.Errorf("the conversation has moved to %v", got)
	}
}

// Retry, 0-RTT and version negotiation are shown for what they are.
func TestQUICBeginnings(t *testing.T) {
	p := &tap{}
	sv, cl := socket(t, nil), socket(t, p)
	sv.VerifySourceAddress = func(net.Addr) bool { return true }
	quicServer(t, sv)
	conf := clientConfig(p)
	c := dial(t, cl, sv, conf, nil)
	echo(t, c, "first") // the answer comes after the ticket
	_ = c.CloseWithError(0, "")
	again := socket(t, p)
	c = dial(t, again, sv, conf, nil)
	echo(t, c, "early")
	early := c.ConnectionState().Used0RTT
	_ = c.CloseWithError(0, "")
	s := p.decode(t)
	if len(said(s, "Retry: try again with a token")) == 0 {
		t.Error("no Retry")
	}
	// Go's TLS does not log the secret of 0-RTT, so only the packets are seen.
	if n := said(s, "the key log has no CLIENT_EARLY_TRAFFIC_SECRET"); early && (len(n) == 0 || n[0].Name != "0-RTT") {
		t.Error("0-RTT is not shown")
	}
	for _, m := range said(s, "encrypted:") {
		if m.Name != "0-RTT" {
			t.Errorf("not decrypted: %s", m.Summary)
		}
	}
	t.Logf("0-RTT: %v", early)
	for _, m := range said(s, "") {
		if m.Err != "" && m.Name != "CONNECTION_CLOSE" && !strings.Contains(m.Summary, "CONNECTION_CLOSE") { // the same packet again answers late ones
			t.Errorf("%s: %s", m.Summary, m.Err)
		}
	}
	if n := said(s, "Client Hello"); len(n) == 0 || str(n[0], "tls.handshake.extensions_server_name") != "localhost" {
		t.Error("no Client Hello with a name")
	}
	if n := said(s, "Certificate"); len(n) == 0 || str(n[0], "x509ce.dNSName") != "localhost" {
		t.Errorf("no Certificate with a name")
	}
}

func TestQUICVersionNegotiation(t *testing.T) {
	p := &tap{}
	sv, cl := socket(t, nil), socket(t, p)
	quicServer(t, sv, quic.Version1)
	c := dial(t, cl, sv, clientConfig(p), &quic.Config{Versions: []quic.Version{quic.Version2, quic.Version1}})
	echo(t, c, "hello")
	_ = c.CloseWithError(0, "")
	s := p.decode(t)
	if len(said(s, "Version Negotiation: the server does not speak the client's version, but: ")) == 0 {
		t.Error("no Version Negotiation")
	}
	if n := said(s, "encrypted:"); len(n) > 0 {
		t.Errorf("%d packets are not decrypted: %s", len(n), n[0].Summary)
	}
	if len(said(s, "echo data")) != 2 {
		t.Error("the streams after it are not decoded")
	}
}
