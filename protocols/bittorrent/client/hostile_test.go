package client

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/wire"
	"netscope/protocols/lab"
)

// stranger is a peer of which a test writes every byte.
type stranger struct {
	s    *swarm
	conn net.Conn
	r    *wire.Reader
}

// call connects from host h1 to the client of h0 and shakes hands.
func (s *swarm) call(id string, bits ...wire.Bit) *stranger {
	s.t.Helper()
	conn, err := s.net.World().Host("h1").DialContext(s.t.Context(), "tcp", "h0:6881")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.shake(conn, id, bits...)
}

func (s *swarm) shake(conn net.Conn, id string, bits ...wire.Bit) *stranger {
	x := &stranger{s, conn, wire.NewReader(conn, wire.Limits{})}
	h := wire.Handshake{InfoHash: s.torrent.InfoHash}
	copy(h.PeerID[:], id)
	for _, b := range bits {
		h.Set(b)
	}
	_, _ = conn.Write(h.Append(nil))
	if _, err := x.r.ReadHandshake(); err != nil {
		_ = conn.Close()
	}
	return x
}

func (x *stranger) send(ms ...wire.Message) {
	var b []byte
	for _, m := range ms {
		b = m.Append(b)
	}
	_, _ = x.conn.Write(b)
}

// cutOff reports whether the client ends the connection within d.
func (x *stranger) cutOff(d time.Duration) bool {
	_ = x.conn.SetReadDeadline(x.s.net.World().Clock().Now().Add(d))
	for {
		if _, err := x.r.Read(); err != nil {
			var ne net.Error
			return !(errors.As(err, &ne) && ne.Timeout())
		}
	}
}

// await reads until a message of this type.
func (x *stranger) await(t wire.Type) (wire.Message, bool) {
	_ = x.conn.SetReadDeadline(x.s.net.World().Clock().Now().Add(time.Minute))
	for {
		m, err := x.r.Read()
		if err != nil || m.Type == t {
			return m, err == nil
		}
	}
}

// Peers that break the protocol are cut off; the client and its file do not
// suffer.
func TestHostilePeers(t *testing.T) {
	data := content(300_000) // 10 pieces
	raw := func(s string) []byte { return []byte(s) }
	for name, a := range map[string]struct {
		bits  []wire.Bit
		bytes []byte
		keeps bool          // it is not cut off
		after time.Duration // 0: at once
	}{
		"bitfield too short":      {bytes: wire.Message{Type: wire.Bitfield, Data: []byte{0xff}}.Append(nil)},
		"bitfield too long":       {bytes: wire.Message{Type: wire.Bitfield, Data: []byte{0xff, 0, 0}}.Append(nil)},
		"bitfield with spare bit": {bytes: wire.Message{Type: wire.Bitfield, Data: []byte{0xff, 0x01}}.Append(nil)},
		"4 GB":                    {bytes: raw("\xff\xff\xff\xff\x07")},
		"4 GB of an unknown type": {bytes: raw("\xff\xff\xff\xff\x63")},
		"piece number":            {bytes: wire.Message{Type: wire.Request, Index: 10, Length: 16384}.Append(nil)},
		"piece number, huge":      {bytes: wire.Message{Type: wire.Request, Index: 1<<32 - 1, Length: 16384}.Append(nil)},
		"beyond the piece":        {bytes: wire.Message{Type: wire.Request, Begin: 32768 - 16383, Length: 16384}.Append(nil)},
		"overflow":                {bytes: wire.Message{Type: wire.Request, Begin: 1<<32 - 1, Length: 1<<32 - 1}.Append(nil)},
		"too much at once":        {bytes: wire.Message{Type: wire.Request, Length: 1 << 20}.Append(nil)},
		"nothing":                 {bytes: wire.Message{Type: wire.Request}.Append(nil)},
		"have of no piece":        {bytes: wire.Message{Type: wire.Have, Index: 10}.Append(nil)},
		"have too long":           {bytes: raw("\x00\x00\x00\x06\x04\x00\x00\x00\x00\x00")},
		"have all without fast":   {bytes: wire.Message{Type: wire.HaveAll}.Append(nil)},
		"allowed fast of none":    {bits: []wire.Bit{wire.Fast}, bytes: wire.Message{Type: wire.AllowedFast, Index: 99}.Append(nil)},
		"bad extended handshake":  {bits: []wire.Bit{wire.Extended}, bytes: wire.Message{Type: wire.Extension, Data: []byte("d1:m")}.Append(nil)},
		"slow loris":              {bytes: raw("\x00\x00\x40\x09\x07\x00"), after: 4 * time.Minute},
		"bitfield twice":          {keeps: true, bytes: raw("\x00\x00\x00\x03\x05\xff\xc0\x00\x00\x00\x03\x05\x80\x00")},
		"unsolicited block":       {keeps: true, bytes: wire.Message{Type: wire.Piece, Data: make([]byte, 16384)}.Append(nil)},
		"unknown type":            {keeps: true, bytes: wire.Message{Type: 99, Data: []byte("hello")}.Append(nil)},
		"extension unasked":       {keeps: true, bytes: wire.Message{Type: wire.Extension, Data: []byte("d1:m")}.Append(nil)},
		"reject of nothing":       {keeps: true, bits: []wire.Bit{wire.Fast}, bytes: wire.Message{Type: wire.Reject, Length: 16384}.Append(nil)},
		"cancel of nothing":       {keeps: true, bytes: wire.Message{Type: wire.Cancel, Length: 16384}.Append(nil)},
	} {
		inBubble(t, star(same(3, 8e6), same(3, 8e6)), 1, nil, data, 32<<10, func(s *swarm) {
			c := s.start(s.config(0), store.NewMemory(s.torrent, nil))
			clock := s.net.World().Clock()
			_ = clock.Sleep(s.t.Context(), time.Second)
			x := s.call("-XX0000-stranger0000", a.bits...)
			defer x.conn.Close()
			if _, err := x.conn.Write(a.bytes); err != nil {
				t.Fatal(err)
			}
			wait := max(a.after, 10*time.Second)
			if got := x.cutOff(wait); got == a.keeps {
				t.Errorf("%s: cut off: %v", name, got)
			}
			// An honest peer still gives everything.
			s.start(s.config(2), store.NewSeed(s.torrent, data))
			if !s.wait(2*time.Minute, s.allDone) {
				t.Errorf("%s: not done: %+v", name, c.Status())
			}
			if st := c.Status(); st.Banned != 0 {
				t.Errorf("%s: %d banned", name, st.Banned)
			}
		})
	}
}

