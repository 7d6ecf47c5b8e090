package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"netscope/protocols/bittorrent/bencode"
)

// Answer is what a tracker says to an announce, over HTTP or UDP.
type Answer struct {
	Failure string // why the announce is refused; then nothing else counts
	Warning string // HTTP only

	Interval    time.Duration // when to announce again
	MinInterval time.Duration // not sooner than that; 0: not said; HTTP only
	TrackerID   string        // to be sent back; HTTP only
	Complete    int           // seeds, −1: not said
	Incomplete  int           // leechers, −1: not said
	Peers       []Peer
	Compact     bool       // the form that the peers came in
	ExternalIP  netip.Addr // how the tracker sees the peer (BEP 24); invalid: not said
}

var answerLimits = bencode.Limits{Depth: 16, Elements: 10*MaxPeers + 100, Size: 1 << 20}

// MaxAnswer is the most bytes of an HTTP answer that are worth reading.
const MaxAnswer = 1 << 20

// ParseAnswer reads the body of an HTTP tracker's answer to an announce.
func ParseAnswer(b []byte) (Answer, error) {
	v, err := bencode.DecodeLimits(b, answerLimits)
	if err != nil {
		return Answer{}, fmt.Errorf("the tracker's answer is not bencoded: %w", err)
	}
	return AnswerOf(v)
}

// AnswerOf reads an answer that is already decoded.
func AnswerOf(v bencode.Value) (Answer, error) {
	if v.Kind != bencode.Dict {
		return Answer{}, fmt.Errorf("the tracker's answer is a %s, not a dictionary", v.Kind)
	}
	a := Answer{Failure: v.Text("failure reason"), Warning: v.Text("warning message")}
	if v.Has("failure reason") {
		if a.Failure == "" {
			a.Failure = "the tracker gives no reason"
		}
		return a, nil
	}
	if n, ok := v.Integer("interval"); ok {
		a.Interval = seconds(n)
	}
	if n, ok := v.Integer("min interval"); ok {
		a.MinInterval = seconds(n)
	}
	a.TrackerID = v.Text("tracker id")
	a.Complete, a.Incomplete = count(v, "complete"), count(v, "incomplete")
	if ip, ok := v.Bytes("external ip"); ok {
		a.ExternalIP, _ = netip.AddrFromSlice(ip)
	}

	var err error
	switch p := v.Get("peers"); p.Kind {
	case bencode.String:
		a.Compact = true
		a.Peers, err = parseCompact(p.Str, compact4)
	case bencode.List:
		a.Peers, err = dictPeers(p.List)
	case bencode.Invalid:
	default:
		err = errors.New("the tracker's peers are neither a string nor a list")
	}
	if p6, ok := v.Bytes("peers6"); ok && err == nil {
		a.Compact = true
		var six []Peer
		six, err = parseCompact(p6, compact6)
		a.Peers = append(a.Peers, six...)
		a.Peers = a.Peers[:min(len(a.Peers), MaxPeers)]
	}
	if err != nil {
		return Answer{}, err
	}
	return a, nil
}

func count(v bencode.Value, key string) int {
	n, ok := v.Integer(key)
	if !ok || n < 0 {
		return -1
	}
	return int(min(n, 1<<31-1))
}

func dictPeers(list []bencode.Value) ([]Peer, error) {
	out := make([]Peer, 0, min(len(list), MaxPeers))
	for _, v := range list {
		if len(out) == MaxPeers {
			break
		}
		port, ok := v.Integer("port")
		host := v.Text("ip")
		if v.Kind != bencode.Dict || !ok || port < 0 || port > 65535 || host == "" || len(host) > 253 {
			return nil, errors.New("a peer in the tracker's answer lacks its address or port")
		}
		p := Peer{Host: host}
		if addr, err := netip.ParseAddr(host); err == nil {
			p.Addr, p.Host = netip.AddrPortFrom(addr.Unmap().WithZone(""), uint16(port)), ""
		} else {
			p.Addr = netip.AddrPortFrom(netip.Addr{}, uint16(port))
		}
		if id, ok := v.Bytes("peer id"); ok && len(id) == len(p.ID) {
			copy(p.ID[:], id)
		}
		out = append(out, p)
	}
	return out, nil
}

// Encode writes the body of an HTTP answer: compact, or as dictionaries with or
// without peer IDs. IPv6 peers are in peers6 when compact (BEP 7).
func (a Answer) Encode(compact, noPeerID bool) []byte {
	if a.Failure != "" {
		return bencode.Encode(bencode.DictOf(bencode.KV("failure reason", bencode.Str(a.Failure))))
	}
	e := []bencode.Entry{bencode.KV("interval", bencode.Int(int64(a.Interval/time.Second)))}
	add := func(key string, v bencode.Value) { e = append(e, bencode.KV(key, v)) }
	if a.MinInterval > 0 {
		add("min interval", bencode.Int(int64(a.MinInterval/time.Second)))
	}
	if a.Warning != "" {
		add("warning message", bencode.Str(a.Warning))
	}
	if a.TrackerID != "" {
		add("tracker id", bencode.Str(a.TrackerID))
	}
	if a.Complete >= 0 {
		add("complete", bencode.Int(int64(a.Complete)))
	}
	if a.Incomplete >= 0 {
		add("incomplete", bencode.Int(int64(a.Incomplete)))
	}
	if a.ExternalIP.IsValid() {
		add("external ip", bencode.Bytes(a.ExternalIP.Unmap().AsSlice()))
	}
	if compact {
		add("peers", bencode.Bytes(appendCompact(nil, a.Peers, false)))
		if six := appendCompact(nil, a.Peers, true); len(six) > 0 {
			add("peers6", bencode.Bytes(six))
		}
	} else {
		add("peers", dictList(a.Peers, noPeerID))
	}
	return bencode.Encode(bencode.DictOf(e...))
}

func dictList(peers []Peer, noPeerID bool) bencode.Value {
	list := bencode.ListOf()
	for _, p := range peers {
		host := p.Host
		if p.Addr.Addr().IsValid() {
			host = p.Addr.Addr().Unmap().String()
		}
		d := []bencode.Entry{
			bencode.KV("ip", bencode.Str(host)),
			bencode.KV("port", bencode.Int(int64(p.Addr.Port()))),
		}
		if !noPeerID && p.ID != (PeerID{}) {
			d = append(d, bencode.KV("peer id", bencode.Bytes(p.ID[:])))
		}
		list.List = append(list.List, bencode.DictOf(d...))
	}
	return list
}
