// Package resolver draws how names are resolved: the servers' hierarchy as a
// tree, the messages of one resolution as numbered arrows, who waits for whom,
// and what each resolver has in its cache.
//
// The picture is computed as data by [Look] from decoders/dns/resolution, given
// a place by [Divide], and drawn from both. The package must not read messages
// itself.
package resolver

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"netscope/decoders/dns"
	"netscope/decoders/dns/resolution"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// Arrow is a message of the resolution that has left by the playhead.
type Arrow struct {
	Msg      int32
	Num      int // in the order of departure; 0: not counted, since nobody asked for it
	From, To int32
	Query    bool
	Text     string
	Part     float64 // how much of its way it has come, 1: it has arrived
	Lost     bool
	Stray    bool // nobody accepted it
	Again    bool
	Forged   bool // … though it was forged
	Late     bool // it came when its question had been asked again
	RTT      timeline.Time
	Timed    bool // RTT is known
}

// Server is a box of the tree.
type Server struct {
	Node   int32
	Name   string
	Zone   string // "" unknown
	Indent int
	Parent int    // index in Servers, -1 none
	Used   bool   // it has a part in the resolution, or will have
	Asked  bool   // it was asked once, in this resolution or another
	Active bool   // a message of the resolution has left for it, or from it
	State  string // what it does at the playhead
	Waits  bool   // … is waiting, or being waited for
	Chain  string // what is known of its zone's keys
}

// Scene is everything that is drawn, at one place of the timeline.
type Scene struct {
	Number, Count int // of the resolution, from 1
	Question      string
	Client, Local int32 // nodes, -1 none
	ClientName    string
	ClientState   string
	ClientWaits   bool
	LocalName     string
	LocalState    string
	LocalWaits    bool
	LocalLine     string // a second one, about its cache
	Servers       []Server
	Arrows        []Arrow
	Selected      int // index in Arrows, -1 none
	Others        []string
	Caches        []*resolution.Cache
	Chain         []resolution.Validation // from the root to the answer
	RTTs          []timeline.Time
	Total         timeline.Time
	Over          bool
	Start         timeline.Time // of the resolution
	Now           timeline.Time
	Past          []Past   // the last resolutions up to this place, the oldest first
	Waits         []string // "a waits for b", of other resolutions
	Remembers     bool     // caches speak in this timeline
	Validates     bool     // signatures are checked in it
}

// Past is a resolution in a line.
type Past struct {
	Number                int
	Who, Question, Answer string
	Messages              int
	Took                  timeline.Time
	Over                  bool
}

// maxPast is how many of them are kept.
const maxPast = 50

// past fills in the last resolutions.
func (sc *Scene) past(l *resolution.Log, p timeline.Position) {
	for i := max(0, sc.Count-maxPast); i < sc.Count; i++ {
		r := &l.Resolutions[i]
		first := &l.Msgs[r.First]
		h := Past{Number: i + 1, Who: l.Nodes[first.From].Name(), Question: dns.TypeName(first.Type) + " " + first.Name}
		for _, j := range r.Msgs {
			m := &l.Msgs[j]
			if m.Begun > p {
				continue
			}
			if !m.Stray {
				h.Messages++
			}
			if m.To == first.From && !m.Query && !m.Stray && !m.Lost() && m.Done <= p && (j == first.Reply || r.Walk) {
				h.Answer, h.Took, h.Over = "→ "+m.Summary, m.Arrived-first.Sent, true
			}
		}
		sc.Past = append(sc.Past, h)
	}
}

// Hub is the node at the left, which asks the servers.
func (sc *Scene) Hub() int32 {
	if sc.Local >= 0 {
		return sc.Local
	}
	return sc.Client
}

// HubName is what the hub is called.
func (sc *Scene) HubName() string {
	if sc.Local >= 0 {
		return sc.LocalName
	}
	return sc.ClientName
}

// Look computes the scene at a position. chosen is the resolution to show.
func Look(tr *resolution.Tracker, s *timeline.Snapshot, chosen int32, p timeline.Position, now timeline.Time, message timeline.MessageID, hosts []view.Host) *Scene {
	st := tr.At(s, p)
	l := &tr.Log
	sc := &Scene{Client: -1, Local: -1, Selected: -1, Now: now, Caches: st.Caches}
	for i := range l.Resolutions {
		if l.Msgs[l.Resolutions[i].First].Begun <= p {
			sc.Count++
		}
	}
	for i := range l.Events {
		sc.Validates = sc.Validates || l.Events[i].Kind == "validated"
		sc.Remembers = sc.Remembers || strings.HasPrefix(l.Events[i].Kind, "cache-")
		if sc.Validates && sc.Remembers {
			break
		}
	}
	sc.past(l, p)
	waits := l.Waits(p, now)
	if chosen >= 0 {
		r := &l.Resolutions[chosen]
		first := &l.Msgs[r.First]
		sc.Number = int(chosen) + 1
		sc.Start = first.Sent
		sc.Question = dns.TypeName(first.Type) + " " + first.Name
		sc.Client = first.From
		if !r.Walk && !l.Nodes[first.To].Authority() {
			sc.Local = first.To
		}
		sc.arrows(l, chosen, p, message)
		sc.times(l, r, p)
		sc.chain(st, l, first)
	}
	if chosen < 0 && len(l.Resolutions) > 0 { // the places of those who will begin
		first := &l.Msgs[l.Resolutions[0].First]
		sc.Client = first.From
		if !l.Resolutions[0].Walk && !l.Nodes[first.To].Authority() {
			sc.Local = first.To
		}
	}
	sc.servers(l, hosts)
	sc.states(l, st, waits, p)
	return sc
}

