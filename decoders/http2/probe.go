package http2

import (
	"strings"

	"netscope/decoders"
)

// maxProbe is how far Probe looks, in bytes.
const maxProbe = 4 << 10

// Probe accepts a direction that starts with the preface or with a SETTINGS
// frame (RFC 9113 §3.4). A conversation that the capture enters midway is
// accepted for frames that follow each other, unless it begins with text.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	if h.Transport == decoders.UDP {
		return decoders.Reject
	}
	if len(prefix) > maxProbe {
		prefix = prefix[:maxProbe]
	}
	v := probeStart(prefix)
	if v == decoders.Reject && h.Midway {
		v = probeMidway(prefix)
	}
	if v == decoders.NeedMore && (end || len(prefix) == maxProbe) {
		return decoders.Reject
	}
	return v
}

// probeStart judges the first bytes of a connection.
func probeStart(b []byte) decoders.Verdict {
	n := min(len(b), len(preface))
	if string(b[:n]) == preface[:n] {
		if n == len(preface) {
			return decoders.Accept
		}
		return decoders.NeedMore
	}
	// SETTINGS on stream 0 without flags, at most 40 parameters.
	for i, c := range b[:min(len(b), headLen)] {
		switch {
		case i == 2 && (c%6 != 0 || c > 240), i == 3 && c != byte(SettingsFrame), i != 2 && i != 3 && c != 0:
			return decoders.Reject
		}
	}
	if len(b) < headLen {
		return decoders.NeedMore
	}
	return decoders.Accept
}

// textStart is how many bytes of text at the beginning tell that a conversation
// is no HTTP/2.
const textStart = 16

// probeMidway looks for frames.
func probeMidway(b []byte) decoders.Verdict {
	if len(b) < textStart {
		return decoders.NeedMore
	}
	text := strings.IndexFunc(string(b[:textStart]), func(r rune) bool {
		return (r < ' ' || r > '~') && r != '\r' && r != '\n' && r != '\t'
	})
	if text < 0 {
		return decoders.Reject
	}
	if _, found := findFrame(b, false); found {
		return decoders.Accept
	}
	return decoders.NeedMore
}
