package client

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/store"
)

// recorder hashes all packets and notes.
type recorder struct {
	notes
	h interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
	}
	n int
}

func (r *recorder) Packet(p capture.Packet) error {
	r.n++
	_ = binary.Write(r.h, binary.LittleEndian, []int64{p.At.UnixNano(), p.Arrived.UnixNano(), int64(p.Length)})
	r.h.Write(p.Data)
	return nil
}

func (r *recorder) Meta(m capture.Meta) error {
	if x, ok := m.(capture.Note); ok {
		fmt.Fprintf(r.h, "%v %s %s %s", x.At, x.Host, x.Name, x.Data)
	}
	return r.notes.Meta(m)
}

// The same seed gives the same packets and notes, bit for bit.
func TestRunsRepeat(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector shuffles goroutines")
	}
	data := content(600_000)
	up, down := []float64{2e6, 1e6, 5e5, 3e6, 1e6, 2e6}, same(6, 4e6)
	run := func(seed uint64) string {
		r := &recorder{h: sha256.New()}
		inBubble(t, star(up, down), seed, r, data, 32<<10, func(s *swarm) {
			s.start(s.config(0), store.NewSeed(s.torrent, data))
			for i := 1; i < len(up); i++ {
				cfg := s.config(i)
				cfg.UpRate = up[i] / 10
				s.start(cfg, store.NewMemory(s.torrent, nil))
			}
			if !s.wait(10*time.Minute, s.allDone) {
				t.Error("not done")
			}
		})
		return fmt.Sprintf("%d packets, %x", r.n, r.h.Sum(nil)[:8])
	}
	want := run(1)
	t.Log(want)
	for i := range 5 {
		if got := run(1); got != want {
			t.Fatalf("repetition %d: %s, want %s", i, got, want)
		}
	}
	if run(2) == want {
		t.Error("another seed, and yet the same packets")
	}
}

// A magnet link: the metadata comes from peers, then the file.
func TestMagnet(t *testing.T) {
	data := content(700_000)
	inBubble(t, star(same(3, 4e6), same(3, 8e6)), 1, nil, data, 16<<10, func(s *swarm) {
		s.start(s.config(0), store.NewSeed(s.torrent, data))
		cfg := s.config(1)
		cfg.Torrent, cfg.Magnet = nil, s.torrent.Magnet()
		s.start(cfg, store.NewMemory(s.torrent, nil))
		if !s.wait(5*time.Minute, s.allDone) {
			t.Errorf("%+v", s.clients[1].Status())
		}
		if n := s.notes.named("metadata"); len(n) != 1 {
			t.Errorf("%d notes of metadata", len(n))
		}
	})
}

// Upload and download limits hold.
func TestRateLimits(t *testing.T) {
	data := content(1 << 20)
	for _, c := range []struct{ up, down float64 }{{50_000, 0}, {0, 50_000}} {
		inBubble(t, star(same(2, 8e6), same(2, 8e6)), 1, nil, data, 64<<10, func(s *swarm) {
			cfg := s.config(0)
			cfg.UpRate = c.up
			s.start(cfg, store.NewSeed(s.torrent, data))
			cfg = s.config(1)
			cfg.DownRate = c.down
			s.start(cfg, store.NewMemory(s.torrent, nil))
			if !s.wait(10*time.Minute, s.allDone) {
				t.Fatalf("%+v", s.clients[1].Status())
			}
			want := float64(len(data)) / 50_000
			if got := s.clients[1].Status().DoneAt.Seconds(); got < 0.9*want || got > 1.1*want {
				t.Errorf("%+v: %.1f s, want about %.1f s", c, got, want)
			}
		})
	}
}

// A free rider uploads nothing, and gets what seeds and optimistic unchokes give.
func TestFreeRider(t *testing.T) {
	data := content(1 << 20)
	inBubble(t, star(same(4, 2e6), same(4, 8e6)), 1, nil, data, 32<<10, func(s *swarm) {
		s.start(s.config(0), store.NewSeed(s.torrent, data))
		for i := 1; i < 4; i++ {
			cfg := s.config(i)
			cfg.Free = i == 1
			s.start(cfg, store.NewMemory(s.torrent, nil))
		}
		s.wait(10*time.Minute, s.allDone)
		if st := s.clients[1].Status(); st.Uploaded != 0 || st.Have != st.Pieces {
			t.Errorf("the free rider uploaded %d bytes and has %d of %d pieces", st.Uploaded, st.Have, st.Pieces)
		}
	})
}

