package qlogout

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// space is the packets of one packet number space that are in flight.
type space struct {
	sent map[int64]flying
	top  int64 // largest acknowledged, if any
	any  bool
}

type flying struct {
	at        timeline.Time
	size      int
	eliciting bool
	packet    *packet
}

// maxFlight bounds the packets of a space that are remembered.
const maxFlight = 1 << 16

// rtt is the estimate of RFC 9002 §5.
type rtt struct {
	known                              bool
	latest, lowest, smoothed, variance timeline.Time
}

// quiet frames do not make a packet ack-eliciting (RFC 9002 §2).
func quiet(name string) bool {
	return name == "ACK" || name == "PADDING" || name == "CONNECTION_CLOSE"
}

// spaceOf is a packet's number space (RFC 9000 §12.3).
func spaceOf(name string) int {
	switch name {
	case "Initial":
		return 0
	case "Handshake":
		return 1
	}
	return 2
}

// recover follows what RFC 9002 makes of a packet: one that was sent is in
// flight; acknowledgements that came give round-trip times and losses.
func (w *writer) recover(at timeline.Time, p *packet, number int64) {
	sp := &w.spaces[spaceOf(p.name)]
	if p.dir == w.me {
		f := flying{at: at, packet: p}
		padded := false
		for i := range p.frames {
			f.eliciting = f.eliciting || !quiet(p.frames[i].name)
			padded = padded || p.frames[i].name == "PADDING"
		}
		if n, ok := num(p.fields, "quic.packet_length"); ok && (f.eliciting || padded) {
			f.size = int(n)
		}
		if sp.sent == nil || len(sp.sent) > maxFlight { // nothing is ever acknowledged
			sp.sent = map[int64]flying{}
		}
		sp.sent[number] = f
		w.fly(f, 1)
		return
	}
	for i := range p.frames {
		if p.frames[i].name == "ACK" {
			w.acknowledged(at, p, &p.frames[i], sp)
		}
	}
}

// fly counts a packet in (1) or out (-1).
func (w *writer) fly(f flying, sign int) {
	if f.size > 0 {
		w.inFlight += sign * f.size
		w.packets += sign
	}
}

func (w *writer) acknowledged(at timeline.Time, p *packet, f *frame, sp *space) {
	ranges := ackRanges(f.fields)
	largest := ranges[len(ranges)-1][1]
	sample, newly, eliciting := flying{}, false, false
	for number, x := range sp.sent {
		if !within(ranges, number) {
			continue
		}
		if newly, eliciting = true, eliciting || x.eliciting; number == largest {
			sample = x
		}
		w.fly(x, -1)
		delete(sp.sent, number)
	}
	if !newly {
		return
	}
	if !sp.any || largest > sp.top {
		sp.top, sp.any = largest, true
	}
	if sample.packet != nil && eliciting {
		delay := time.Duration(0)
		if p.name == "1-RTT" {
			delay, _ = ackDelay(f.fields)
		}
		w.rtt.add(at-sample.at, timeline.Time(min(delay, w.conn.maxAckDelay(p.dir))))
	}
	w.lost(at, sp)
	data := object{"bytes_in_flight": w.inFlight, "packets_in_flight": w.packets}
	if w.rtt.known {
		for name, v := range map[string]timeline.Time{"latest_rtt": w.rtt.latest, "min_rtt": w.rtt.lowest, "smoothed_rtt": w.rtt.smoothed, "rtt_variance": w.rtt.variance} {
			data[name] = json.RawMessage(millis(time.Duration(v)))
		}
	}
	w.emit(at, "recovery", "metrics_updated", data)
}

func within(ranges [][2]int64, n int64) bool {
	for _, r := range ranges {
		if r[0] <= n && n <= r[1] {
			return true
		}
	}
	return false
}

// add takes a sample (RFC 9002 §5.3).
func (r *rtt) add(sample, delay timeline.Time) {
	r.latest = sample
	if !r.known {
		r.known, r.lowest, r.smoothed, r.variance = true, sample, sample, sample/2
		return
	}
	r.lowest = min(r.lowest, sample)
	if sample >= r.lowest+delay {
		sample -= delay
	}
	d := r.smoothed - sample
	if d < 0 {
		d = -d
	}
	r.variance = (3*r.variance + d) / 4
	r.smoothed = (7*r.smoothed + sample) / 8
}

// lost finds the packets that count as lost when an acknowledgement has come: by
// number or by time (RFC 9002 §6.1). A sender's timer may have found the latter
// before.
func (w *writer) lost(at timeline.Time, sp *space) {
	const threshold = 3
	wait := max(w.rtt.smoothed, w.rtt.latest) * 9 / 8
	wait = max(wait, timeline.Time(time.Millisecond))
	for _, number := range slices.Sorted(maps.Keys(sp.sent)) {
		x := sp.sent[number]
		trigger := "reordering_threshold"
		switch {
		case number >= sp.top:
			return
		case !x.eliciting: // nobody has to acknowledge it
			delete(sp.sent, number)
			w.fly(x, -1)
			continue
		case number <= sp.top-threshold:
		case w.rtt.known && x.at <= at-wait:
			trigger = "time_threshold"
		default:
			continue
		}
		w.fly(x, -1)
		delete(sp.sent, number)
		w.emit(at, "recovery", "packet_lost", object{"trigger": trigger,
			"header": object{"packet_type": packetTypes[x.packet.name], "packet_number": number}})
	}
}

// maxAckDelay is how long an endpoint has said that it waits at most with an
// acknowledgement; 25 ms if it has not (RFC 9000 §18.2).
func (c *conn) maxAckDelay(sender decoders.Dir) time.Duration {
	for i := range c.hellos {
		if ms, ok := num(c.hellos[i].fields, "tls.quic.parameter.max_ack_delay"); ok && c.hellos[i].dir == sender && ms >= 0 && ms < 1<<14 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return 25 * time.Millisecond
}
