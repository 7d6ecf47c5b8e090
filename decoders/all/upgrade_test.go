package all_test

import (
	"path/filepath"
	"testing"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// TestUpgradedResponse: after an upgrade the first response of HTTP/2 answers the
// request that was sent in HTTP/1.1 (RFC 7540 §3.2).
func TestUpgradedResponse(t *testing.T) {
	s := loadForced(t, filepath.Join(corpus(t), "http2", "scapy-http2_h2c.pcap"), "")
	_, end := s.MessageRange()
	n := 0
	for id := timeline.MessageID(0); id < end; id++ {
		m := s.Message(id)
		if m.Kind != decoders.Response || m.Proto != "HTTP/2" || m.Level != decoders.MessageLevel {
			continue
		}
		if m.ReplyTo == timeline.NoMessage {
			t.Errorf("%s on stream %d answers nothing", m.Summary, m.Stream)
		} else if rq := s.Message(m.ReplyTo); rq.Proto == "HTTP/1.1" {
			n++
			if rq.Reply != id || m.Stream != 1 {
				t.Errorf("%s is answered by %d, not %d", rq.Summary, rq.Reply, id)
			}
		}
	}
	if n == 0 {
		t.Error("no response after an upgrade")
	}
}
