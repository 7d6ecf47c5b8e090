package why

import (
	"sort"
	"strconv"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// unit is what occupies the wire: a frame, or a whole message where there are
// no frames.
type unit struct {
	id, part      timeline.MessageID
	stream        int64
	off, total    int64
	begun, closed timeline.Position
	gone          timeline.Position // its last byte has begun to leave
	frame         bool
}

func (u *unit) what() string {
	if u.frame {
		return "frame"
	}
	return "message"
}

// index is the units of a conversation by direction, in order of their bytes.
type index struct {
	conv  timeline.ConvID
	epoch int64
	first timeline.Time
	upTo  timeline.MessageID
	end   timeline.Position
	units [2][]unit
	open  [2][]int
	known bool
}

// maxUnits bounds how many units of a conversation are kept.
const maxUnits = 50_000

// read brings the index up to a snapshot. fresh says that it is about another
// conversation than before.
func (x *index) read(s *timeline.Snapshot, m *timeline.Message) (fresh bool) {
	cv := s.Conversation(m.Source)
	epoch := s.Epoch().UnixNano()
	first, _ := s.MessageRange()
	if !x.known || x.conv != m.Source || x.epoch != epoch || x.first != cv.Start || s.End() < x.end || m.ID < x.from(first) {
		*x = index{conv: m.Source, epoch: epoch, first: cv.Start, known: true, upTo: first}
		if cv.Messages > maxUnits {
			x.upTo = max(first, m.ID-min(m.ID, maxUnits/2))
		}
		fresh = true
	} else if s.End() == x.end {
		return false
	}
	x.end = s.End()
	for d := range x.open {
		still := x.open[d][:0]
		for _, i := range x.open[d] {
			if !x.fill(s, &x.units[d][i]) {
				still = append(still, i)
			}
		}
		x.open[d] = still
	}
	for len(x.units[0])+len(x.units[1]) < maxUnits {
		ids := s.ConvMessageRange(m.Source, x.upTo, 2048)
		for _, id := range ids {
			x.add(s, id)
			x.upTo = id + 1
		}
		if len(ids) == 0 {
			break
		}
	}
	return fresh
}

func (x *index) from(first timeline.MessageID) timeline.MessageID {
	for d := range x.units {
		if len(x.units[d]) > 0 && len(x.units[0])+len(x.units[1]) >= maxUnits {
			first = max(first, x.units[d][0].id)
		}
	}
	return first
}

func (x *index) add(s *timeline.Snapshot, id timeline.MessageID) {
	m := s.WireMessage(id)
	if m.Source != x.conv {
		return // inside it, or around it
	}
	framed := m.Level == decoders.UnitLevel
	if framed && m.Stream < 0 || !framed && m.Stream >= 0 {
		return // pieces of one message, or a message made of frames
	}
	u := unit{id: id, part: m.PartOf, stream: m.Stream, off: m.Off, frame: framed}
	if !x.fill(s, &u) {
		x.open[m.Dir] = append(x.open[m.Dir], len(x.units[m.Dir]))
	}
	x.units[m.Dir] = append(x.units[m.Dir], u)
}

func (x *index) fill(s *timeline.Snapshot, u *unit) bool {
	m := s.WireMessage(u.id)
	u.begun, _, u.closed = s.MessagePosition(u.id)
	u.total, u.gone = m.Total, u.closed
	if m.Closed {
		u.gone = s.DeparturePosition(m.Last)
	}
	return m.Closed
}

// last is the unit of a direction that has begun to leave last by pos, or -1.
func (q *question) last(d decoders.Dir, pos timeline.Position) int {
	us := q.units[d]
	return sort.Search(len(us), func(i int) bool { return us[i].begun > pos }) - 1
}

// behind says whether other streams' bytes have been sent in a direction in
// the time from after one position until another, and whose.
func (q *question) behind(d decoders.Dir, stream int64, from, to timeline.Position) (Reason, bool) {
	us := q.units[d]
	lo, hi := max(0, q.last(d, from)), q.last(d, to)+1
	for lo < hi && us[lo].gone <= from { // what was leaving then counts, too
		lo++
	}
	return q.others(us[lo:max(lo, hi)], stream, "It waits behind ")
}

// between says whose bytes left between the time that a message was ready and
// its own.
func (q *question) between(m *timeline.Message, at int, ready timeline.Position) (Reason, bool) {
	us := q.units[m.Dir]
	lo := at
	for lo > 0 && us[lo-1].stream != m.Stream || lo > 0 && m.Stream < 0 {
		if us[lo-1].gone <= ready {
			break
		}
		lo--
	}
	return q.others(us[lo:at], m.Stream, "It waited behind ")
}

// others adds up whose bytes these units are.
func (q *question) others(us []unit, stream int64, verb string) (Reason, bool) {
	sum, most := map[int64]int64{}, int64(-1)
	var all int64
	names := 0
	var lead *unit
	for i := range us {
		u := &us[i]
		if u.stream == stream && stream >= 0 || u.frame && u.part == timeline.NoMessage {
			continue // its own, or one that is about the connection
		}
		key := u.stream
		if key < 0 {
			key = int64(u.id)
		}
		if sum[key] == 0 {
			names++
		}
		sum[key] += u.total
		all += u.total
		if sum[key] > most {
			most, lead = sum[key], u
		}
	}
	if lead == nil || all < worthNaming {
		return Reason{}, false
	}
	text := verb + bytes(all) + " of " + q.name(lead)
	if n := names - 1; n == 1 {
		text += " and one other stream"
	} else if n > 1 {
		text += " and " + strconv.Itoa(n) + " other streams"
	}
	if stream < 0 {
		text = verb + bytes(all) + " of " + q.name(lead)
	}
	return Reason{Kind: OtherStream, Text: text + " that went first.", Message: lead.id}, true
}

// worthNaming is how many bytes of others make one wait.
const worthNaming = 200

// name is what people call a unit's stream: with what was asked for on it.
func (q *question) name(u *unit) string {
	m := q.s.WireMessage(u.id)
	if m.PartOf != timeline.NoMessage {
		m = q.s.WireMessage(m.PartOf)
	}
	if m.Kind == decoders.Response && m.ReplyTo != timeline.NoMessage {
		m = q.s.WireMessage(m.ReplyTo)
	}
	what := clean(&m)
	if u.stream < 0 {
		return "the response to " + what
	}
	s := "stream " + strconv.FormatInt(u.stream, 10)
	if m.Kind == decoders.Request {
		s += ", " + what
	}
	return s
}
