package bittorrent

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"netscope/decoders"
)

const protoTracker = "BT-Tracker"

// trackerMagic begins a connect request (BEP 15).
const trackerMagic = 0x41727101980

// Actions of BEP 15.
const (
	actConnect  = 0
	actAnnounce = 1
	actScrape   = 2
	actError    = 3
)

// call is a request to a UDP tracker that waits for its answer.
type call struct {
	key    uint64
	action uint32
	dir    decoders.Dir
	hashes []string
}

func isConnect(b []byte) bool {
	return len(b) >= 16 && len(b) <= 32 && binary.BigEndian.Uint64(b) == trackerMagic && at(b, 8) == actConnect
}

// firstAnnounce accepts an announce whose connect was not captured.
func firstAnnounce(b []byte) bool {
	return len(b) >= 98 && len(b) <= 400 && at(b, 8) == actAnnounce && at(b, 80) <= 3 && b[0]|b[1]|b[2]|b[3] != 0 &&
		(b[36] == '-' || alnum(string(b[36:38]))) && (at(b, 92) < 10000 || at(b, 92) == 1<<32-1)
}

// trackerMessage takes a datagram from or to a UDP tracker; false if it is none.
func (p *datagrams) trackerMessage(c *decoders.Chunk) bool {
	b := c.Buf
	if len(b) >= 8 {
		if q, ok := p.tracker[at(b, 4)]; ok && q.dir != c.Dir && (at(b, 0) == q.action || at(b, 0) == actError) {
			delete(p.tracker, at(b, 4))
			p.trackerAnswer(c, q)
			return true
		}
	}
	if isConnect(b) || firstAnnounce(b) || p.known && len(b) >= 16 && at(b, 8) <= actScrape && !isDHT(b) {
		p.trackerRequest(c)
		return true
	}
	return false
}

func (p *datagrams) trackerRequest(c *decoders.Chunk) {
	b := c.Buf
	p.known = true
	action, tid := at(b, 8), at(b, 12)
	e := decoders.Event{Proto: protoTracker, Kind: decoders.Request, HeadLen: 16, Fields: []decoders.KV{
		decoders.I("bt-tracker.action", int64(action)), decoders.I("bt-tracker.transaction_id", int64(tid))}}
	q := call{action: action, dir: c.Dir}
	bad := ""
	switch action {
	case actConnect:
		e.Name, e.Summary = "connect", "connect"
	case actAnnounce:
		e.Name = "announce"
		if len(b) < 98 {
			e.Summary, bad = "announce", "an announce of less than 98 bytes (BEP 15)"
			break
		}
		a := Announce{InfoHash: hexOf(b[16:36]), PeerID: hexOf(b[36:56]), Downloaded: int64(binary.BigEndian.Uint64(b[56:])),
			Left: int64(binary.BigEndian.Uint64(b[64:])), Uploaded: int64(binary.BigEndian.Uint64(b[72:])),
			Event: eventName(at(b, 80)), Port: int64(b[96])<<8 | int64(b[97])}
		e.HeadLen = int64(len(b))
		e.Summary = a.summary()
		e.Fields = append(e.Fields, a.fields()...)
	case actScrape:
		n := (len(b) - 16) / 20
		e.Name, e.Summary = "scrape", "scrape, "+counted(n, "torrent")
		e.HeadLen = int64(len(b))
		for i := 0; i < n && i < 74; i++ {
			q.hashes = append(q.hashes, hexOf(b[16+20*i:36+20*i]))
		}
		if n == 1 {
			e.Fields = append(e.Fields, decoders.S("bittorrent.info_hash", q.hashes[0]))
		}
	}
	q.key = p.emit(c, e, bad)
	if len(p.tracker) >= maxPending {
		clear(p.tracker)
	}
	p.tracker[tid] = q
}

func (p *datagrams) trackerAnswer(c *decoders.Chunk, q call) {
	b := c.Buf
	e := decoders.Event{Proto: protoTracker, Kind: decoders.Response, ReplyTo: q.key, HeadLen: int64(len(b)), Fields: []decoders.KV{
		decoders.I("bt-tracker.action", int64(at(b, 0))), decoders.I("bt-tracker.transaction_id", int64(at(b, 4)))}}
	bad := ""
	switch action := at(b, 0); {
	case action == actError:
		e.Name, e.Summary = "error", "error: "+text(b[8:])
	case action == actConnect:
		e.Name, e.Summary = "connected", "connected"
		if len(b) < 16 {
			bad = "the answer to connect is shorter than 16 bytes (BEP 15)"
		}
	case action == actAnnounce:
		e.Name, e.Summary = "announced", "announced"
		if len(b) < 20 {
			bad = "the answer to an announce is shorter than 20 bytes (BEP 15)"
			break
		}
		a := Answer{Interval: int64(at(b, 8)), Incomplete: int64(at(b, 12)), Complete: int64(at(b, 16)), Peers: p.peers(b[20:])}
		e.Summary = a.summary()
		e.Fields = append(e.Fields, a.fields()...)
	default:
		e.Name, e.Summary = "scraped", "scraped"
		if len(b) >= 20 {
			e.Summary = fmt.Sprintf("%s, %d downloading, %d times finished", counted(int(at(b, 8)), "seed"), at(b, 16), at(b, 12))
			e.Fields = append(e.Fields, decoders.I("bt-tracker.seeders", int64(at(b, 8))), decoders.I("bt-tracker.leechers", int64(at(b, 16))))
		}
	}
	p.emit(c, e, bad)
}

