package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"

	decoders "netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/qlog"
	"netscope/decoders/qlogout"
	"netscope/decoders/timeline"
)

// packetsOf are the packets of a conversation with their numbers and frames, in
// one direction, at the given time of each.
func packetsOf(s *timeline.Snapshot, c timeline.ConvID, fromServer bool, at func(timeline.Message) timeline.Time) (list []string) {
	frames := map[timeline.MessageID][]string{}
	for _, id := range s.ConvMessages(c) {
		m := s.Message(id)
		if m.Proto == "QUIC" && m.PartOf != timeline.NoMessage {
			text, _, _ := strings.Cut(m.Summary, ", sent again")
			text, _, _ = strings.Cut(text, ", waits for")
			text, _, _ = strings.Cut(text, ", delayed 0 µs") // in the handshake it is not said
			if m.Name == "STREAM" || m.Name == "CRYPTO" || m.Name == "ACK" || m.Name == "PADDING" {
				frames[m.PartOf] = append(frames[m.PartOf], text)
			} else {
				frames[m.PartOf] = append(frames[m.PartOf], m.Name)
			}
		}
	}
	conv := s.Conversation(c)
	for _, id := range s.ConvMessages(c) {
		m := s.Message(id)
		number, ok := decoders.Lookup(m.Fields, "quic.packet_number")
		sender := conv.A
		if m.Dir == decoders.BtoA {
			sender = conv.B
		}
		if m.Proto != "QUIC" || m.PartOf != timeline.NoMessage || !ok || (sender.Port() == 443) != fromServer {
			continue
		}
		list = append(list, fmt.Sprintf("%.3f %s %d %v", at(m).Seconds()*1000, m.Name, number.Int, frames[id]))
	}
	sort.Strings(list)
	return list
}

// A run written as qlog and read again has the same packets with the same
// frames at the same times, in both forms and from both vantage points, the
// lost one only where it was sent.
func TestQlogRoundTrip(t *testing.T) {
	p := defaultsOf(LostPacket{}, nil)
	s := emulateLab(t, LostPacket{}, overHTTP3, p, 1)
	for _, old := range []bool{false, true} {
		o := qlogout.Options{Old: old, Lab: true, Title: "round trip", Code: "netscope"}
		traces, err := qlogout.Traces(s, o)
		if err != nil || len(traces) != 2 {
			t.Fatalf("%d traces, %v", len(traces), err)
		}
		text, err := qlogout.Encode(traces, o)
		if err != nil || !json.Valid(text) {
			t.Fatal(err)
		}
		f, err := qlog.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		b := timeline.NewBuilder(timeline.Options{Decoders: all.List()})
		b.Finish(f.Run(t.Context(), b))
		back := b.Snapshot()
		if back.Conversations() != 2 {
			t.Fatalf("%d conversations, want one of each vantage point", back.Conversations())
		}
		shift := timeline.Time(back.Epoch().Sub(s.Epoch()))
		again := func(m timeline.Message) timeline.Time { return m.Start + shift }
		arrived := func(m timeline.Message) timeline.Time { return m.End }
		for server, other := range map[bool]timeline.ConvID{true: 0, false: 1} { // who sent, whose log has it as received
			want := packetsOf(s, 0, server, arrived)
			if got := packetsOf(back, other, server, again); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("old %v, sent by the server %v: received are\n%.2000s\nwant\n%.2000s", old, server, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			sent := packetsOf(back, 1-other, server, again)
			missing := 0
			if server {
				missing = 1 // the lost one was not decoded by the receiver
			}
			if len(sent) != len(want)+missing {
				t.Errorf("old %v, sent by the server %v: %d packets sent, %d received", old, server, len(sent), len(want))
			}
		}
		names := map[string]int{}
		for _, n := range back.Notes() {
			names[n.Name]++
		}
		metrics := "recovery_metrics_updated"
		if old {
			metrics = "metrics_updated"
		}
		for name, want := range map[string]int{"packet_lost": 1, "connection_started": 2, "parameters_set": 4, "alpn_information": 2, "version_information": 2, "connection_closed": 2} {
			if names[name] != want {
				t.Errorf("old %v: %d events %s, want %d", old, names[name], name, want)
			}
		}
		if names[metrics] < 10 || names["frame_created"] < 10 || names["frame_parsed"] != names["frame_created"] {
			t.Errorf("old %v: %v", old, names)
		}
	}
}

// Of other connections there is no trace.
func TestQlogOfTCP(t *testing.T) {
	s := emulateLab(t, LostPacket{}, overHTTP2, defaultsOf(LostPacket{}, nil), 1)
	if traces, err := qlogout.Traces(s, qlogout.Options{Lab: true}); len(traces) != 0 || err != nil {
		t.Errorf("%d traces, %v", len(traces), err)
	}
}