// Somebody who never completes a handshake costs a place for a while only, and
// thousands of them no more than a bound.
func TestThousandsOfConnections(t *testing.T) {
	data := content(100_000)
	const callers = 40
	inBubble(t, star(same(callers+1, 1e8), same(callers+1, 1e8)), 1, nil, data, 32<<10, func(s *swarm) {
		c := s.start(s.config(0), store.NewSeed(s.torrent, data))
		w := s.net.World()
		_ = w.Clock().Sleep(s.t.Context(), time.Second)
		var conns []net.Conn
		most := 0
		number := 10_000
		if raceEnabled {
			number = 1000
		}
		for i := range number {
			conn, err := w.Host(fmt.Sprintf("h%d", 1+i%callers)).DialContext(s.t.Context(), "tcp", "h0:6881")
			if err != nil {
				t.Fatal(err)
			}
			if i%3 == 0 {
				h := wire.Handshake{InfoHash: s.torrent.InfoHash}
				copy(h.PeerID[:], fmt.Sprintf("-XX0000-%012d", i))
				_, _ = conn.Write(h.Append(nil))
			}
			conns = append(conns, conn)
			if i%250 == 200 {
				n := 0
				c.do(func() { n = len(c.peers) })
				most = max(most, n)
			}
			if len(conns) >= 500 {
				for _, k := range conns[:250] {
					_ = k.Close()
				}
				conns = conns[250:]
			}
		}
		for _, k := range conns {
			_ = k.Close()
		}
		if most > 55 || most < 20 {
			t.Errorf("%d connections at once", most)
		}
		// There is room again for one that means it.
		_ = w.Clock().Sleep(s.t.Context(), time.Minute)
		x := s.call("-XX0000-honest000000")
		defer x.conn.Close()
		x.send(wire.Message{Type: wire.Interested})
		if _, ok := x.await(wire.Unchoke); !ok {
			t.Fatal("never unchoked")
		}
		x.send(wire.Message{Type: wire.Request, Length: 16384})
		if m, ok := x.await(wire.Piece); !ok || string(m.Data) != string(data[:16384]) {
			t.Error("no block, or a wrong one")
		}
	})
}

