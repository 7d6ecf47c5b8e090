package tracker

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

func hash(c byte) (h Hash) {
	for i := range h {
		h[i] = c + byte(i)*13
	}
	return h
}

func peer(s string) Peer { return Peer{Addr: netip.MustParseAddrPort(s)} }

func TestAnnounceQuery(t *testing.T) {
	for _, a := range []Announce{
		{InfoHash: hash(0), PeerID: PeerID(hash(0x80)), Port: 6881, Left: 1 << 40, Event: Started, NumWant: DefaultNumWant, Compact: true},
		{InfoHash: hash(7), PeerID: PeerID(hash(9)), Port: 1, Uploaded: 3, Downloaded: 4, NumWant: 0, Key: 0xdeadbeef,
			NoPeerID: true, TrackerID: "a&b=c d", IP: netip.MustParseAddr("fd00::1")},
	} {
		got, err := ParseAnnounce(a.Query())
		if err != nil || got != a {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", a.Query(), got, err, a)
		}
	}
	for q, want := range map[string]error{
		"":                               ErrNoHash,
		"info_hash=abc":                  ErrNoHash,
		"info_hash=aaaaaaaaaaaaaaaaaaaa": ErrNoPeerID,
		"info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=%20aaaaaaaaaaaaaaaaaaa":            ErrNoPort,
		"info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=%20aaaaaaaaaaaaaaaaaaa&port=70000": ErrNoPort,
	} {
		if _, err := ParseAnnounce(q); err != want {
			t.Errorf("%s: %v", q, err)
		}
	}
	a, err := ParseAnnounce("info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=aaaaaaaaaaaaaaaaaaaa&port=1&left=18446744073709551615&numwant=-5")
	if err != nil || a.Left != 1<<63-1 || a.NumWant != DefaultNumWant {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := ParseAnnounce(strings.Repeat("a=b&", 1000)); err == nil {
		t.Error("a thousand parameters are read")
	}
}

func TestAnswer(t *testing.T) {
	peers := []Peer{peer("10.0.0.1:6881"), peer("10.0.0.2:1"), peer("[fd00::7]:6882")}
	a := Answer{Interval: 30 * time.Minute, MinInterval: time.Minute, Complete: 3, Incomplete: 0, TrackerID: "x", Warning: "w",
		Peers: peers, Compact: true, ExternalIP: netip.MustParseAddr("10.0.0.9")}
	got, err := ParseAnswer(a.Encode(true, true))
	if err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("compact:\n got %+v, %v\nwant %+v", got, err, a)
	}
	a.Compact = false
	a.Peers[0].ID = PeerID(hash(4))
	a.Peers = append(a.Peers, Peer{Host: "peer.example", Addr: netip.AddrPortFrom(netip.Addr{}, 9)})
	if got, err = ParseAnswer(a.Encode(false, false)); err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("dictionaries:\n got %+v, %v\nwant %+v", got, err, a)
	}
	if got, err = ParseAnswer(Answer{Failure: "go away"}.Encode(true, true)); err != nil || got.Failure != "go away" {
		t.Errorf("failure: %+v, %v", got, err)
	}
	for _, in := range []string{"", "i1e", "d5:peersi1ee", "d5:peers5:abcdee", "d6:peers65:abcdee", "d5:peersld2:ip3:abceee", "d5:peersli1eee"} {
		if got, err := ParseAnswer([]byte(in)); err == nil {
			t.Errorf("%s is read as %+v", in, got)
		}
	}
	if got, _ := ParseAnswer([]byte("d8:intervali99999999999e5:peers0:e")); got.Interval != MaxInterval || got.Complete != -1 {
		t.Errorf("%+v", got)
	}
	many := "d5:peers" + "600000:" + strings.Repeat("abcdef", 100000) + "e"
	if got, err := ParseAnswer([]byte(many)); err != nil || len(got.Peers) != MaxPeers {
		t.Errorf("%d peers, %v", len(got.Peers), err)
	}
}

func TestScrape(t *testing.T) {
	for in, want := range map[string]string{
		"http://example.com/announce":          "http://example.com/scrape",
		"http://example.com/x/announce?x=2%64": "http://example.com/x/scrape?x=2%64",
		"http://example.com/announce.php":      "http://example.com/scrape.php",
		"http://example.com/a":                 "",
		"http://example.com/announce/x":        "",
		"udp://example.com:1/announce":         "udp://example.com:1/announce",
	} {
		if got, ok := ScrapeURL(in); got != want || ok != (want != "") {
			t.Errorf("%s: %q", in, got)
		}
	}
	hashes := []Hash{hash(1), hash(2)}
	if got, err := ParseScrapeQuery(ScrapeQuery(hashes)); err != nil || !reflect.DeepEqual(got, hashes) {
		t.Error(got, err)
	}
	a := ScrapeAnswer{Torrents: []Scrape{{hash(1), 1, 2, 3}, {hash(2), 0, 0, 0}}}
	if got, err := ParseScrape(a.Encode()); err != nil || !reflect.DeepEqual(got, a) {
		t.Error(got, err)
	}
	if _, err := ParseScrape([]byte("d5:filesd1:adeee")); err == nil {
		t.Error("a short info-hash is read")
	}
}

