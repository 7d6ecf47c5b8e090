package fork

import (
	"fmt"
	"math"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Kind says how something differs from its counterpart in the other run.
type Kind uint8

// The kinds of difference.
const (
	Same  Kind = iota
	Moved      // the other run has it, too, but at another time, of another size, or lost
	Alone      // the other run does not have it
)

// Side is what is different on one side of a comparison.
type Side struct {
	firstPacket  capture.PacketID
	firstMessage timeline.MessageID
	packets      []mark
	messages     []mark

	// Moved and Alone count packets, and messages without units.
	MovedPackets, AlonePackets   int
	MovedMessages, AloneMessages int
}

type mark struct {
	kind  Kind
	other timeline.Time // when the counterpart ended; if Moved
}

// Packet tells how a packet differs, and when its counterpart arrived (or left,
// if it was lost).
func (s *Side) Packet(id capture.PacketID) (Kind, timeline.Time) {
	if i := uint64(id - s.firstPacket); id >= s.firstPacket && i < uint64(len(s.packets)) {
		return s.packets[i].kind, s.packets[i].other
	}
	return Same, 0
}

// Message tells how a message or unit differs, and when its counterpart ended.
func (s *Side) Message(id timeline.MessageID) (Kind, timeline.Time) {
	if i := uint64(id - s.firstMessage); id >= s.firstMessage && i < uint64(len(s.messages)) {
		return s.messages[i].kind, s.messages[i].other
	}
	return Same, 0
}

// Diff is a comparison of two runs.
type Diff struct {
	Old, New Side
	// First is when they differ first; -1: not at all, as far as is known.
	First timeline.Time
	// Prefix is what both have before the action; Broken says in a sentence
	// that they do not have the same, "" that they do.
	Prefix Prefix
	Broken string
}

// Compare compares an old run with its fork, whose new action comes at a time.
// While the runs go on, only what both have come to is compared.
func Compare(old, new *timeline.Snapshot, action timeline.Time) *Diff {
	d := &Diff{First: -1}
	until := timeline.Time(math.MaxInt64)
	for _, s := range []*timeline.Snapshot{old, new} {
		if !s.Done() {
			until = min(until, s.Now())
		}
	}
	d.Old.firstPacket, _ = old.PacketRange()
	d.New.firstPacket, _ = new.PacketRange()
	d.Old.firstMessage, _ = old.MessageRange()
	d.New.firstMessage, _ = new.MessageRange()
	convs := map[string]int{}
	a, b := newIndex(old, convs), newIndex(new, convs)
	d.match(&d.Old, &d.New, a.packets(), b.packets(), until, true)
	d.match(&d.Old, &d.New, a.messages(), b.messages(), until, false)
	d.prefix(old, new, min(action, until))
	return d
}

// prefix checks that nothing differs before the action.
func (d *Diff) prefix(old, new *timeline.Snapshot, before timeline.Time) {
	d.Prefix = PrefixOf(old, before)
	if d.Prefix == PrefixOf(new, before) {
		return
	}
	d.Broken = "The new run is another one from the beginning on: something in this lab is not fixed by the seed."
	if d.First >= 0 && d.First < before {
		d.Broken = fmt.Sprintf("The two runs differ at %s, before the action at %s: something in this lab is not fixed by the seed.",
			Seconds(d.First), Seconds(before))
	}
}

// item is a packet or message as it is compared.
type item struct {
	key   string
	times [3]timeline.Time // what happened to it, in order; -1: has not, or does not count
	end   timeline.Time
	value [3]int64      // what else must be equal
	known timeline.Time // when it is there to be missed by the other run
	unit  bool
}

// parted is when two items that are the same at first differ.
func (a *item) parted(b *item) timeline.Time {
	last := a.times[0]
	for i := range a.times {
		switch x, y := a.times[i], b.times[i]; {
		case x == y:
			last = max(last, x)
		case x < 0 || y < 0:
			return max(x, y)
		default:
			return min(x, y)
		}
	}
	return last // a size that was known at its end; a packet's fate, when it left
}

// index makes items; conversations of both runs have common numbers.
type index struct {
	s     *timeline.Snapshot
	convs map[string]int
	known map[timeline.ConvID]int
	seen  map[string]int // incarnations of the same two endpoints
}

func newIndex(s *timeline.Snapshot, convs map[string]int) *index {
	return &index{s: s, convs: convs, known: map[timeline.ConvID]int{}, seen: map[string]int{}}
}

func (x *index) conv(id timeline.ConvID) int {
	if id == timeline.NoConv {
		return -1
	}
	if n, ok := x.known[id]; ok {
		return n
	}
	c := x.s.Conversation(id)
	name := c.Transport.String() + " " + c.A.String() + " " + c.B.String()
	x.seen[name]++
	name = fmt.Sprint(name, " ", x.seen[name])
	n, ok := x.convs[name]
	if !ok {
		n = len(x.convs)
		x.convs[name] = n
	}
	x.known[id] = n
	return n
}

// packets knows a segment by what it carries, not by its number: the new run
// may have one more.
func (x *index) packets() (out []item) {
	first, end := x.s.PacketRange()
	for id := first; id < end; id++ {
		r := x.s.Packet(id)
		ack := r.Ack
		if r.Payload > 0 || r.Transport != decoders.TCP {
			ack = 0 // data acknowledges on the side
		}
		key := fmt.Sprint(x.conv(r.Conv), r.Dir, r.Transport, r.Seq, ack, r.Payload, r.Flags, r.Tap)
		if r.Transport != decoders.TCP {
			key = fmt.Sprint(x.conv(r.Conv), r.Dir, r.Transport, r.Length, r.Tap)
		}
		out = append(out, item{key: key, times: [3]timeline.Time{r.At, -1, -1}, end: max(r.At, r.Arrived), known: r.At,
			value: [3]int64{int64(r.Arrived), int64(r.Loss), int64(r.Length)}})
	}
	return out
}

func (x *index) messages() (out []item) {
	first, end := x.s.MessageRange()
	for id := first; id < end; id++ {
		m := x.s.Message(id)
		it := item{key: fmt.Sprint(x.conv(m.Conv), m.Dir, m.Level, m.Stream, m.Proto, m.Name), end: m.HeadAt,
			times: [3]timeline.Time{m.Start, m.HeadAt, -1}, known: m.HeadAt, unit: m.Level == decoders.UnitLevel}
		if m.Closed {
			it.end, it.times[2], it.value = m.End, m.End, [3]int64{m.Total, m.Len}
		}
		out = append(out, it)
	}
	return out
}

// match pairs the items of both sides: the nth of a kind here with the nth
// there.
func (d *Diff) match(old, new *Side, a, b []item, until timeline.Time, packets bool) {
	am, bm := make([]mark, len(a)), make([]mark, len(b))
	where := map[string][]int{}
	for i := range a {
		where[a[i].key] = append(where[a[i].key], i)
		am[i].kind = Alone
	}
	for j := range b {
		same := where[b[j].key]
		if len(same) == 0 {
			bm[j].kind = Alone
			continue
		}
		i := same[0]
		where[b[j].key] = same[1:]
		if a[i].value == b[j].value && a[i].times == b[j].times {
			am[i].kind = Same
			continue
		}
		am[i], bm[j] = mark{Moved, b[j].end}, mark{Moved, a[i].end}
		a[i].known = a[i].parted(&b[j])
		b[j].known = a[i].known
	}
	d.finish(old, a, am, until, packets)
	d.finish(new, b, bm, until, packets)
}

// finish counts a side's differences, as far as they are known to be some.
func (d *Diff) finish(s *Side, items []item, marks []mark, until timeline.Time, packets bool) {
	for i := range marks {
		if marks[i].kind != Same && items[i].end >= until {
			marks[i] = mark{} // the other run may yet come to it
		}
		if marks[i].kind == Same {
			continue
		}
		if d.First < 0 || items[i].known < d.First {
			d.First = items[i].known
		}
		switch {
		case packets && marks[i].kind == Moved:
			s.MovedPackets++
		case packets:
			s.AlonePackets++
		case items[i].unit:
		case marks[i].kind == Moved:
			s.MovedMessages++
		default:
			s.AloneMessages++
		}
	}
	if packets {
		s.packets = marks
	} else {
		s.messages = marks
	}
}
