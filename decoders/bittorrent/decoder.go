// Package bittorrent decodes what BitTorrent programs say to each other and to
// trackers: the peer wire protocol over TCP and over uTP (BEP 3, 6, 10), with
// the metadata and peer exchanges in it (BEP 9, 11), trackers over HTTP and UDP
// (BEP 3, 23, 48, 15), the DHT (BEP 5) and the framing of uTP (BEP 29).
//
// There are several decoders, because there are several ways in: [Decoder] reads an
// ordered stream between two peers, [Unopened] one without a handshake, [Datagrams] reads the datagrams of one port
// on which DHT, uTP and tracker come mixed, and [OverHTTP] adds what a tracker
// means to the messages of an HTTP decoder.
//
// The parsers keep no payload: the content of a piece is a span of the stream.
// The package knows of bytes and of single conversations; who has which piece
// and who chokes whom is the business of the fold in swarm.
package bittorrent

import (
	"encoding/hex"
	"strconv"

	"netscope/decoders"
)

// Decoder decodes the peer wire protocol. Its zero value is ready for use.
type Decoder struct{}

var _ decoders.Decoder = Decoder{}

// Name is "bittorrent".
func (Decoder) Name() string { return "bittorrent" }

// Proto is the protocol of peer wire messages.
const Proto = "BitTorrent"

// NewParser starts parsing one connection between peers.
func (Decoder) NewParser(h decoders.Hint, _ decoders.Env) decoders.Parser {
	p := &parser{midway: h.Midway}
	for d := range p.side {
		p.side[d].asked = map[block]asked{}
	}
	return p
}

// Names of what is no message of BEP 3.
const (
	nameHandshake    = "handshake"
	nameKeepAlive    = "keep-alive"
	nameContinuation = "continuation"
	nameEncrypted    = "encrypted"
	nameExtHandshake = "extended handshake"
	nameMetadata     = "ut_metadata"
	namePEX          = "ut_pex"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// thousands writes a number with groups of three.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
