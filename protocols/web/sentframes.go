package web

import (
	"time"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/keylog"
	"netscope/decoders/quic"
	"netscope/decoders/timeline"
)

// sentFrame is a STREAM frame of the server.
type sentFrame struct {
	packet   capture.PacketID
	stream   int64
	from, to int64
}

// sentFrames are the STREAM frames of the server in the order in which they
// were sent, those in lost packets too.
//
// The timeline decodes what arrives, so that nothing is known there of the
// frames in a lost packet. But the packet was captured as it left, and its keys
// are known: the conversation is decoded once more here, as its sender saw it.
func sentFrames(s *timeline.Snapshot, c timeline.ConvID) []sentFrame {
	var keys keylog.Log
	for _, sec := range s.Secrets() {
		keys.Add(sec.Data)
	}
	v := s.Conversation(c)
	hint := decoders.Hint{Transport: v.Transport, A: v.A, B: v.B, Midway: v.Midway}
	p := quic.Decoder{}.NewParser(hint, decoders.Env{MaxUnit: 1 << 20, Secrets: &keys})
	var out []sentFrame
	var off [2]int64
	for _, id := range s.ConvPackets(c) {
		r := s.Packet(id)
		data, err := s.PacketData(id)
		from, to := int(r.PayloadOff), int(r.PayloadOff)+int(r.Payload)
		if err != nil || to > len(data) || from == to {
			continue
		}
		step, err := p.Next(decoders.Chunk{Dir: r.Dir, At: s.Epoch().Add(time.Duration(r.At)), Off: off[r.Dir], Buf: data[from:to]})
		if err != nil {
			return out
		}
		off[r.Dir] += int64(to - from)
		if r.Dir != decoders.BtoA {
			continue
		}
		for _, e := range step.Events {
			at, ok := decoders.Lookup(e.Fields, "quic.stream.offset")
			if e.Op != decoders.Open || e.Level != decoders.UnitLevel || e.Stream < 0 || !ok {
				continue
			}
			n, _ := decoders.Lookup(e.Fields, "quic.stream.length")
			end, _ := decoders.Lookup(e.Fields, "quic.stream.fin")
			// The end of a stream counts as a byte: it can be waited for.
			out = append(out, sentFrame{id, e.Stream, at.Int, at.Int + n.Int + end.Int})
		}
	}
	return out
}