func TestUDPRequests(t *testing.T) {
	for _, r := range []UDPRequest{
		{ConnectionID: ProtocolID, Transaction: 77},
		{ConnectionID: 5, Action: ActionAnnounce, Transaction: 1, URLData: "/announce?key=" + strings.Repeat("k", 300),
			Announce: Announce{InfoHash: hash(1), PeerID: PeerID(hash(2)), Port: 6881, Uploaded: 1, Downloaded: 2, Left: 3,
				Event: Stopped, NumWant: DefaultNumWant, Key: 9, Compact: true, IP: netip.MustParseAddr("10.0.0.1")}},
		{ConnectionID: 5, Action: ActionScrape, Transaction: 1, Hashes: []Hash{hash(1), hash(2)}},
	} {
		b := r.Append(nil)
		got, err := ParseUDPRequest(b)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("\n got %+v, %v\nwant %+v", got, err, r)
		}
		if IsConnect(b) != (r.Action == ActionConnect) {
			t.Errorf("%v is taken for a connect, or not", r.Action)
		}
		for n := range b {
			_, _ = ParseUDPRequest(b[:n])
		}
	}
	// BEP 15's example of a connect request.
	b, _ := hex.DecodeString("00000417271019800000000012345678")
	if r, err := ParseUDPRequest(b); err != nil || r.Transaction != 0x12345678 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestUDPResponses(t *testing.T) {
	for _, tc := range []struct {
		r  UDPResponse
		v6 bool
	}{
		{UDPResponse{Action: ActionConnect, Transaction: 3, ConnectionID: 1 << 60}, false},
		{UDPResponse{Action: ActionAnnounce, Transaction: 3, Answer: Answer{Interval: time.Minute, Complete: 1, Incomplete: 2,
			Peers: []Peer{peer("10.0.0.1:1"), peer("10.0.0.2:2")}, Compact: true}}, false},
		{UDPResponse{Action: ActionAnnounce, Transaction: 3, Answer: Answer{Interval: time.Minute, Complete: 1, Incomplete: 2,
			Peers: []Peer{peer("[fd00::1]:1")}, Compact: true}}, true},
		{UDPResponse{Action: ActionScrape, Transaction: 3, Scrapes: []Scrape{{Complete: 1, Downloaded: 2, Incomplete: 3}}}, false},
		{UDPResponse{Action: ActionError, Transaction: 3, Answer: Answer{Failure: "no"}}, false},
	} {
		got, err := ParseUDPResponse(tc.r.Append(nil, tc.v6), tc.v6)
		if err != nil || !reflect.DeepEqual(got, tc.r) {
			t.Errorf("\n got %+v, %v\nwant %+v", got, err, tc.r)
		}
	}
}

func FuzzCodecs(f *testing.F) {
	f.Add([]byte("d8:intervali1800e5:peers6:abcdefe"))
	f.Add([]byte("d5:peersld2:ip8:10.0.0.14:porti1eeee"))
	f.Add([]byte("d5:filesd20:aaaaaaaaaaaaaaaaaaaad8:completei1eeee"))
	f.Add(UDPRequest{ConnectionID: 5, Action: ActionAnnounce, URLData: "/x"}.Append(nil))
	f.Add(UDPResponse{Action: ActionAnnounce, Answer: Answer{Peers: []Peer{peer("10.0.0.1:1")}}}.Append(nil, false))
	f.Add([]byte(Announce{Port: 1, TrackerID: "x"}.Query()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := ParseAnswer(b); err == nil && a.Failure == "" {
			again, err := ParseAnswer(a.Encode(a.Compact, false))
			if err != nil || len(again.Peers) != len(a.Peers) {
				t.Fatalf("%+v is read again as %+v, %v", a, again, err)
			}
		}
		if s, err := ParseScrape(b); err == nil && s.Failure == "" {
			if _, err := ParseScrape(s.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := ParseUDPRequest(b); err == nil {
			if again, err := ParseUDPRequest(r.Append(nil)); err != nil || !reflect.DeepEqual(again, r) {
				t.Fatalf("%+v is read again as %+v, %v", r, again, err)
			}
		}
		for _, v6 := range []bool{false, true} {
			if r, err := ParseUDPResponse(b, v6); err == nil {
				out := r.Append(nil, v6)
				if again, err := ParseUDPResponse(out, v6); err != nil || !bytes.Equal(again.Append(nil, v6), out) {
					t.Fatalf("%+v is read again as %+v, %v", r, again, err)
				}
			}
		}
		if a, err := ParseAnnounce(string(b)); err == nil {
			if again, err := ParseAnnounce(a.Query()); err != nil || again != a {
				t.Fatalf("%+v is read again as %+v, %v", a, again, err)
			}
		}
	})
}