// peers reads compact addresses. BEP 15 has six bytes for each.
func (p *datagrams) peers(b []byte) []netip.AddrPort {
	var out []netip.AddrPort
	for ; len(b) >= 6 && len(out) < maxPeers; b = b[6:] {
		a, _ := netip.AddrFromSlice(b[:4])
		out = append(out, netip.AddrPortFrom(a, binary.BigEndian.Uint16(b[4:])))
	}
	return out
}

func eventName(n uint32) string {
	if n < 4 {
		return [...]string{"", "completed", "started", "stopped"}[n]
	}
	return fmt.Sprintf("event %d", n)
}

func explainTracker(root *decoders.Field, m decoders.Exposed) {
	b := m.Raw
	root.Name = "bt-tracker"
	u32 := func(off int, name, label, doc string) {
		if len(b) >= off+4 {
			root.Children = append(root.Children, leaf(name, label, fmt.Sprint(at(b, off)), off, 4, doc))
		}
	}
	u64 := func(off int, name, label, doc string) {
		if len(b) >= off+8 {
			root.Children = append(root.Children, leaf(name, label, fmt.Sprint(int64(binary.BigEndian.Uint64(b[off:]))), off, 8, doc))
		}
	}
	hash := func(off int, name, label string) {
		if len(b) >= off+20 {
			root.Children = append(root.Children, leaf(name, label, hexOf(b[off:off+20]), off, 20, ""))
		}
	}
	if m.Kind == decoders.Request {
		root.Doc = "A peer asks a tracker, over UDP since that costs it less than HTTP (BEP 15)."
		if len(b) >= 8 {
			root.Children = append(root.Children, leaf("bt-tracker.connection_id", "Connection ID", "0x"+hexOf(b[:8]), 0, 8,
				"A fixed number in a connect; then what the tracker has answered, so that a forged source address does not get far (BEP 15)."))
		}
		u32(8, "bt-tracker.action", "Action", "0 connect, 1 announce, 2 scrape (BEP 15).")
		u32(12, "bt-tracker.transaction_id", "Transaction ID", "The answer repeats it (BEP 15).")
		switch m.Name {
		case "announce":
			hash(16, "bt-tracker.info_hash", "Info hash")
			hash(36, "bt-tracker.peer_id", "Peer ID")
			u64(56, "bt-tracker.downloaded", "Downloaded", "Bytes since the peer said started (BEP 3).")
			u64(64, "bt-tracker.left", "Left", "Bytes that the peer still lacks; 0 makes it a seed (BEP 3).")
			u64(72, "bt-tracker.uploaded", "Uploaded", "Bytes since the peer said started (BEP 3).")
			u32(80, "bt-tracker.event", "Event", "0 none, 1 completed, 2 started, 3 stopped (BEP 15).")
			u32(84, "bt-tracker.ip_address", "IP address", "0: where the datagram comes from (BEP 15).")
			u32(88, "bt-tracker.key", "Key", "Lets the peer prove itself when its address has changed (BEP 15).")
			u32(92, "bt-tracker.num_want", "Peers wanted", "4294967295: as many as the tracker likes (BEP 15).")
			if len(b) >= 98 {
				root.Children = append(root.Children, leaf("bt-tracker.port", "Port", fmt.Sprint(int(b[96])<<8|int(b[97])), 96, 2, "Where the peer listens (BEP 15)."))
			}
		case "scrape":
			for off := 16; off+20 <= len(b) && len(root.Children) < 80; off += 20 {
				hash(off, "bt-tracker.info_hash", "Info hash")
			}
		}
		return
	}
	root.Doc = "The tracker's answer (BEP 15)."
	u32(0, "bt-tracker.action", "Action", "That of the request, or 3 for an error (BEP 15).")
	u32(4, "bt-tracker.transaction_id", "Transaction ID", "That of the request (BEP 15).")
	switch m.Name {
	case "connected":
		if len(b) >= 16 {
			root.Children = append(root.Children, leaf("bt-tracker.connection_id", "Connection ID", "0x"+hexOf(b[8:16]), 8, 8, "Good for two minutes (BEP 15)."))
		}
	case "announced":
		u32(8, "bt-tracker.interval", "Interval", "Seconds until the peer should announce itself again (BEP 15).")
		u32(12, "bt-tracker.leechers", "Leechers", "Peers that are still downloading (BEP 15).")
		u32(16, "bt-tracker.seeders", "Seeders", "Peers that have everything (BEP 15).")
		if len(b) > 20 {
			f := leaf("bt-tracker.trackers", "Peers", "", 20, len(b)-20, "Six bytes each: address and port (BEP 15).")
			list(&f, b[20:len(b)-(len(b)-20)%6], 20, 6, "peer")
			root.Children = append(root.Children, f)
		}
	case "scraped":
		for off := 8; off+12 <= len(b) && len(root.Children) < 240; off += 12 {
			u32(off, "bt-tracker.seeders", "Seeders", "Peers that have everything (BEP 15).")
			u32(off+4, "bt-tracker.completed", "Completed", "How often a peer has finished (BEP 15).")
			u32(off+8, "bt-tracker.leechers", "Leechers", "Peers that are still downloading (BEP 15).")
		}
	case "error":
		if len(b) > 8 {
			root.Children = append(root.Children, leaf("bt-tracker.error", "Error", text(b[8:]), 8, len(b)-8, "For people (BEP 15)."))
		}
	}
}