// Peers that know only each other find the third by peer exchange, but not in a
// private torrent.
func TestPeerExchange(t *testing.T) {
	for _, private := range []bool{false, true} {
		data := content(300_000)
		inBubble(t, star(same(3, 8e6), same(3, 8e6)), 1, nil, data, 32<<10, func(s *swarm) {
			s.torrent = torrentOf(t, data, 32<<10, private)
			for i := range 3 {
				cfg := s.config(i)
				cfg.Announce = nil
				if i > 0 {
					cfg.Peers = []string{"h0:6881"}
				}
				s.start(cfg, store.NewMemory(s.torrent, nil))
			}
			peers := func() int { return len(s.clients[1].Status().Peers) }
			s.wait(3*time.Minute, func() bool { return peers() == 2 })
			if want := map[bool]int{false: 2, true: 1}[private]; peers() != want {
				t.Errorf("private %v: %d peers, want %d", private, peers(), want)
			}
		})
	}
}

// Each policy's rounds are ten seconds apart, its optimistic choices thirty, and
// no more are unchoked than its slots say.
func TestPolicies(t *testing.T) {
	for name, policy := range map[string]choker.Policy{"textbook": choker.Textbook(), "bep3": choker.BEP3(), "mainline4": choker.Mainline4()} {
		if raceEnabled && name != "textbook" {
			continue // it takes minutes
		}
		data := content(1 << 20)
		const n = 8
		inBubble(t, star(same(n, 2e5), same(n, 4e6)), 3, nil, data, 64<<10, func(s *swarm) {
			for i := range n {
				cfg := s.config(i)
				cfg.Policy = policy
				st := store.Store(store.NewMemory(s.torrent, nil))
				if i == 0 {
					st = store.NewSeed(s.torrent, data)
				}
				s.start(cfg, st)
			}
			if !s.wait(20*time.Minute, s.allDone) {
				t.Errorf("%s: not done", name)
			}
			s.checkRounds(n)
			var turns []float64
			for _, note := range s.notes.named("choke-round") {
				var d struct {
					T       float64 `json:"t"`
					Mode    string  `json:"mode"`
					Rotated bool    `json:"rotated"`
				}
				if err := json.Unmarshal(note.Data, &d); err != nil {
					t.Fatal(err)
				}
				if d.Mode == "leecher" && d.Rotated {
					turns = append(turns, d.T)
				}
			}
			// Others than the textbook's also choose when the place is free.
			if len(turns) < 1 || !policy.Replace && slices.ContainsFunc(turns, func(x float64) bool { return int(x)%30 != 0 }) {
				t.Errorf("%s: optimistic choices at %v s", name, turns)
			}
		})
	}
}

// Who leaves when done goes, and tells the tracker.
func TestLeave(t *testing.T) {
	data := content(300_000)
	inBubble(t, star(same(2, 8e6), same(2, 8e6)), 1, nil, data, 32<<10, func(s *swarm) {
		s.start(s.config(0), store.NewSeed(s.torrent, data))
		cfg := s.config(1)
		cfg.Leave, cfg.SeedFor = true, 20*time.Second
		c := s.start(cfg, store.NewMemory(s.torrent, nil))
		if !s.wait(5*time.Minute, func() bool { return c.Status().State == Stopped }) {
			t.Errorf("%+v", c.Status())
		}
		want := []string{"h0 started", "h1 started", "h1 completed", "h1 stopped"}
		if !slices.Equal(s.reg.events, want) {
			t.Errorf("the tracker heard %q", s.reg.events)
		}
	})
}

// What is there already is not downloaded again.
func TestResume(t *testing.T) {
	data := content(1 << 20)
	inBubble(t, star(same(2, 8e6), same(2, 8e6)), 1, nil, data, 64<<10, func(s *swarm) {
		s.start(s.config(0), store.NewSeed(s.torrent, data))
		half := store.NewMemory(s.torrent, nil)
		for i := 0; i < s.torrent.NumPieces(); i += 2 {
			if err := half.WritePiece(data[i<<16:(i+1)<<16], i); err != nil {
				t.Fatal(err)
			}
		}
		c := s.start(s.config(1), half)
		s.wait(time.Minute, s.allDone)
		if st := c.Status(); st.Have != st.Pieces || st.Downloaded != 1<<19 {
			t.Errorf("%+v", st)
		}
	})
}
