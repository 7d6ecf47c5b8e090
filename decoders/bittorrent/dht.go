package bittorrent

import (
	"fmt"

	"netscope/decoders"
	"netscope/decoders/bittorrent/bencode"
)

const protoDHT = "BT-DHT"

// isDHT reports whether a datagram is a KRPC message (BEP 5): a dictionary with
// a transaction ID and a type.
func isDHT(b []byte) bool {
	_, _, ok := parseDHT(b)
	return ok
}

// parseDHT reads a KRPC message, n bytes long; ok is false if it is none.
func parseDHT(b []byte) (v bencode.Value, n int, ok bool) {
	if len(b) < 12 || b[0] != 'd' || b[1] < '0' || b[1] > '9' {
		return v, 0, false
	}
	v, n, bad := bencode.Parse(b)
	if bad != "" {
		return v, 0, false
	}
	y := string(v.Text("y"))
	return v, n, v.Get("t") != nil && (y == "q" || y == "r" || y == "e")
}

// dhtKey names a query: who asked, and the transaction ID.
type dhtKey struct {
	dir decoders.Dir
	tid string
}

// krpc takes a KRPC message.
func (p *datagrams) krpc(c *decoders.Chunk, v bencode.Value, n int) {
	bad := ""
	if n < len(c.Buf) {
		bad = fmt.Sprintf("%d bytes follow the dictionary", len(c.Buf)-n)
	}
	tid := string(v.Text("t"))
	e := decoders.Event{Proto: protoDHT, Fields: []decoders.KV{decoders.S("bt-dht.transaction_id", hexOf([]byte(tid)))}}
	if len(tid) > 32 {
		bad = "the transaction ID is longer than 32 bytes"
		tid = tid[:32]
	}
	mine, theirs := dhtKey{c.Dir, tid}, dhtKey{c.Dir.Other(), tid}
	switch string(v.Text("y")) {
	case "q":
		q := clean(string(v.Text("q")))
		if q == "" || len(q) > 40 {
			q, bad = "query", "a query without a name (BEP 5)"
		}
		e.Kind, e.Name, e.Summary = decoders.Request, q, q
		a := v.Get("a")
		withID(&e, a)
		if h := a.Text("info_hash"); len(h) == 20 {
			e.Summary += " for " + hexOf(h)
			e.Fields = append(e.Fields, decoders.S("bittorrent.info_hash", hexOf(h)))
		} else if t := a.Text("target"); len(t) == 20 {
			e.Summary += " near " + hexOf(t)
		}
		if port, ok := a.Number("port"); ok {
			e.Fields = append(e.Fields, decoders.I("bt-dht.port", port))
		}
		key := p.emit(c, e, bad)
		if len(p.dht) >= maxPending {
			clear(p.dht)
		}
		p.dht[mine] = key
	case "r":
		r := v.Get("r")
		e.Kind, e.Name, e.Summary = decoders.Response, "response", "response"
		withID(&e, r)
		nodes := len(r.Text("nodes"))/26 + len(r.Text("nodes6"))/38
		peers := 0
		if l := r.Get("values"); l != nil {
			peers = len(l.Items)
		}
		e.Fields = append(e.Fields, decoders.I("bt-dht.nodes", int64(nodes)), decoders.I("bt-dht.peers", int64(peers)))
		if peers > 0 {
			e.Summary += ", " + counted(peers, "peer")
		}
		if nodes > 0 {
			e.Summary += ", " + counted(nodes, "node")
		}
		e.ReplyTo = p.dht[theirs]
		delete(p.dht, theirs)
		p.emit(c, e, bad)
	default:
		e.Kind, e.Name, e.Summary = decoders.Response, "error", "error"
		if l := v.Get("e"); l != nil && len(l.Items) >= 2 {
			e.Summary = fmt.Sprintf("error %d: %s", l.Items[0].Int, text(l.Items[1].Str))
		}
		e.ReplyTo = p.dht[theirs]
		delete(p.dht, theirs)
		p.emit(c, e, bad)
	}
}

func explainDHT(root *decoders.Field, m decoders.Exposed) {
	root.Name = "bt-dht"
	root.Doc = "A question or answer between nodes of the distributed hash table in which peers find each other without a tracker (BEP 5)."
	v, _, bad := bencode.Parse(m.Raw)
	if bad != "" {
		root.Doc, root.Bad = "Bad: "+bad+".", true
	}
	root.Children = tree(v, "", "", 0, 0).Children
}

// withID adds the sender's node ID.
func withID(e *decoders.Event, v *bencode.Value) {
	if id := v.Text("id"); len(id) == 20 {
		e.Fields = append(e.Fields, decoders.S("bt-dht.id", hexOf(id)))
	}
}
