package client

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
)

// content is some bytes, always the same.
func content(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

// torrentOf makes a torrent of content.
func torrentOf(t testing.TB, data []byte, piece int64, private bool) *metainfo.Torrent {
	t.Helper()
	x, err := metainfo.FromBytes(data, metainfo.Options{Name: "file", PieceLength: piece, Private: private, Tiers: [][]string{{"http://tracker/announce"}}})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// registry is a tracker that is no host: it tells everybody of everybody.
type registry struct {
	mu     sync.Mutex
	byID   map[tracker.PeerID]tracker.Peer
	order  []tracker.PeerID
	events []string
}

func (r *registry) as(h string, addr func() netip.Addr) func(context.Context, string, tracker.Announce) (tracker.Answer, error) {
	return func(_ context.Context, _ string, a tracker.Announce) (tracker.Answer, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.byID == nil {
			r.byID = map[tracker.PeerID]tracker.Peer{}
		}
		r.events = append(r.events, h+" "+a.Event.String())
		if _, ok := r.byID[a.PeerID]; !ok {
			r.order = append(r.order, a.PeerID)
		}
		r.byID[a.PeerID] = tracker.Peer{ID: a.PeerID, Addr: netip.AddrPortFrom(addr(), a.Port)}
		if a.Event == tracker.Stopped {
			delete(r.byID, a.PeerID)
		}
		ans := tracker.Answer{Interval: time.Minute, Complete: -1, Incomplete: -1}
		for _, id := range r.order {
			if p, ok := r.byID[id]; ok {
				ans.Peers = append(ans.Peers, p)
			}
		}
		return ans, nil
	}
}

// notes collects what clients tell.
type notes struct{ all []capture.Note }

func (n *notes) Packet(capture.Packet) error { return nil }
func (n *notes) Meta(m capture.Meta) error {
	if x, ok := m.(capture.Note); ok {
		n.all = append(n.all, x)
	}
	return nil
}

func (n *notes) named(name string) (out []capture.Note) {
	for _, x := range n.all {
		if x.Name == name {
			out = append(out, x)
		}
	}
	return out
}

// star is a router with n hosts h0, h1, … behind links of these rates.
func star(up, down []float64) lab.Topology {
	top := lab.Topology{Nodes: []lab.Node{{Name: "r", Kind: lab.RouterNode}}, SendBuffer: 64 << 10}
	for i := range up {
		h := fmt.Sprintf("h%d", i)
		top.Nodes = append(top.Nodes, lab.Node{Name: h})
		top.Links = append(top.Links, lab.Link{A: h, B: "r",
			AB: lab.Path{Delay: 10 * time.Millisecond, Rate: up[i]}, BA: lab.Path{Delay: 10 * time.Millisecond, Rate: down[i]}})
	}
	return top
}

// swarm runs clients on the emulated network; the first n hosts are seeds.
type swarm struct {
	t       *testing.T
	net     *netlab.Network
	reg     registry
	torrent *metainfo.Torrent
	data    []byte
	notes   notes
	clients []*Client
	stores  []store.Store
	errs    []error
	done    sync.WaitGroup
	stops   []func()
}

func (s *swarm) config(i int) Config {
	w := s.net.World()
	name := fmt.Sprintf("h%d", i)
	h := w.Host(name)
	addr := func() netip.Addr { return s.net.Addrs(name)[0] }
	return Config{
		Host: h, Name: name, Clock: w.Clock(), Rand: w.Rand("client/" + name), Go: func(f func()) { lab.Go(w, f) }, Note: w.Note,
		Torrent: s.torrent, Announce: s.reg.as(name, addr), Listen: ":6881",
	}
}

func (s *swarm) start(cfg Config, st store.Store) *Client {
	cfg.Open = func(context.Context, *metainfo.Torrent) (store.Store, error) { return st, nil }
	c, err := New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	i := len(s.clients)
	s.clients, s.stores, s.errs = append(s.clients, c), append(s.stores, st), append(s.errs, nil)
	s.done.Add(1)
	lab.Go(s.net.World(), func() {
		defer s.done.Done()
		s.errs[i] = c.Run(s.t.Context())
	})
	return c
}

func (s *swarm) has(st store.Store) string {
	h := sha256.New()
	for i := range s.torrent.NumPieces() {
		b := make([]byte, s.torrent.PieceLen(i))
		if err := st.ReadBlock(b, i, 0); err != nil {
			return err.Error()
		}
		h.Write(b)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// inBubble runs f on an emulated network.
func inBubble(t *testing.T, top lab.Topology, seed uint64, sink capture.Sink, data []byte, piece int64, f func(s *swarm)) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	x := torrentOf(t, data, piece, false)
	synctest.Test(t, func(t *testing.T) {
		s := &swarm{t: t, data: data, torrent: x}
		if sink == nil {
			sink = &s.notes
		}
		n, err := netlab.New(top, netlab.Options{Index: 1, Seed: seed, Sink: sink, Settle: synctest.Wait})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		s.net = n
		f(s)
		for _, c := range s.clients {
			c.Stop()
		}
		for _, stop := range s.stops {
			stop()
		}
		s.done.Wait()
		for i, err := range s.errs {
			if err != nil {
				t.Errorf("client %d: %v", i, err)
			}
		}
	})
}

// wait sleeps until cond holds, at most so long.
func (s *swarm) wait(most time.Duration, cond func() bool) bool {
	clock := s.net.World().Clock()
	for end := clock.Now().Add(most); clock.Now().Before(end); {
		if cond() {
			return true
		}
		_ = clock.Sleep(s.t.Context(), time.Second)
	}
	return cond()
}

func (s *swarm) allDone() bool {
	for _, c := range s.clients {
		if st := c.Status(); st.Have < st.Pieces || st.Pieces == 0 {
			return false
		}
	}
	return true
}

func same(n int, x float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = x
	}
	return out
}

func TestSwarm(t *testing.T) {
	const n = 8
	data := content(3<<20 + 12345)
	inBubble(t, star(same(n, 8e6), same(n, 16e6)), 1, nil, data, 64<<10, func(s *swarm) {
		s.start(s.config(0), store.NewSeed(s.torrent, data))
		for i := 1; i < n; i++ {
			s.start(s.config(i), store.NewMemory(s.torrent, nil))
		}
		if !s.wait(10*time.Minute, s.allDone) {
			for i, c := range s.clients {
				t.Errorf("%d: %+v", i, c.Status())
			}
			return
		}
		want := fmt.Sprintf("%x", sha256.Sum256(data))
		for i, st := range s.stores {
			if got := s.has(st); got != want {
				t.Errorf("client %d has %s", i, got)
			}
		}
		up := int64(0)
		for i, c := range s.clients {
			st := c.Status()
			t.Logf("%d: done %.1f s, up %d, down %d, wasted %d, %d peers", i, st.DoneAt.Seconds(), st.Uploaded, st.Downloaded, st.Wasted, len(st.Peers))
			if i > 0 {
				up += st.Uploaded
			}
		}
		if up == 0 {
			t.Error("the leechers uploaded nothing to each other")
		}
		s.checkRounds(n)
	})
}

// checkRounds looks at the notes of choke rounds.
func (s *swarm) checkRounds(n int) {
	last := map[string]float64{}
	for _, note := range s.notes.named("choke-round") {
		var d struct {
			Round int     `json:"round"`
			T     float64 `json:"t"`
			Peers []struct {
				Unchoked, Interested, Regular, Optimistic bool
			} `json:"peers"`
		}
		if err := json.Unmarshal(note.Data, &d); err != nil {
			s.t.Error(err)
		}
		if d.T != float64(d.Round)*10 {
			s.t.Errorf("%s: round %d at %v s", note.Host, d.Round, d.T)
		}
		if l, ok := last[note.Host]; ok && d.T-l != 10 {
			s.t.Errorf("%s: rounds at %v s and %v s", note.Host, l, d.T)
		}
		last[note.Host] = d.T
		open := 0
		for _, p := range d.Peers {
			if p.Unchoked && p.Interested {
				open++
			}
		}
		if open > 5 {
			s.t.Errorf("%s: %d unchoked and interested at %v s", note.Host, open, d.T)
		}
	}
	if len(last) != n {
		s.t.Errorf("rounds of %d clients", len(last))
	}
}
