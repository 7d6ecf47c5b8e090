package timeline

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/stream"
)

// Options configure a [Builder].
type Options struct {
	Decoders   []decoders.Decoder         // tried in order; the first that does not reject wins; the last takes everything
	Force      func(decoders.Hint) string // name of the decoder demanded for a conversation, "" none
	Store      capture.Store              // where packet bytes go whose source cannot be read again; nil: memory
	Details    capture.Store              // where the strings of messages go; nil: memory
	File       io.ReaderAt                // where Packet.Ref of a re-readable source points into; may be nil
	Lab        bool                       // departures and arrivals differ
	MaxPackets int                        // evict the oldest beyond this many (endless captures); 0: keep all
}

// Builder builds a timeline. It is a [capture.Sink]: give it to a source's
// Run, then call Finish. One goroutine may call its methods, but Snapshot may
// be called from any.
type Builder struct {
	opt Options

	packets  log[PacketRow]
	moments  log[uint32] // labs: packet<<1 | arrives
	messages log[msgRow]
	closes   log[closeRow]
	updates  log[updateRow]
	events   log[eventRow]
	convs    log[atomic.Pointer[conv]]
	notes    log[NoteRow]
	comments log[commentRow]
	aux      log[auxRow] // stream bytes that lie in no single packet
	strings  log[string]
	names    map[string]uint64
	hosts    sync.Map // netip.Addr → string
	nhosts   int

	assembler *stream.Assembler
	result    stream.Result
	flights   flights // labs: arrivals to come
	epoch     time.Time
	begun     bool
	now       Time
	scratch   []byte
	lastPos   uint32 // of the last event, in captures

	cur    atomic.Pointer[Snapshot]
	slab   []Snapshot
	shared *shared
	tail   tail
	kept   kept
}

type commentRow struct {
	packet uint32
	text   string
}

type auxRow struct {
	ref int64
	n   uint32
}

// shared is what snapshots share until it changes: then it is copied.
type shared struct {
	epoch    time.Time
	taps     []capture.Tap
	secrets  []capture.Secrets
	comments []string
	cut      *capture.Truncated
	err      error
}

// tail is the small state that every snapshot carries.
type tail struct {
	now      Time
	done     bool
	progress capture.Progress
	drops    capture.Drops
}

// kept is where each log begins after eviction.
type kept struct {
	packets, moments, messages, events, notes uint64
}

// NewBuilder makes an empty timeline.
func NewBuilder(o Options) *Builder {
	if o.Store == nil {
		o.Store = newMemory()
	}
	if o.Details == nil {
		o.Details = newMemory()
	}
	b := &Builder{opt: o, names: map[string]uint64{}, assembler: stream.New(stream.Options{}), shared: &shared{}}
	b.names[""] = b.strings.append("")
	b.publish()
	return b
}

// Snapshot is the timeline as of now. It is cheap (one atomic load).
func (b *Builder) Snapshot() *Snapshot { return b.cur.Load() }

// publish makes what has been appended visible to readers.
func (b *Builder) publish() {
	if len(b.slab) == 0 {
		b.slab = make([]Snapshot, 32)
	}
	s := &b.slab[0]
	b.slab = b.slab[1:]
	b.tail.now = b.now
	*s = Snapshot{b: b, sh: b.shared, tail: b.tail, kept: b.kept,
		packets: b.packets.n, moments: b.moments.n, messages: b.messages.n, closes: b.closes.n,
		updates: b.updates.n, events: b.events.n, convs: b.convs.n, notes: b.notes.n, comments: b.comments.n}
	if !b.opt.Lab {
		s.moments = s.packets
	}
	b.cur.Store(s)
}

func (b *Builder) time(t time.Time) Time { return Time(t.Sub(b.epoch)) }

// begin fixes the epoch at the first thing that has a time.
func (b *Builder) begin(t time.Time) {
	if !b.begun {
		b.begun, b.epoch = true, t
		sh := *b.shared
		sh.epoch = t
		b.shared = &sh
	}
}

// Packet adds a packet. It implements capture.Sink.
func (b *Builder) Packet(p capture.Packet) error {
	b.begin(p.At)
	at := b.time(p.At)
	row := PacketRow{At: at, Arrived: at, Length: uint32(p.Length), CapLen: uint32(len(p.Data)), Conv: NoConv,
		Tap: uint16(min(p.Tap, 1<<16-1)), Loss: p.Loss}
	if p.Loss != capture.NotLost {
		row.Arrived = -1
	} else if b.opt.Lab && !p.Arrived.IsZero() {
		row.Arrived = b.time(p.Arrived)
	}
	ref, err := b.keep(p)
	if err != nil {
		return err
	}
	row.Ref = ref
	b.advance(at)
	id := uint32(b.packets.n)
	if b.opt.Lab {
		row.Depart = uint32(b.moments.append(id << 1))
	} else {
		row.Depart = id
		b.now = max(b.now, at)
	}
	if p.Comment != "" {
		b.comments.append(commentRow{id, p.Comment})
	}

	r := &b.result
	arrived := int64(row.Arrived)
	if arrived < 0 {
		arrived = int64(at)
	}
	b.assembler.Add(stream.PacketIn{ID: capture.PacketID(id), At: int64(at), Arrived: arrived,
		Lost: p.Loss != capture.NotLost, Link: p.Link, Data: p.Data, WireLen: p.Length}, r)
	b.fill(&row, r)
	b.packets.append(row)
	if b.opt.Lab && row.Arrived >= 0 {
		b.flights.push(flight{at: row.Arrived, packet: id})
	}
	var c *conv
	if r.Flow != nil {
		c = b.conversation(r)
		b.count(c, id, &row, r)
	}
	b.deliver(id, &row, r)
	for _, f := range r.Ended {
		b.endFlow(f, id)
	}
	if b.opt.MaxPackets > 0 {
		b.evict()
	}
	b.publish()
	return nil
}

