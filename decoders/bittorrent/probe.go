package bittorrent

import (
	"math/bits"

	"netscope/decoders"
)

// header is how every connection between peers begins (BEP 3).
const header = "\x13BitTorrent protocol"

// handshakeLen is the length of a handshake, in bytes.
const handshakeLen = 68

// Probe accepts a handshake, whatever the port: peers listen on any.
func (Decoder) Probe(h decoders.Hint, _ decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	if h.Transport == decoders.UDP {
		return decoders.Reject // Datagrams hands over what it finds in uTP
	}
	n := min(len(prefix), len(header))
	switch {
	case string(prefix[:n]) != header[:n]:
		return decoders.Reject
	case n == len(header):
		return decoders.Accept
	}
	return decoders.NeedMore
}

// Unopened decodes the peer wire protocol where no handshake is to be seen: a
// stream that the capture enters in its middle, or one that is encrypted. It is
// asked late, since it has to look at more bytes than others do.
type Unopened struct{ Decoder }

var _ decoders.Decoder = Unopened{}

// Name is "bittorrent-unopened".
func (Unopened) Name() string { return "bittorrent-unopened" }

// Probe accepts a stream whose beginning was not captured when messages follow
// each other in it. Random bytes in both directions from the first byte on are
// taken for an encrypted connection; since other protocols look like that, too,
// the messages say "probably".
func (Unopened) Probe(h decoders.Hint, dir decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	switch {
	case h.Transport == decoders.UDP:
		return decoders.Reject
	case h.Midway:
		return probeMidway(prefix)
	case h.A.Port() < 1024 && h.A.IsValid() || h.B.Port() < 1024 && h.B.IsValid():
		return decoders.Reject
	case len(prefix) < mseKey:
		if end || !mayBeRandom(prefix) {
			return decoders.Reject
		}
		return decoders.NeedMore
	case !random(prefix[:mseKey]):
		return decoders.Reject
	case dir == decoders.BtoA:
		return decoders.Accept
	}
	return decoders.NeedMore // until the answer is there, and as random
}

// probeWindow is how much of a stream is searched for messages.
const probeWindow = 4 << 10

func probeMidway(prefix []byte) decoders.Verdict {
	b := prefix[:min(len(prefix), probeWindow)]
	if len(b) >= 64 && printable(b[:64]) {
		return decoders.Reject
	}
	for i := 0; i+syncLen <= len(b); i++ {
		if plausible(b[i:]) {
			return decoders.Accept
		}
	}
	if len(b) == probeWindow {
		return decoders.Reject
	}
	return decoders.NeedMore
}

func printable(b []byte) bool {
	for _, c := range b {
		if (c < 0x20 || c > 0x7e) && c != '\r' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// mseKey is the length of the public key with which a connection with message
// stream encryption begins, in bytes; up to 512 bytes of padding follow.
const mseKey = 96

// mayBeRandom rejects what certainly is not, so that others need not wait.
func mayBeRandom(b []byte) bool { return len(b) < 24 || !printable(b[:24]) }

// random reports whether a public key could look like this: many different
// bytes, as many ones as zeros, and not mostly text. The bounds are five
// standard deviations from what 96 random bytes have.
func random(key []byte) bool {
	var seen [256]bool
	distinct, ones, text := 0, 0, 0
	for _, c := range key {
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		ones += bits.OnesCount8(c)
		if c >= 0x20 && c < 0x7f {
			text++
		}
	}
	return distinct >= 64 && ones >= 315 && ones <= 453 && text <= 60
}