// arrows are the messages of a resolution so far, numbered.
func (sc *Scene) arrows(l *resolution.Log, r int32, p timeline.Position, message timeline.MessageID) {
	n := 0
	for _, i := range l.Upto(r, p) {
		m := &l.Msgs[i]
		a := Arrow{Msg: i, From: m.From, To: m.To, Query: m.Query, Text: m.Summary, Part: 1, Lost: m.Lost(), Stray: m.Stray, Again: m.Again}
		if !a.Stray {
			n++
			a.Num = n
		}
		if !a.Lost && m.Done > p && m.Arrived > m.Sent {
			a.Part = min(max(float64(sc.Now-m.Sent)/float64(m.Arrived-m.Sent), 0), 0.99)
		}
		if !m.Query && m.Of >= 0 {
			a.RTT, a.Timed = l.Own(m.Of, p)
			for _, b := range sc.Arrows {
				o := &l.Msgs[b.Msg]
				if q := &l.Msgs[m.Of]; o.Query && b.Msg != m.Of && o.From == q.From && o.Name == q.Name && o.Type == q.Type && o.Parent == q.Parent && o.Begun > q.Begun {
					a.Late = true
				}
			}
		}
		a.Forged = !m.Query && !m.Stray && forged(l, m)
		if a.Forged {
			a.Text, _, _ = strings.Cut(a.Text, " · ") // the decoder knows only who was first to send
		}
		if m.Refers != "" {
			a.Text = "referral to " + m.Refers
		}
		if m.ID == message && message != timeline.NoMessage {
			sc.Selected = len(sc.Arrows)
		}
		sc.Arrows = append(sc.Arrows, a)
	}
	if sc.Selected < 0 {
		sc.Selected = len(sc.Arrows) - 1
	}
}

// forged reports whether whoever received a response has taken something forged
// for true by it.
func forged(l *resolution.Log, m *resolution.Msg) bool {
	k := sort.Search(len(l.Events), func(i int) bool { return l.Events[i].Pos >= m.Done })
	for ; k < len(l.Events) && l.Events[k].Pos == m.Done; k++ {
		if e := &l.Events[k]; e.Kind == "forged-accepted" && e.Host == l.Nodes[m.To].Name() {
			return true
		}
	}
	return false
}

// times are the round trips so far, in the order of the questions, and their
// sum; of the whole when it is over.
func (sc *Scene) times(l *resolution.Log, r *resolution.Resolution, p timeline.Position) {
	for _, a := range sc.Arrows {
		if a.Query {
			if d, ok := l.Own(a.Msg, p); ok {
				sc.RTTs = append(sc.RTTs, d)
				sc.Total += d
			}
		}
	}
	if first := &l.Msgs[r.First]; !r.Walk && first.Reply >= 0 && l.Msgs[first.Reply].Done <= p {
		sc.Over = true
		sc.Total = l.Msgs[first.Reply].Arrived - first.Sent
	}
}

// chain is what the resolver has found out about the signatures from the root
// down to the name that is asked for.
func (sc *Scene) chain(st *resolution.State, l *resolution.Log, first *resolution.Msg) {
	host := l.Nodes[sc.Hub()].Name()
	var zones []string
	for z := first.Name; z != "."; {
		zones = append(zones, z)
		_, up, ok := strings.Cut(z, ".")
		if !ok {
			up = "."
		}
		z = up
	}
	zones = append(zones, ".")
	slices.Reverse(zones)
	last := func(name, typ string) {
		for i := len(st.Chain) - 1; i >= 0; i-- {
			if v := &st.Chain[i]; v.Host == host && v.Name == name && v.Type == typ {
				if name == first.Name && typ == dns.TypeName(first.Type) && v.At < sc.Start { // an older answer's
					return
				}
				sc.Chain = append(sc.Chain, *v)
				return
			}
		}
	}
	for _, z := range zones {
		if z != first.Name {
			last(z, "DS")
			last(z, "DNSKEY")
		}
	}
	last(first.Name, dns.TypeName(first.Type))
}

// ordinal is a number in a circle; few fonts have those beyond ten.
func ordinal(n int) string {
	if n >= 1 && n <= 10 {
		return string(rune('①' + n - 1))
	}
	return "(" + strconv.Itoa(n) + ")"
}
