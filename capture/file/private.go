package file

import (
	"encoding/json"
	"time"

	"netscope/capture"
)

// netscope's additions to pcapng. The format sets aside codes with the highest
// bit set for local use; so that another program's are not mistaken for ours,
// they count only in sections that carry the marker option.
const (
	marker = "netscope 1"

	optMarker    = 0x8A00 // in a section header: marker
	optFlight    = 0x8A01 // in a packet: int64, nanoseconds from At to Arrived
	optLoss      = 0x8A02 // in a packet: one byte, capture.Loss
	optSpoolDrop = 0x8A03 // in statistics: uint64, capture.Drops.Spool

	// blockPrivate holds a record: length of the kind, kind, length of the
	// JSON text, JSON text; lengths are 32 bits, texts padded to 32 bits.
	blockPrivate = 0x8A4E5301
)

// Private is a record that only netscope understands, in a stream between two
// of its processes.
type Private struct {
	Kind string // "note" and "clock" are taken by this package
	JSON []byte
}

const (
	kindNote  = "note"
	kindClock = "clock"
)

// noteRecord is a capture.Note (without At also a capture.Clock) as JSON.
type noteRecord struct {
	At      int64           `json:"at"` // nanoseconds since 1970
	Host    string          `json:"host,omitempty"`
	Proto   string          `json:"proto,omitempty"`
	Name    string          `json:"name,omitempty"`
	Summary string          `json:"summary,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func privateOption(p *capture.Packet, code uint16, v []byte, big bool) {
	switch {
	case code == optFlight && len(v) == 8 && p.Loss == capture.NotLost:
		p.Arrived = p.At.Add(time.Duration(u64(v, big)))
	case code == optLoss && len(v) == 1 && (capture.Loss(v[0]) == capture.LostWire || capture.Loss(v[0]) == capture.LostQueue):
		p.Loss, p.Arrived = capture.Loss(v[0]), time.Time{}
	}
}

// privateRecord hands a record on. One that cannot be understood is skipped: it
// is from another version of netscope.
func (n *ngReader) privateRecord(b []byte) error {
	kind, b, ok := lengthPrefixed(b, n.big)
	text, _, ok2 := lengthPrefixed(b, n.big)
	if !ok || !ok2 {
		return n.in.cut("a private record is shorter than it claims")
	}
	switch string(kind) {
	case kindNote, kindClock:
		var r noteRecord
		if json.Unmarshal(text, &r) != nil {
			return nil
		}
		at := unixTime(0, r.At)
		if string(kind) == kindClock {
			return n.sink.Meta(capture.Clock{At: at})
		}
		return n.sink.Meta(capture.Note{At: at, Host: r.Host, Proto: r.Proto, Name: r.Name, Summary: r.Summary, Data: r.Data})
	}
	if n.private == nil {
		return nil
	}
	return n.private(Private{Kind: string(kind), JSON: append([]byte(nil), text...)})
}

func lengthPrefixed(b []byte, big bool) (value, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	size := u32(b, big)
	b = b[4:]
	if int64(size) > int64(len(b)) {
		return nil, nil, false
	}
	return b[:size], b[min(pad4(int(size)), len(b)):], true
}
