package quic

import (
	"fmt"
	"strings"

	"netscope/decoders"
)

// ackRange is packet numbers from lo to hi, both included.
type ackRange struct{ lo, hi int64 }

// String is "3" or "3-5".
func (r ackRange) String() string {
	if r.lo == r.hi {
		return fmt.Sprint(r.lo)
	}
	return fmt.Sprintf("%d-%d", r.lo, r.hi)
}

// maxAckRanges is how many ranges of an ACK are kept as fields.
const maxAckRanges = 256

// parseAck reads an ACK frame (RFC 9000 §19.3): ranges from the largest number
// downwards, each given as the length of the gap above it and its own length.
func (f *frame) parseAck(r *reader) {
	largest := r.varint()
	f.add("quic.ack.largest_acknowledged", largest)
	f.value = r.varint()
	f.add("quic.ack.ack_delay", f.value)
	count := r.varint()
	f.add("quic.ack.ack_range_count", count)
	first := r.varint()
	f.add("quic.ack.first_ack_range", first)
	if first > largest {
		r.short = true
	}
	if r.short {
		return
	}
	low := largest - first
	f.acks = append(f.acks, ackRange{int64(low), int64(largest)})
	for i := range count {
		gap, size := r.varint(), r.varint()
		if r.short || gap+2 > low || size > low-gap-2 {
			r.short = true
			return
		}
		hi := low - gap - 2
		low = hi - size
		f.acks = append(f.acks, ackRange{int64(low), int64(hi)})
		if i < maxAckRanges {
			f.fields = append(f.fields, decoders.KV{Name: "quic.ack.gap", Int: int64(gap), Kind: decoders.IntValue, Many: true},
				decoders.KV{Name: "quic.ack.ack_range", Int: int64(size), Kind: decoders.IntValue, Many: true})
		}
	}
	if f.typ == frameAckECN {
		f.add("quic.ack.ect0_count", r.varint())
		f.add("quic.ack.ect1_count", r.varint())
		f.add("quic.ack.ecn_ce_count", r.varint())
	}
	var said []string
	missing := f.missing()
	for i, a := range f.acks {
		if i == 4 {
			said = append(said, "…")
			break
		}
		said = append(said, a.String())
	}
	f.summary = strings.Join(said, ", ")
	for i := 0; i < len(missing) && i < maxAckRanges; i++ {
		f.fields = append(f.fields, decoders.KV{Name: "quic.ack.missing", Str: missing[i].String(), Many: true})
	}
}

// missing are the packet numbers between the ranges: they have not come, or not
// yet.
func (f *frame) missing() []ackRange {
	var out []ackRange
	for i := 1; i < len(f.acks); i++ {
		out = append(out, ackRange{f.acks[i].hi + 1, f.acks[i-1].lo - 1})
	}
	return out
}
