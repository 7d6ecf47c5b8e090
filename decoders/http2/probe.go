package http2

import "netscope/decoders"

// maxProbe is how far Probe looks, in bytes.
const maxProbe = 4 << 10

// Probe accepts a direction that starts with the preface or with a SETTINGS
// frame (RFC 9113 §3.4). A conversation that the capture enters midway is
// accepted for frames that follow each other.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	if h.Transport == decoders.UDP {
		return decoders.Reject
	}
	if len(prefix) > maxProbe {
		prefix = prefix[:maxProbe]
	}
	v := probeStart(prefix, end)
	if v == decoders.Reject && h.Midway {
		v = probeMidway(prefix)
	}
	if v == decoders.NeedMore && (end || len(prefix) == maxProbe) {
		return decoders.Reject
	}
	return v
}

// probeStart judges the first bytes of a connection.
func probeStart(b []byte, end bool) decoders.Verdict {
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
	switch {
	case len(b) < headLen:
		return decoders.NeedMore
	case b[2] > 0 || end && len(b) == headLen:
		return decoders.Accept
	case len(b) < 2*headLen:
		return decoders.NeedMore // the number 4 and zeros: other protocols may begin so
	}
	if ok, _ := plausible(parseHeader(b[headLen:])); ok {
		return decoders.Accept
	}
	return decoders.Reject
}

// textStart is how many bytes of text at the beginning tell that a conversation
// is no HTTP/2.
const textStart = 12

func isText(b []byte) bool {
	for _, c := range b {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// midStart is how far into the first bytes a frame must begin: packets usually
// begin with one.
const midStart = 32

// probeMidway looks for frames. Those that begin at once need less to speak for
// them.
func probeMidway(b []byte) decoders.Verdict {
	if len(b) >= textStart && isText(b[:textStart]) {
		return decoders.Reject
	}
	v := decoders.Reject
	for i := range min(len(b), midStart) {
		sum, over := evidence(b[i:])
		if sum >= enough || i == 0 && sum == enough-1 {
			return decoders.Accept
		}
		if !over {
			v = decoders.NeedMore
		}
	}
	if len(b) < midStart {
		v = decoders.NeedMore
	}
	return v
}
