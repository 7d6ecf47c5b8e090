package qlog

import (
	"bytes"
	"encoding/json"
)

// magic begins a datagram that holds an event. No packet of QUIC begins so: its
// first byte has the form bit or the fixed bit set (RFC 9000 §17).
const magic = "\x1eqlog packet\n"

// record is an event about a packet, as it stands in a datagram.
type record struct {
	Vantage string `json:"vantage_point"` // "client", "server", "network", "unknown"
	Event   string `json:"event"`         // "packet_sent" or "packet_received"
	Data    packet `json:"data"`
	Cut     int    `json:"frames_left_out,omitempty"` // frames for which there was no room
}

// packet is the data of such an event. Names of all drafts are here.
type packet struct {
	Header     header            `json:"header"`
	Frames     []json.RawMessage `json:"frames,omitempty"`
	Raw        raw               `json:"raw"`
	Trigger    text              `json:"trigger,omitempty"`
	Versions   []text            `json:"supported_versions,omitempty"`
	OldType    text              `json:"packet_type,omitempty"` // before 0.3, outside the header
	OldSize    number            `json:"packet_size,omitempty"`
	Coalesced  bool              `json:"is_coalesced,omitempty"`
	DatagramID *number           `json:"datagram_id,omitempty"`
	Retry      text              `json:"stateless_reset_token,omitempty"`
}

type header struct {
	Type     text    `json:"packet_type,omitempty"`
	Number   *number `json:"packet_number,omitempty"`
	Version  text    `json:"version,omitempty"`
	SCID     text    `json:"scid,omitempty"`
	DCID     text    `json:"dcid,omitempty"`
	KeyPhase *number `json:"key_phase_bit,omitempty"`
	Length   number  `json:"length,omitempty"`
	Size     number  `json:"packet_size,omitempty"`
}

type raw struct {
	Length  number `json:"length,omitempty"`
	Payload number `json:"payload_length,omitempty"`
}

// size is how many bytes the packet has, 0 if the log does not say.
func (p *packet) size() int64 {
	for _, n := range [...]number{p.Raw.Length, p.Header.Size, p.OldSize} {
		if n > 0 {
			return int64(n)
		}
	}
	return 0
}

// encode makes the payload of a datagram. Frames for which there is no room are
// left out and counted.
func (r record) encode() ([]byte, error) {
	size := 0
	for i, f := range r.Data.Frames {
		if size += len(f) + 1; size > maxRecord/2 || i == maxFrames {
			r.Cut = len(r.Data.Frames) - i
			r.Data.Frames = r.Data.Frames[:i]
			break
		}
	}
	b, err := json.Marshal(r)
	if err == nil && len(b) > maxRecord {
		r.Cut += len(r.Data.Frames)
		r.Data.Frames, r.Data.Versions = nil, nil
		b, err = json.Marshal(r)
	}
	return append([]byte(magic), b...), err
}

// decode reads what encode has written, or what looks like it.
func decode(b []byte) (r record, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte(magic))
	if !ok || len(b) > 1<<16 {
		return r, false
	}
	return r, json.Unmarshal(b, &r) == nil
}
