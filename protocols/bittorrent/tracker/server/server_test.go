package server

import (
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newServer(c Config) (*Server, *clock) {
	k := &clock{time.Unix(1e9, 0)}
	c.Clock, c.Rand = k, rand.New(rand.NewPCG(1, 2))
	return New(c), k
}

func said(port int, left int64, e tracker.Event) tracker.Announce {
	return tracker.Announce{InfoHash: tracker.Hash{1}, PeerID: tracker.PeerID{byte(port)}, Port: uint16(port), Left: left, Event: e, NumWant: tracker.DefaultNumWant}
}

var home = netip.MustParseAddr("10.0.0.1")

func ports(a tracker.Answer) string {
	var set [100]bool
	for _, p := range a.Peers {
		set[p.Addr.Port()] = true
	}
	var out []string
	for i, in := range set {
		if in {
			out = append(out, fmt.Sprint(i))
		}
	}
	return strings.Join(out, " ")
}

func TestSwarm(t *testing.T) {
	s, clock := newServer(Config{Interval: 10 * time.Minute})
	for _, step := range []struct {
		a              tracker.Announce
		after          time.Duration
		peers          string
		seeds, leeches int
	}{
		{said(1, 0, tracker.Started), 0, "", 1, 0},
		{said(2, 9, tracker.Started), 0, "1", 1, 1},
		{said(3, 9, tracker.Started), time.Minute, "1 2", 1, 2},
		{said(4, 0, tracker.Started), 0, "2 3", 2, 2},
		{said(2, 0, tracker.Completed), 0, "3", 3, 1}, // a seed needs no seeds
		{said(3, 9, tracker.Stopped), 0, "", 3, 0},
		{said(3, 9, tracker.None), 20 * time.Minute, "1 2 4", 3, 1},
		{said(3, 9, tracker.None), time.Minute / 2, "2 4", 2, 1}, // 1 has been silent for more than 21 minutes
		{said(3, 9, tracker.None), 2 * time.Minute, "", 0, 1},
	} {
		clock.now = clock.now.Add(step.after)
		got := s.Announce(step.a, home)
		if ports(got) != step.peers || got.Complete != step.seeds || got.Incomplete != step.leeches || got.Interval != 10*time.Minute {
			t.Errorf("%d %s: peers %q, %d and %d; want %q, %d and %d", step.a.Port, step.a.Event, ports(got), got.Complete, got.Incomplete, step.peers, step.seeds, step.leeches)
		}
	}
	if got := s.Scrape([]tracker.Hash{{2}, {1}}); got[0].Incomplete != 0 || got[1].Incomplete != 1 || got[1].Downloaded != 1 {
		t.Errorf("%+v", got)
	}
	// A stop with another's ID changes nothing.
	forged := said(3, 9, tracker.Stopped)
	forged.PeerID = tracker.PeerID{77}
	if s.Announce(forged, home); s.Scrape([]tracker.Hash{{1}})[0].Incomplete != 1 {
		t.Error("a peer was removed by another")
	}
}

func TestBounds(t *testing.T) {
	s, clock := newServer(Config{MaxTorrents: 3, MaxPeers: 5, NumWant: 2, MaxNumWant: 3})
	for i := range 10 {
		a := said(1, 1, tracker.Started)
		a.InfoHash = tracker.Hash{byte(i)}
		if got := s.Announce(a, home); (got.Failure == "") != (i < 3) {
			t.Errorf("torrent %d: %q", i, got.Failure)
		}
	}
	for i := range 50 {
		s.Announce(said(i+1, 1, tracker.Started), home)
	}
	if w := s.torrents[tracker.Hash{1}]; len(w.peers) != 5 || len(w.at) != 5 {
		t.Errorf("%d peers", len(w.peers))
	}
	a := said(60, 1, tracker.None)
	if got := s.Announce(a, home); len(got.Peers) != 2 {
		t.Errorf("%d peers by default", len(got.Peers))
	}
	if a.NumWant = 0; len(s.Announce(a, home).Peers) != 0 {
		t.Error("peers though none are wanted")
	}
	if a.NumWant = 1 << 30; len(s.Announce(a, home).Peers) != 3 {
		t.Error("more peers than allowed")
	}
	clock.now = clock.now.Add(24 * time.Hour)
	a.InfoHash = tracker.Hash{99}
	if got := s.Announce(a, home); got.Failure != "" {
		t.Error("torrents without peers are kept:", got.Failure)
	}
	s, _ = newServer(Config{Allow: func(h tracker.Hash) bool { return h[0] == 2 }})
	if got := s.Announce(said(1, 1, tracker.None), home); got.Failure == "" {
		t.Error("an unknown torrent is tracked")
	}
}

// Every peer is drawn about as often as any other.
func TestChoiceIsFair(t *testing.T) {
	s, _ := newServer(Config{})
	for i := range 20 {
		s.Announce(said(i+1, 1, tracker.Started), home)
	}
	seen := map[uint16]int{}
	a := said(99, 1, tracker.None)
	a.NumWant = 4
	const rounds = 5000
	for range rounds {
		for _, p := range s.Announce(a, home).Peers {
			seen[p.Addr.Port()]++
		}
	}
	for port, n := range seen {
		if n < rounds*4/20*85/100 || n > rounds*4/20*115/100 {
			t.Errorf("peer %d came %d times of %d", port, n, rounds*4/20)
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d peers were seen", len(seen))
	}
}

func TestDatagrams(t *testing.T) {
	s, clock := newServer(Config{})
	ask := func(r tracker.UDPRequest, from netip.Addr) tracker.UDPResponse {
		t.Helper()
		r.Transaction = 7
		got, err := tracker.ParseUDPResponse(s.Datagram(r.Append(nil), from), from.Is6())
		if err != nil || got.Transaction != 7 {
			t.Fatal(got, err)
		}
		return got
	}
	six := netip.MustParseAddr("fd00::1")
	s.Announce(said(1, 0, tracker.Started), home)
	s.Announce(said(2, 0, tracker.Started), six)
	for _, from := range []netip.Addr{home, six} {
		id := ask(tracker.UDPRequest{ConnectionID: tracker.ProtocolID}, from).ConnectionID
		r := tracker.UDPRequest{ConnectionID: id, Action: tracker.ActionAnnounce, Announce: said(9, 5, tracker.Started)}
		if got := ask(r, from); len(got.Answer.Peers) != 1 || got.Answer.Peers[0].Addr.Addr() != from || got.Answer.Complete != 2 {
			t.Errorf("%v: %+v", from, got)
		}
		if got := ask(tracker.UDPRequest{ConnectionID: id, Action: tracker.ActionScrape, Hashes: []tracker.Hash{{1}}}, from); got.Scrapes[0].Complete != 2 {
			t.Errorf("%+v", got)
		}
		if got := ask(r, netip.MustParseAddr("10.9.9.9")); got.Action != tracker.ActionError {
			t.Error("another's connection ID is taken")
		}
		clock.now = clock.now.Add(2 * time.Minute)
		if got := ask(r, from); got.Action != tracker.ActionAnnounce {
			t.Error("a connection ID of two minutes is not taken")
		}
		clock.now = clock.now.Add(2 * time.Minute)
		if got := ask(r, from); got.Action != tracker.ActionError {
			t.Error("a connection ID of four minutes is taken")
		}
	}
	for _, b := range [][]byte{nil, {1}, make([]byte, 16), make([]byte, 98)} {
		if out := s.Datagram(b, home); out != nil {
			t.Errorf("%d bytes get an answer of %d", len(b), len(out))
		}
	}
}

func TestHTTP(t *testing.T) {
	s, _ := newServer(Config{})
	get := func(target string) string {
		r := httptest.NewRequest("GET", target, nil)
		r.RemoteAddr = "10.0.0.1:9999"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	s.Announce(said(1, 0, tracker.Started), home)
	a := said(2, 5, tracker.Started)
	for target, want := range map[string]string{
		"/":                                     "404 404 page not found\n",
		"/announce":                             "info_hash is missing or not 20 bytes long",
		"/announce?" + a.Query():                "5:peersld2:ip8:10.0.0.17:peer id20:",
		"/announce?" + a.Query() + "&compact=1": "5:peers6:\x0a\x00\x00\x01\x00\x01",
		"/scrape?" + tracker.ScrapeQuery([]tracker.Hash{{1}}): "d8:completei1e10:downloadedi0e10:incompletei",
		"/scrape": "failure reason",
	} {
		if got := get(target); !strings.Contains(got, want) {
			t.Errorf("%s: %q", target, got)
		}
	}
}