// liar is a peer that has everything, gives wrong blocks, or some.
func (s *swarm) liar(host, id string, wrong func(index, begin uint32) bool) {
	w := s.net.World()
	ln, err := w.Host(host).Listen("tcp", ":6881")
	if err != nil {
		s.t.Fatal(err)
	}
	s.done.Add(1)
	s.stops = append(s.stops, func() { _ = ln.Close() })
	lab.Go(w, func() {
		defer s.done.Done()
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.done.Add(1)
			lab.Go(w, func() {
				defer s.done.Done()
				defer conn.Close()
				x := s.shake(conn, id, wire.Fast)
				x.send(wire.Message{Type: wire.HaveAll}, wire.Message{Type: wire.Unchoke})
				for {
					m, err := x.r.Read()
					if err != nil {
						return
					}
					if m.Type != wire.Request {
						continue
					}
					off := int64(m.Index)*s.torrent.PieceLength + int64(m.Begin)
					b := append([]byte(nil), s.data[off:off+int64(m.Length)]...)
					if wrong(m.Index, m.Begin) {
						b[0] ^= 1
					}
					x.send(wire.Message{Type: wire.Piece, Index: m.Index, Begin: m.Begin, Data: b})
				}
			})
		}
	})
}

// Who sends wrong blocks is banned, nobody else is, and the file gets complete.
func TestWrongBlocks(t *testing.T) {
	data := content(2 << 20)
	for name, wrong := range map[string]func(uint32, uint32) bool{
		"all":          func(uint32, uint32) bool { return true },
		"one a piece":  func(_, begin uint32) bool { return begin == 16384 },
		"one in a lot": func(index, begin uint32) bool { return index%5 == 1 && begin == 0 },
	} {
		inBubble(t, star(same(5, 8e6), same(5, 8e6)), 1, nil, data, 128<<10, func(s *swarm) {
			s.liar("h4", "-XX0000-liar00000000", wrong)
			cfg := s.config(0)
			cfg.Peers = []string{"h4:6881"}
			c := s.start(cfg, store.NewMemory(s.torrent, nil))
			for i := 1; i < 4; i++ {
				cfg := s.config(i)
				cfg.UpRate = 60_000 // so that the liar sends much
				s.start(cfg, store.NewSeed(s.torrent, data))
			}
			if !s.wait(10*time.Minute, s.allDone) {
				t.Errorf("%s: %+v", name, c.Status())
			}
			banned := s.notes.named("banned")
			if len(banned) != 1 || !strings.Contains(banned[0].Summary, s.net.Addrs("h4")[0].String()) {
				for _, n := range banned {
					t.Errorf("%s: %s", name, n.Summary)
				}
				t.Errorf("%s: %d bans, %d hashes failed", name, len(banned), len(s.notes.named("hash-failed")))
			}
			if got, want := s.has(s.stores[0]), s.has(s.stores[1]); got != want {
				t.Errorf("%s: the file is %s", name, got)
			}
		})
	}
}

// A peer that takes requests and sends nothing is snubbed: others are asked.
func TestSnubbing(t *testing.T) {
	data := content(200_000)
	inBubble(t, star(same(3, 8e6), same(3, 8e6)), 1, nil, data, 32<<10, func(s *swarm) {
		c := s.start(s.config(0), store.NewMemory(s.torrent, nil))
		_ = s.net.World().Clock().Sleep(s.t.Context(), time.Second)
		x := s.call("-XX0000-stranger0000", wire.Fast)
		defer x.conn.Close()
		x.send(wire.Message{Type: wire.HaveAll}, wire.Message{Type: wire.Unchoke})
		cfg := s.config(2)
		cfg.UpRate = 1500 // so that it is not done within a minute
		s.start(cfg, store.NewSeed(s.torrent, data))
		if !s.wait(10*time.Minute, s.allDone) {
			t.Errorf("%+v", c.Status())
		}
		if n := s.notes.named("snubbed"); len(n) == 0 || n[0].Host != "h0" {
			t.Error("nobody was snubbed")
		}
	})
}

// Connected to itself, or to one peer twice: one connection stays, or none.
func TestOwnAndDouble(t *testing.T) {
	data := content(100_000)
	inBubble(t, star(same(2, 8e6), same(2, 8e6)), 1, nil, data, 32<<10, func(s *swarm) {
		for i := range 2 {
			cfg := s.config(i)
			cfg.Peers = []string{"h0:6881", "h1:6881"} // both dial at once, and themselves
			s.start(cfg, store.NewMemory(s.torrent, nil))
		}
		_ = s.net.World().Clock().Sleep(s.t.Context(), 2*time.Minute)
		for i, c := range s.clients {
			if st := c.Status(); len(st.Peers) != 1 || st.Peers[0].ID == st.PeerID {
				t.Errorf("client %d: %+v", i, st.Peers)
			}
		}
		x := s.call(string(func() []byte { id := s.clients[1].PeerID(); return id[:] }()))
		if !x.cutOff(5 * time.Second) {
			t.Error("the same peer ID twice")
		}
		y := s.call(string(func() []byte { id := s.clients[0].PeerID(); return id[:] }()))
		if !y.cutOff(5 * time.Second) {
			t.Error("our own peer ID")
		}
	})
}
