package qlogout

import (
	"strings"
	"time"

	"netscope/decoders"
	"netscope/decoders/keylog"
	"netscope/decoders/quic"
	"netscope/decoders/timeline"
)

// conn is a QUIC connection as it was captured.
type conn struct {
	id      timeline.ConvID
	conv    timeline.Conversation
	client  decoders.Dir
	packets []packet
	hellos  []hello
}

// packet is a QUIC packet. Several may share a datagram.
type packet struct {
	datagram int
	size     int // of the datagram
	dir      decoders.Dir
	at, to   timeline.Time // left, arrived; to < 0: lost
	name     string
	fields   []decoders.KV
	frames   []frame
}

type frame struct {
	name   string
	fields []decoders.KV
	length int64
}

// hello is a handshake message: what an endpoint says of itself.
type hello struct {
	dir    decoders.Dir
	at, to timeline.Time
	name   string
	fields []decoders.KV
}

// observe decodes a conversation as its senders saw it: in order of departure,
// lost packets too. The timeline itself decodes what arrives.
func observe(s *timeline.Snapshot, id timeline.ConvID, more decoders.SecretSource) *conn {
	c := &conn{id: id, conv: s.Conversation(id)}
	keys := &secrets{more: more}
	for _, sec := range s.Secrets() {
		keys.log.Add(sec.Data)
	}
	if c.conv.A.Port() == 443 && c.conv.B.Port() != 443 {
		c.client = decoders.BtoA
	}
	hint := decoders.Hint{Transport: decoders.UDP, A: c.conv.A, B: c.conv.B, Midway: c.conv.Midway}
	p := quic.Decoder{}.NewParser(hint, decoders.Env{MaxUnit: 1 << 20, Secrets: keys})
	var off [2]int64
	for n, pid := range s.ConvPackets(id) {
		r := s.Packet(pid)
		data, err := s.PacketData(pid)
		from, to := int(r.PayloadOff), int(r.PayloadOff)+int(r.Payload)
		if err != nil || to > len(data) || from >= to {
			continue
		}
		dir := r.Dir & 1
		step, err := p.Next(decoders.Chunk{Dir: dir, At: s.Epoch().Add(time.Duration(r.At)), Off: off[dir], Buf: data[from:to]})
		if err != nil {
			return c
		}
		off[dir] += int64(to - from)
		c.take(step, packet{datagram: n, size: to - from, dir: dir, at: r.At, to: r.Arrived})
	}
	return c
}

// secrets are the timeline's own key log and another.
type secrets struct {
	log  keylog.Log
	more decoders.SecretSource
}

// Secret implements decoders.SecretSource.
func (k *secrets) Secret(label string, random [32]byte) ([]byte, bool) {
	if b, ok := k.log.Secret(label, random); ok || k.more == nil {
		return b, ok
	}
	return k.more.Secret(label, random)
}

// take takes the packets, frames and handshake messages of one datagram.
func (c *conn) take(st decoders.Step, like packet) {
	at := map[uint64]int{}        // packets by key
	within := map[uint64][2]int{} // frames by key
	for _, e := range st.Events {
		switch {
		case e.Op == decoders.Close:
			if i, ok := within[e.Key]; ok {
				c.packets[i[0]].frames[i[1]].length = e.Len
			}
		case e.Op != decoders.Open || e.Proto != "QUIC":
		case e.Level == decoders.MessageLevel:
			name := strings.ReplaceAll(e.Name, " ", "")
			if name == "ClientHello" {
				c.client = e.Dir
			}
			c.hellos = append(c.hellos, hello{e.Dir, like.at, like.to, name, e.Fields})
		case e.PartOf == 0:
			if packetTypes[e.Name] == "" {
				continue // padding after the last packet
			}
			p := like
			p.name, p.fields = e.Name, e.Fields
			at[e.Key] = len(c.packets)
			c.packets = append(c.packets, p)
		default:
			if i, ok := at[e.PartOf]; ok {
				within[e.Key] = [2]int{i, len(c.packets[i].frames)}
				c.packets[i].frames = append(c.packets[i].frames, frame{name: e.Name, fields: e.Fields})
			}
		}
	}
}

// group names the connection: the client's first destination connection ID.
func (c *conn) group() string {
	for _, p := range c.packets {
		if p.dir == c.client {
			if id := str(p.fields, "quic.dcid"); id != "" {
				return id
			}
		}
	}
	return ""
}

func num(kvs []decoders.KV, name string) (int64, bool) {
	kv, ok := decoders.Lookup(kvs, name)
	return kv.Int, ok
}

func str(kvs []decoders.KV, name string) string {
	kv, _ := decoders.Lookup(kvs, name)
	return kv.Str
}
