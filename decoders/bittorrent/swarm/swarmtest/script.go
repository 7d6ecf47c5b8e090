// Package swarmtest makes up swarms as timelines, for tests of folds and views:
// peers say what the test tells them to say, over TCP as a lab's links would
// carry it. Only tests import it.
package swarmtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/bittorrent"
	"netscope/decoders/data"
	"netscope/decoders/timeline"
)

// Names are what the first peers are called.
var names = [...]string{"seed", "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj", "olivia", "peggy"}

// Script is a swarm to come. Peer 0 is the first one.
type Script struct {
	B     *timeline.Builder
	now   time.Time
	id    capture.PacketID
	conns map[[2]int]*conn
	peers int
}

type conn struct {
	a, b netip.AddrPort
	next [2]uint32
}

// New is a swarm of n peers that do not know each other yet.
func New(n int) *Script {
	s := &Script{peers: n, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), conns: map[[2]int]*conn{},
		B: timeline.NewBuilder(timeline.Options{Decoders: []decoders.Decoder{bittorrent.Decoder{}, data.Decoder{}}, Lab: true})}
	_ = s.B.Meta(capture.Tap{Name: "net", Link: capture.LinkRaw, SnapLen: 65535})
	for i := range n {
		_ = s.B.Meta(capture.Name{Addr: addr(i), Host: Host(i)})
	}
	return s
}

// Host is a peer's host name.
func Host(i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("peer%d", i)
}

func addr(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i / 250), byte(1 + i%250)}) }

// ID is a peer's ID, 20 bytes.
func ID(i int) string { return fmt.Sprintf("-NS0100-%012d", i) }

// Wait lets time pass.
func (s *Script) Wait(d time.Duration) { s.now = s.now.Add(d) }

// Connect opens a connection from peer i to peer j, with both handshakes.
func (s *Script) Connect(i, j int) {
	c := &conn{a: netip.AddrPortFrom(addr(i), uint16(40000+j)), b: netip.AddrPortFrom(addr(j), 6881), next: [2]uint32{1, 1}}
	s.conns[[2]int{i, j}] = c
	s.send(c, 0, 0x02, "")
	s.send(c, 1, 0x12, "")
	for d, k := range []int{i, j} {
		s.send(c, d, 0x18, "\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x05"+"abcdefghijklmnopqrst"+ID(k))
	}
}

// Say sends a message from peer i to peer j.
func (s *Script) Say(i, j int, msg string) {
	if c := s.conns[[2]int{i, j}]; c != nil {
		s.send(c, 0, 0x18, msg)
	} else if c := s.conns[[2]int{j, i}]; c != nil {
		s.send(c, 1, 0x18, msg)
	}
}

// Message is a message of a type with numbers as its payload.
func Message(id byte, nums ...uint32) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(1+4*len(nums)))
	b = append(b, id)
	for _, n := range nums {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return string(b)
}

// Block is a piece message with n bytes.
func Block(index, begin uint32, n int) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(9+n))
	b = append(b, 7)
	b = binary.BigEndian.AppendUint32(b, index)
	b = binary.BigEndian.AppendUint32(b, begin)
	return string(append(b, make([]byte, n)...))
}

// Bitfield is a bitfield of n pieces of which has says which there are.
func Bitfield(n int, has func(int) bool) string {
	bits := make([]byte, (n+7)/8)
	for i := range n {
		if has(i) {
			bits[i/8] |= 0x80 >> (i % 8)
		}
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(1+len(bits)))
	return string(append(append(b, 5), bits...))
}

// Rank is a peer in a round's note.
type Rank struct {
	Peer       int
	Rate       float64
	Unchoked   bool
	Optimistic bool
}

// Round notes a decision of peer i's choker.
func (s *Script) Round(i, num int, ranks []Rank) {
	var list []map[string]any
	for _, r := range ranks {
		list = append(list, map[string]any{"id": fmt.Sprintf("%x", ID(r.Peer)), "rate": r.Rate, "unchoked": r.Unchoked, "optimistic": r.Optimistic,
			"regular": r.Unchoked && !r.Optimistic, "interested": true})
	}
	b, _ := json.Marshal(map[string]any{"round": num, "next_s": 10.0, "mode": "leecher", "slots": 4, "peers": list})
	_ = s.B.Meta(capture.Note{At: s.now, Host: Host(i), Proto: "bittorrent", Name: "choke-round", Summary: "a round", Data: b})
}

// Done finishes the timeline.
func (s *Script) Done() *timeline.Snapshot {
	s.B.Finish(nil)
	return s.B.Snapshot()
}

// send carries bytes in segments of at most 16 kB; each takes a millisecond to
// arrive and 10 µs to leave.
func (s *Script) send(c *conn, d int, flags byte, data string) {
	for first := true; first || data != ""; first = false {
		n := min(len(data), 16000)
		src, dst := c.a, c.b
		if d == 1 {
			src, dst = c.b, c.a
		}
		p := segment(src, dst, c.next[d], c.next[1-d], flags, data[:n])
		c.next[d] += uint32(n)
		if flags&2 != 0 {
			c.next[d]++
		}
		_ = s.B.Packet(capture.Packet{ID: s.id, At: s.now, Arrived: s.now.Add(time.Millisecond), Link: capture.LinkRaw, Length: len(p), Data: p, Ref: -1})
		s.id++
		s.now = s.now.Add(10 * time.Microsecond)
		data = data[n:]
	}
}

// segment is an IPv4 packet with a TCP segment, without checksums.
func segment(src, dst netip.AddrPort, seq, ack uint32, flags byte, data string) []byte {
	p := make([]byte, 40, 40+len(data))
	be := binary.BigEndian
	p[0], p[8], p[9] = 0x45, 64, 6
	be.PutUint16(p[2:], uint16(40+len(data)))
	copy(p[12:], src.Addr().AsSlice())
	copy(p[16:], dst.Addr().AsSlice())
	be.PutUint16(p[20:], src.Port())
	be.PutUint16(p[22:], dst.Port())
	be.PutUint32(p[24:], seq)
	be.PutUint32(p[28:], ack)
	p[32], p[33] = 5<<4, flags
	be.PutUint16(p[34:], 64240)
	return append(p, data...)
}
