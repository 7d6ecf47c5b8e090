package resolution

import (
	"encoding/json"
	"slices"
	"strings"

	"netscope/decoders/timeline"
)

// Event is something that a resolver, or somebody who edits a zone, said.
type Event struct {
	At    timeline.Time
	Pos   timeline.Position // it has happened from here on
	Host  string
	Kind  string // the note's name: "cache-insert"
	Name  string // canonical; "" with Kind "cache-flush"
	Type  string // in text: "A"
	Value []string

	Sort   string  // "answer", "nodata", "nxdomain"
	Rank   string  // "glue", "referral", "answer", "authority"
	TTL    float64 // seconds
	Secure bool
	Status string // of "validated": "secure", "insecure", "bogus"
	Reason string
	Count  int // of "forged-rejected"
}

// kinds are the notes that the fold understands.
func kinds() []string {
	return []string{"cache-insert", "cache-hit", "cache-miss", "cache-expire", "cache-evict", "cache-flush",
		"forged-accepted", "forged-rejected", "validated", "zone-edited"}
}

// readNotes takes in the notes that were not read yet.
func (l *Log) readNotes(s *timeline.Snapshot) {
	notes := s.Notes()
	known := kinds()
	for i := min(l.notes, len(notes)); i < len(notes); i++ {
		n := &notes[i]
		if n.Proto != "dns" || !slices.Contains(known, n.Name) {
			continue
		}
		pos := n.Position
		if n.At > s.TimeOf(pos) { // between two moments: the later one has seen it
			pos++
		}
		if k := len(l.Events); k > 0 {
			pos = max(pos, l.Events[k-1].Pos)
		}
		if n.Name == "zone-edited" {
			l.Events = append(l.Events, edits(n, pos)...)
			continue
		}
		e := Event{At: n.At, Pos: pos, Host: n.Host, Kind: n.Name}
		var d struct {
			Name, Type, Kind, Rank, Status, Reason string
			TTL                                    float64
			Value                                  []string
			Secure                                 bool
			Count                                  int
		}
		if json.Unmarshal(n.Data, &d) != nil && n.Name != "cache-flush" {
			continue
		}
		e.Type, e.Value, e.Sort, e.Rank, e.TTL = d.Type, d.Value, d.Kind, d.Rank, d.TTL
		e.Secure, e.Status, e.Reason, e.Count = d.Secure, d.Status, d.Reason, d.Count
		if d.Name != "" {
			e.Name = canonical(d.Name)
		}
		l.Events = append(l.Events, e)
	}
	l.notes = len(notes)
}

// edits are the records that an edited zone has now: the note's summary has
// them as "added NAME TTL IN TYPE DATA".
func edits(n *timeline.NoteRow, pos timeline.Position) (out []Event) {
	for _, part := range strings.Split(n.Summary, "; ") {
		w := strings.Fields(part)
		if len(w) < 6 || w[0] != "added" {
			continue
		}
		e := Event{At: n.At, Pos: pos, Host: n.Host, Kind: "zone-edited", Name: canonical(w[1]), Type: w[4], Value: []string{strings.Join(w[5:], " ")}}
		if k := len(out) - 1; k >= 0 && out[k].Name == e.Name && out[k].Type == e.Type {
			out[k].Value = append(out[k].Value, e.Value...)
			continue
		}
		out = append(out, e)
	}
	return out
}