// keep stores the packet's bytes unless the source can be read again. The low
// bit of the reference tells the two apart.
func (b *Builder) keep(p capture.Packet) (int64, error) {
	if b.opt.File != nil && p.Ref >= 0 {
		return p.Ref << 1, nil
	}
	ref, err := b.opt.Store.Put(p.Data)
	return ref<<1 | 1, err
}

// fill copies what the assembler found into the row.
func (b *Builder) fill(row *PacketRow, r *stream.Result) {
	h := &r.Header
	row.Transport = h.Transport
	row.Fragment = h.Frag.Is
	row.Dir = r.Dir
	row.Analysis = r.Analysis
	row.Seq, row.Ack, row.Window, row.Flags = r.RelSeq, r.RelAck, r.Window, h.Flags
	if h.Transport != decoders.NoTransport {
		row.Payload = uint16(min(h.PayloadLen+h.PayloadMissing, 1<<16-1))
		row.PayloadOff = uint16(min(max(h.PayloadOff, 0), 1<<16-1))
	}
	if r.Flow != nil {
		row.Conv = ConvID(r.Flow.Index)
	}
}

// advance lets everything arrive that arrives before or at t.
func (b *Builder) advance(t Time) {
	if !b.opt.Lab {
		return
	}
	for len(b.flights) > 0 && b.flights[0].at <= t {
		b.arrive(b.flights.pop())
	}
	b.now = max(b.now, t)
}

func (b *Builder) arrive(f flight) {
	m := b.moments.append(f.packet<<1 | 1)
	b.now = max(b.now, f.at)
	if row := b.packets.at(uint64(f.packet)); row != nil && row.Conv != NoConv {
		if c := b.conv(row.Conv); c != nil {
			c.nmoments.Store(c.moments.append(uint32(m)) + 1)
		}
	}
	for _, e := range f.events {
		b.events.append(eventRow{pos: uint32(m) + 1, msg: e.msg, closes: e.closes})
	}
}

// happen notes that a message was opened or closed by the arrival of packet by.
func (b *Builder) happen(by uint32, msg uint32, closes bool) {
	if b.opt.Lab {
		if f := b.flights.find(by); f != nil {
			f.events = append(f.events, eventRow{msg: msg, closes: closes})
			return
		}
		b.events.append(eventRow{pos: uint32(b.moments.n), msg: msg, closes: closes})
		return
	}
	// A decoder that waited for the other direction finds a message late: the
	// log stays in order all the same.
	b.lastPos = max(b.lastPos, by+1)
	b.events.append(eventRow{pos: b.lastPos, msg: msg, closes: closes})
}

// Meta adds what a source tells beside packets. It implements capture.Sink.
func (b *Builder) Meta(m capture.Meta) error {
	sh := *b.shared
	switch m := m.(type) {
	case capture.Tap:
		for int(m.ID) >= len(sh.taps) && len(sh.taps) < 1<<16 {
			sh.taps = append(sh.taps[:len(sh.taps):len(sh.taps)], capture.Tap{})
		}
		sh.taps = append([]capture.Tap(nil), sh.taps...)
		if int(m.ID) < len(sh.taps) {
			sh.taps[m.ID] = m
		}
	case capture.Name:
		if b.nhosts < maxNames {
			b.nhosts++
			b.hosts.Store(m.Addr, m.Host)
		}
	case capture.Secrets:
		m.Data = append([]byte(nil), m.Data...)
		sh.secrets = append(sh.secrets[:len(sh.secrets):len(sh.secrets)], m)
	case capture.Comment:
		sh.comments = append(sh.comments[:len(sh.comments):len(sh.comments)], string(m))
	case capture.Truncated:
		sh.cut = &m
	case capture.Note:
		b.note(m)
	case capture.Clock:
		b.begin(m.At)
		sh.epoch = b.epoch
		b.advance(b.time(m.At))
	case capture.Progress:
		b.tail.progress = m
	case capture.Drops:
		b.tail.drops = m
	}
	b.shared = &sh
	b.publish()
	return nil
}

// maxNames bounds the names that a capture file may bring.
const maxNames = 1 << 14

func (b *Builder) note(n capture.Note) {
	b.begin(n.At)
	at := b.time(n.At)
	b.advance(at)
	pos := Position(b.moments.n)
	if !b.opt.Lab {
		pos = Position(b.packets.n)
	}
	b.notes.append(NoteRow{At: at, Position: pos, Host: n.Host, Proto: n.Proto, Name: n.Name, Summary: n.Summary,
		Data: append([]byte(nil), n.Data...)})
}

// Finish closes what is open; err is the source's error, if any.
func (b *Builder) Finish(err error) {
	if b.tail.done {
		return
	}
	r := &b.result
	last := uint32(b.packets.n - 1)
	b.assembler.Flush(r)
	b.deliver(last, nil, r)
	for _, f := range r.Ended {
		b.endFlow(f, last)
	}
	for len(b.flights) > 0 {
		b.arrive(b.flights.pop())
	}
	b.tail.done = true
	sh := *b.shared
	sh.err = err
	b.shared = &sh
	b.publish()
}
