package dns

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"netscope/decoders"
)

// maxPending is how many queries of a conversation are remembered.
const maxPending = 1024

// asked is a query that was seen, and whether it has been answered.
type asked struct {
	key      uint64 // of its message
	dir      decoders.Dir
	id       uint16
	at       time.Time
	name     string
	typ      uint16
	class    uint16
	answered bool
	answer   uint64 // hash of the first answer
}

// book remembers the queries of one conversation. Answers are matched as a
// careful resolver does it (RFC 5452 §9.1): by ID and question; the addresses
// and ports are the conversation's.
type book struct {
	list []asked
	byID map[uint32]int // direction and ID → index in list; nil while there are few
	base int            // list[0] has this index
}

func idKey(d decoders.Dir, id uint16) uint32 { return uint32(d)<<16 | uint32(id) }

// few is how many queries are looked through without a map: most conversations
// have one.
const few = 8

func (b *book) find(d decoders.Dir, id uint16) *asked {
	if b.byID == nil {
		for i := len(b.list) - 1; i >= 0; i-- {
			if a := &b.list[i]; a.dir == d && a.id == id {
				return a
			}
		}
		return nil
	}
	if i, ok := b.byID[idKey(d, id)]; ok && i >= b.base {
		return &b.list[i-b.base]
	}
	return nil
}

// query enters a query. It returns the one of which this is a retransmission,
// or nil.
func (b *book) query(d decoders.Dir, key uint64, at time.Time, m *Message) *asked {
	a := asked{key: key, dir: d, id: m.ID, at: at}
	if len(m.Questions) > 0 {
		q := &m.Questions[0]
		a.name, a.typ, a.class = q.Name.Text, q.Type, q.Class
	}
	if old := b.find(d, m.ID); old != nil && !old.answered && old.same(&a) {
		return old
	}
	if b.byID == nil && len(b.list) == few {
		b.byID = make(map[uint32]int, 2*few)
		for i := range b.list {
			b.byID[idKey(b.list[i].dir, b.list[i].id)] = i // none has been dropped yet
		}
	}
	if len(b.list) >= maxPending {
		drop := maxPending / 2
		for i := range drop {
			if k := idKey(b.list[i].dir, b.list[i].id); b.byID[k] == b.base+i {
				delete(b.byID, k)
			}
		}
		b.list, b.base = append(b.list[:0], b.list[drop:]...), b.base+drop
	}
	if b.byID != nil {
		b.byID[idKey(d, m.ID)] = b.base + len(b.list)
	}
	b.list = append(b.list, a)
	return nil
}

func (a *asked) same(b *asked) bool {
	return strings.EqualFold(a.name, b.name) && a.typ == b.typ && a.class == b.class
}

// answers reports whether the response repeats the query's question. One
// without a question (FORMERR, later messages of a transfer) may.
func (a *asked) answers(m *Message) bool {
	if len(m.Questions) == 0 {
		return m.Rcode() != 0 || a.transfer() || a.name == "" || m.Opcode() != opQuery
	}
	q := &m.Questions[0]
	return strings.EqualFold(a.name, q.Name.Text) && a.typ == q.Type && a.class == q.Class
}

// transfer reports whether several messages may answer (RFC 5936 §2.2).
func (a *asked) transfer() bool { return a.typ == 251 || a.typ == 252 }

// verdict is what a response is to the queries before it.
type verdict struct {
	replyTo uint64
	after   time.Duration
	fields  []decoders.KV
	note    string // for the summary
	err     string
}

// response matches a response that goes in direction d.
func (b *book) response(d decoders.Dir, at time.Time, m *Message, raw []byte) (v verdict) {
	stray := func(note, err string) verdict {
		return verdict{fields: []decoders.KV{decoders.B("dns.unsolicited", true)}, note: note, err: err}
	}
	a := b.find(d.Other(), m.ID)
	switch {
	case a == nil:
		if w := b.wanted(d.Other(), m); w != nil {
			return stray("wrong ID", fmt.Sprintf("its ID is not that of the query for this name, 0x%04x: a resolver must not accept it (RFC 5452 §9.1)", w.id))
		}
		return stray("answers no query seen", "")
	case !a.answers(m):
		return stray("wrong question", fmt.Sprintf("the query with this ID asks for %s %s: a resolver must not accept another answer (RFC 5452 §9.1)", TypeName(a.typ), shown(a.name)))
	case a.answered && !a.transfer():
		if a.answer == hash(raw) {
			return verdict{fields: []decoders.KV{decoders.B("dns.retransmission", true)}, note: "again"}
		}
		return stray("a second answer, and another one", "")
	}
	a.answered = true
	a.answer = hash(raw)
	v.replyTo, v.after = a.key, at.Sub(a.at)
	if len(m.Questions) > 0 && m.Questions[0].Name.Text != a.name {
		v.note = "other letter case than the query"
	}
	v.fields = []decoders.KV{decoders.S("dns.time", seconds(v.after))}
	return v
}

// seconds writes a duration with nine digits behind the point.
func seconds(d time.Duration) string {
	if d < 0 {
		return fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second)
	}
	var buf [32]byte
	b := strconv.AppendInt(buf[:0], int64(d/time.Second), 10)
	at := len(b)
	b = strconv.AppendInt(b, int64(d%time.Second+time.Second), 10) // ten digits, the first for the point
	b[at] = '.'
	return string(b)
}

// hash tells answers apart (FNV-1a).
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// wanted is an unanswered query for what a response with another ID answers.
func (b *book) wanted(d decoders.Dir, m *Message) *asked {
	for i := len(b.list) - 1; i >= 0 && i >= len(b.list)-64; i-- {
		if a := &b.list[i]; a.dir == d && !a.answered && len(m.Questions) > 0 && a.answers(m) {
			return a
		}
	}
	return nil
}
