package bittorrent

import (
	"fmt"
	"net/netip"
	"strings"

	"netscope/decoders"
)

// Announce is what a peer tells a tracker, over HTTP (BEP 3) or UDP (BEP 15).
type Announce struct {
	InfoHash, PeerID           string // in hexadecimal
	Port                       int64
	Downloaded, Left, Uploaded int64 // bytes
	Event                      string
}

func (a *Announce) fields() []decoders.KV {
	out := []decoders.KV{decoders.S("bittorrent.info_hash", a.InfoHash), decoders.S("bittorrent.peer_id", a.PeerID),
		decoders.I("bt-tracker.port", a.Port), decoders.I("bt-tracker.downloaded", a.Downloaded),
		decoders.I("bt-tracker.left", a.Left), decoders.I("bt-tracker.uploaded", a.Uploaded)}
	if a.Event != "" {
		out = append(out, decoders.S("bt-tracker.event", a.Event))
	}
	return out
}

func (a *Announce) summary() string {
	s := "announce"
	if a.Event != "" {
		s += ", " + a.Event
	}
	return s + fmt.Sprintf(", port %d, %s bytes left", a.Port, thousands(a.Left))
}

// Answer is what a tracker tells a peer.
type Answer struct {
	Interval             int64 // seconds
	Complete, Incomplete int64
	Peers                []netip.AddrPort
	Failure              string
}

// maxPeers is how many peers of an answer are read.
const maxPeers = 1000

// fields lists the peers as "address:port address:port".
func (a *Answer) fields() []decoders.KV {
	if a.Failure != "" {
		return []decoders.KV{decoders.S("bt-tracker.failure_reason", a.Failure)}
	}
	var list []string
	for _, p := range a.Peers[:min(len(a.Peers), 200)] {
		list = append(list, p.String())
	}
	return []decoders.KV{decoders.I("bt-tracker.interval", a.Interval), decoders.I("bt-tracker.leechers", a.Incomplete),
		decoders.I("bt-tracker.seeders", a.Complete), decoders.I("bt-tracker.peer_count", int64(len(a.Peers))),
		decoders.S("bt-tracker.peers", strings.Join(list, " "))}
}

func (a *Answer) summary() string {
	if a.Failure != "" {
		return "refused: " + a.Failure
	}
	return fmt.Sprintf("%s of %s and %d downloading, again in %s s", counted(len(a.Peers), "peer"), counted(int(a.Complete), "seed"), a.Incomplete, thousands(a.Interval))
}
