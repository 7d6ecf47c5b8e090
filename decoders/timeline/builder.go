package timeline

import (
	"errors"
	"io"
	"sync"
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/keylog"
	"netscope/decoders/stream"
)

// Options configure a [Builder].
type Options struct {
	Decoders   []decoders.Decoder         // tried in order; the first that does not reject wins; the last takes everything
	Force      func(decoders.Hint) string // name of the decoder demanded for a conversation, "" none
	Store      capture.Store              // where packet bytes go whose source cannot be read again; nil: memory
	Details    capture.Store              // where the strings of messages, and old rows, go; nil: memory
	File       io.ReaderAt                // where Packet.Ref of a re-readable source points into; may be nil
	Lab        bool                       // departures and arrivals differ
	MaxPackets int                        // evict the oldest beyond this many (endless captures); 0: keep all
	Secrets    decoders.SecretSource      // key material beside what the source itself brings; may be nil
}

// Builder builds a timeline. It is a [capture.Sink]: give it to a source's
// Run, then call Finish. One goroutine may call its methods, but Snapshot may
// be called from any.
//
// Where Options.Details is not memory, old rows and conversations that are over
// go there, too, so that what a finite capture needs in memory hardly grows
// with it. With MaxPackets, or in a lab, they stay in memory.
type Builder struct {
	opt     Options
	archive bool // conversations that are over leave memory

	packets  log[packetRow]
	lab      log[labRow] // labs: beside packets
	moments  log[uint32] // labs: packet<<1 | arrives
	messages log[msgRow]
	states   log[msgState] // beside messages
	closes   log[closeRow]
	updates  log[updateRow]
	events   log[eventRow]
	convs    log[convSlot]
	plain    log[convSlot] // kept streams, numbered from plainBase
	notes    log[NoteRow]
	comments log[commentRow]
	aux      log[auxRow]
	odd      log[seg]
	strings  log[string]
	names    map[string]uint64
	lately   [256]interned // what was asked for last, see intern
	hosts    sync.Map      // netip.Addr → string
	nhosts   int
	paths    sync.Map // ConvID → []path, of those that have moved
	npaths   int
	thawed   thawed

	assembler *stream.Assembler
	result    stream.Result
	flights   flights // labs: arrivals to come
	epoch     time.Time
	begun     bool
	now       Time
	scratch   []byte
	pending   pending
	lastPos   uint32 // of the last event, in captures
	secrets   int    // bytes so far
	roving    []*live
	keyLog    keylog.Log

	shared *shared
	tail   tail
	kept   kept
	pub    published
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
	b := &Builder{opt: o, names: map[string]uint64{}, assembler: stream.New(stream.Options{}), shared: &shared{}}
	b.archive = o.MaxPackets == 0 && !o.Lab
	if o.Store == nil {
		b.opt.Store = newMemory()
	}
	if o.Details == nil {
		b.opt.Details = newMemory()
	} else if b.archive {
		b.spillTo(o.Details, hotChunks)
	}
	b.names[""] = b.strings.append("")
	b.publish()
	return b
}

// spillTo lets old rows go to a store.
func (b *Builder) spillTo(s capture.Store, hot int) {
	b.packets.cold = &cold[packetRow]{store: s, hot: hot}
	b.messages.cold = &cold[msgRow]{store: s, hot: hot}
	b.closes.cold = &cold[closeRow]{store: s, hot: hot}
	b.updates.cold = &cold[updateRow]{store: s, hot: hot}
	b.events.cold = &cold[eventRow]{store: s, hot: hot}
	b.comments.cold = &cold[commentRow]{store: s, hot: hot}
	b.odd.cold = &cold[seg]{store: s, hot: hot}
	b.aux.cold = &cold[auxRow]{store: s, hot: hot}
}

func (b *Builder) time(t time.Time) Time { return Time(t.Sub(b.epoch)) }

// begin fixes the epoch at the first thing that has a time.
func (b *Builder) begin(t time.Time) {
	if !b.begun {
		b.begun, b.epoch = true, t
		b.share(func(sh *shared) { sh.epoch = t })
	}
}

// share changes what snapshots share.
func (b *Builder) share(change func(*shared)) {
	sh := *b.shared
	change(&sh)
	b.shared = &sh
}

// maxPackets is how many packets a position can tell apart.
const maxPackets = 1<<31 - 2

// errFull ends a source that is larger than a timeline can be.
var errFull = errors.New("this is more than a timeline can hold (2,000 million packets): read a part of it with -c")

// Packet adds a packet. It implements capture.Sink.
func (b *Builder) Packet(p capture.Packet) error {
	if b.packets.n >= maxPackets {
		return errFull
	}
	b.begin(p.At)
	id := uint32(b.packets.n)
	at := b.time(p.At)
	ref, err := b.keep(&p)
	if err != nil {
		return err
	}
	if p.Comment != "" {
		if err := b.comment(id, p.Comment); err != nil {
			return err
		}
	}
	arrived := at // or when it left, if it never arrived
	if b.opt.Lab {
		at, arrived = b.depart(id, &p)
	} else {
		b.now = max(b.now, at)
	}
	r := &b.result
	b.assembler.Add(stream.PacketIn{ID: capture.PacketID(id), At: int64(at), Arrived: int64(arrived),
		Lost: p.Loss != capture.NotLost, Link: p.Link, Data: p.Data, WireLen: p.Length}, r)
	row := b.packets.grow()
	row.at, row.ref, row.length, row.capLen = at, ref, uint32(p.Length), uint32(len(p.Data))
	row.tap, row.loss = uint16(min(p.Tap, 1<<16-1)), p.Loss
	row.found(r)
	if r.Flow != nil {
		c := b.conversation(r, id, at)
		row.conv = c.id // not the flow's number: inner conversations are numbered, too
		b.count(c, id, row, r)
	}
	b.deliver(id, row, r)
	b.over(r.Ended, id)
	if b.opt.MaxPackets > 0 {
		b.evict()
	}
	b.publish()
	return nil
}

// keep stores the packet's bytes unless the source can be read again. The low
// bit of the reference tells the two apart.
func (b *Builder) keep(p *capture.Packet) (int64, error) {
	if b.opt.File != nil && p.Ref >= 0 {
		return p.Ref << 1, nil
	}
	ref, err := b.opt.Store.Put(p.Data)
	return ref<<1 | 1, err
}

// found fills in what the assembler found.
func (row *packetRow) found(r *stream.Result) {
	h := &r.Header
	row.conv = NoConv
	row.transport, row.fragment, row.dir, row.analysis = h.Transport, h.Frag.Is, r.Dir, r.Analysis
	row.seq, row.ack, row.window, row.flags = r.RelSeq, r.RelAck, r.Window, h.Flags
	if h.Transport != decoders.NoTransport {
		row.payload = uint16(min(h.PayloadLen+h.PayloadMissing, 1<<16-1))
		row.payloadOff = uint16(min(max(h.PayloadOff, 0), 1<<16-1))
	}
}

// Finish closes what is open; err is the source's error, if any.
func (b *Builder) Finish(err error) {
	if b.tail.done {
		return
	}
	r := &b.result
	last := uint32(max(b.packets.n, 1) - 1)
	b.assembler.Flush(r)
	b.deliver(last, nil, r)
	b.over(r.Ended, last)
	for len(b.flights) > 0 {
		b.arrive(b.flights.pop())
	}
	b.tail.done = true
	b.share(func(sh *shared) { sh.err = err })
	b.publish()
}
