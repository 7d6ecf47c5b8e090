package bittorrent

import "fmt"

// kind describes a type of message.
type kind struct {
	id   int
	name string
	size int // of its payload, in bytes; -1: varies
	doc  string
}

// kinds are the messages of BEP 3, BEP 5, BEP 6 and BEP 10.
func kindOf(id byte) *kind {
	i := int(id)
	for k := range allKinds {
		if allKinds[k].id == i {
			return &allKinds[k]
		}
	}
	return nil
}

// allKinds is never changed.
var allKinds = [...]kind{
	{0, "choke", 0, "The sender will not answer requests until it unchokes; what is asked for is forgotten (BEP 3)."},
	{1, "unchoke", 0, "The sender will answer requests from now on: the receiver has won one of its few upload slots (BEP 3)."},
	{2, "interested", 0, "The receiver has a piece that the sender lacks: it would request if it were unchoked (BEP 3)."},
	{3, "not interested", 0, "The receiver has nothing that the sender lacks (BEP 3)."},
	{4, "have", 4, "The sender has got a piece and verified its hash (BEP 3)."},
	{5, "bitfield", -1, "A bit for every piece, the first in the highest bit: 1 is a piece that the sender has. It may only come first (BEP 3)."},
	{6, "request", 12, "Asks for a block of a piece, usually of 16 KiB; several are kept outstanding so that the line never idles (BEP 3)."},
	{7, "piece", -1, "A block of a piece, the answer to a request. A piece is verified when all its blocks have come (BEP 3)."},
	{8, "cancel", 12, "Takes a request back, for instance because another peer has sent the block: used in the endgame (BEP 3)."},
	{9, "port", 2, "The UDP port on which the sender's DHT node listens (BEP 5)."},
	{13, "suggest piece", 4, "The receiver might like to ask for this piece: the sender has it at hand (BEP 6)."},
	{14, "have all", 0, "The sender has all pieces: a seed. It replaces a bitfield (BEP 6)."},
	{15, "have none", 0, "The sender has no piece yet. It replaces a bitfield (BEP 6)."},
	{16, "reject request", 12, "This request will not be answered: with the fast extension, every request is answered by a block or by this (BEP 6)."},
	{17, "allowed fast", 4, "The receiver may ask for this piece even while it is choked, so that a newcomer gets something to trade (BEP 6)."},
	{20, "extended", -1, "A message of an extension, whose number both sides have agreed on in the extended handshake (BEP 10)."},
}

const (
	idHave     = 4
	idBitfield = 5
	idRequest  = 6
	idPiece    = 7
	idCancel   = 8
	idPort     = 9
	idReject   = 16
	idExtended = 20
)

const (
	maxWhole   = 256 << 10 // longest message that is read as a whole, in bytes
	maxUnknown = 1 << 20   // longest message of any other kind that is believed
	maxBlock   = 2 << 20   // longest block that is believed
)

// believable reports whether a length prefix can be one: a peer that sends
// more, or a stream that is not where it seems to be, is not followed.
func believable(length uint32, id byte) bool {
	if id == idPiece {
		return length <= maxBlock+9
	}
	return length <= maxUnknown
}

// sizeProblem says what is wrong with a payload's length, "" if nothing.
func sizeProblem(k *kind, payload int64) string {
	switch {
	case k == nil:
		return ""
	case k.size >= 0 && payload != int64(k.size):
		return fmt.Sprintf("%s has a payload of %d bytes, not %d (BEP 3, BEP 6)", k.name, payload, k.size)
	case k.id == idPiece && payload < 8:
		return "a piece without index and begin (BEP 3)"
	case k.id == idExtended && payload < 1:
		return "an extended message without a number (BEP 10)"
	}
	return ""
}
