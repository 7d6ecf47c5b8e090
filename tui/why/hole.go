package why

import (
	"strconv"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// hole is a place in a TCP stream that keeps later bytes from being delivered.
type hole struct {
	lost  capture.PacketID // the segment that was lost, if known
	known bool
	again capture.PacketID // the segment sent again, if it has left
	sent  bool
	since timeline.Time // when the segment was lost, or bytes behind it arrived first
}

// maxWalk bounds how many packets are looked at behind a hole.
const maxWalk = 4096

// findHole looks whether the next bytes of a direction were lost, or bytes have
// arrived that cannot be delivered at pos since others before them have not.
func findHole(s *timeline.Snapshot, c timeline.ConvID, d decoders.Dir, pos timeline.Position) (h hole, ok bool) {
	cv := s.Conversation(c)
	if cv.Transport != decoders.TCP {
		return h, false
	}
	at := s.Delivered(c, d, pos)
	from, base := cv.First, uint32(1)
	if cv.Midway {
		base = 0
	}
	if at > 0 {
		sp := s.StreamSpans(c, d, at-1, 1)
		if len(sp) != 1 || sp[0].PacketOff < 0 {
			return h, false
		}
		r := s.Packet(sp[0].Packet)
		from = sp[0].Packet
		base = r.Seq + uint32(sp[0].PacketOff-int(r.PayloadOff)) - uint32(at-1)
	}
	behind := false
	// A segment that was sent before the last one delivered may be the missing
	// one, if that filled another hole: so begin a little earlier.
	ids := s.ConvPacketRange(c, from-min(from-cv.First, 64), maxWalk)
	for _, id := range ids {
		r := s.Packet(id)
		if s.DeparturePosition(id) > pos {
			break
		}
		if r.Dir != d || r.Payload == 0 {
			continue
		}
		off := at + int64(int32(r.Seq-base-uint32(at)))
		switch {
		case off <= at && at < off+int64(r.Payload):
			if r.Loss != capture.NotLost {
				if !h.known {
					h.lost, h.known = id, true
					if !behind {
						h.since = r.At
					}
				} else {
					h.again, h.sent = id, false // lost once more
				}
			} else {
				h.again, h.sent = id, h.known || behind
			}
		case off > at && s.PacketAt(id, pos) == timeline.Arrived && r.Loss == capture.NotLost:
			if !behind && !h.known {
				h.since = r.Arrived
			}
			behind = true
		}
	}
	return h, behind || h.known
}

func number(id capture.PacketID) string { return strconv.FormatUint(uint64(id)+1, 10) }

// reason says what the hole keeps waiting.
func (h *hole) reason(s *timeline.Snapshot, pos timeline.Position) Reason {
	r := Reason{Kind: Lost, Message: timeline.NoMessage, Packet: h.lost, HasPacket: h.known}
	switch {
	case h.known && h.sent:
		r.Text = "It waits for the segment of packet " + number(h.lost) + ", which was lost and is on its way again as packet " + number(h.again) + "."
	case h.known:
		r.Text = "It waits for the segment of packet " + number(h.lost) + ", which was lost: TCP delivers in order only."
	case h.sent:
		r.Text = "It waits for a segment that came out of order: TCP delivers in order only."
	default:
		r.Text = "It waits for a segment that is missing: TCP delivers in order only."
	}
	return r
}

// past says the same of what is over.
func (h *hole) past() string {
	if h.known {
		return "packet " + number(h.lost) + " was lost, and TCP delivers in order only."
	}
	return "a segment before it was missing, and TCP delivers in order only."
}
