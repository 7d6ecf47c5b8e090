package bittorrent

import (
	"fmt"
	"strings"

	"netscope/decoders"
	"netscope/decoders/bittorrent/bencode"
)

// Explain gives the field tree of a message of the peer wire protocol.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	root := decoders.Field{Name: "bittorrent", Label: "BitTorrent " + clean(m.Name), Len: total}
	switch {
	case m.Name == nameHandshake && len(m.Raw) >= handshakeLen:
		explainHandshake(&root, m.Raw)
	case m.Name == nameEncrypted:
		root.Label = "BitTorrent, encrypted"
		root.Doc = "Probably message stream encryption: each side sends a Diffie-Hellman public key of 96 bytes and up to 512 random bytes, then everything is RC4. It hides the protocol from filters; without the info hash it cannot be undone."
		root.Children = []decoders.Field{{Label: "Encrypted", Value: thousands(int64(total)) + " bytes", Len: total}}
	case m.Name == nameContinuation:
		root.Doc = "Bytes between two points at which messages could be told apart: the capture begins or has a hole here, or the peer does not speak the protocol."
		root.Children = []decoders.Field{{Name: "bittorrent.continuous_data", Label: "Data", Value: thousands(int64(total)) + " bytes", Len: total}}
	case len(m.Raw) >= 4:
		explainMessage(&root, m, total)
	}
	return fit(root, total)
}

// fit keeps the spans of a tree inside a message of total bytes.
func fit(f decoders.Field, total int) decoders.Field {
	f.Off = min(max(f.Off, 0), total)
	f.Len = min(max(f.Len, 0), total-f.Off)
	for i := range f.Children {
		f.Children[i] = fit(f.Children[i], total)
	}
	return f
}

func leaf(name, label, value string, off, n int, doc string) decoders.Field {
	return decoders.Field{Name: name, Label: label, Value: value, Off: off, Len: n, Doc: doc}
}

func explainHandshake(root *decoders.Field, b []byte) {
	root.Doc = "Each side opens with it: the protocol's name, what it can do beyond BEP 3, the torrent by its info hash, and its peer ID (BEP 3)."
	bits := leaf("bittorrent.reserved", "Reserved", hexOf(b[20:28]), 20, 8, "Bits that announce extensions; all others are zero (BEP 4).")
	for _, x := range reservedBits {
		if b[20+x.at]&x.bit != 0 {
			bits.Children = append(bits.Children, leaf("", x.name, "announced", 20+x.at, 1, x.doc))
		}
	}
	id := leaf("bittorrent.peer_id", "Peer ID", printableID(b[48:68]), 48, 20, "Chosen by the client when it starts; most write their name and version into its beginning (BEP 20).")
	id.Children = []decoders.Field{leaf("bittorrent.version", "Client", Client(string(b[48:68])), 48, 8, "Told from the peer ID's first bytes (BEP 20).")}
	root.Value = id.Children[0].Value
	root.Children = []decoders.Field{
		leaf("bittorrent.protocol.name.length", "Length of the name", "19", 0, 1, "The length of the protocol's name (BEP 3)."),
		leaf("bittorrent.protocol.name", "Protocol", string(b[1:20]), 1, 19, "Tells BitTorrent from whatever else might connect (BEP 3)."),
		bits,
		leaf("bittorrent.info_hash", "Info hash", hexOf(b[28:48]), 28, 20, "SHA-1 of the torrent's info dictionary: names the torrent. A side that does not serve it closes the connection (BEP 3)."),
		id,
	}
}

type reservedBit struct {
	at   int
	bit  byte
	name string
	doc  string
}

// reservedBits is never changed.
var reservedBits = [...]reservedBit{
	{0, 0x80, "Azureus messaging", "The Azureus messaging protocol."},
	{5, 0x10, "Extension protocol", "Messages of type 20 are understood (BEP 10)."},
	{7, 0x08, "NAT traversal", "The NAT traversal of Tribler."},
	{7, 0x10, "v2", "The hash is that of a hybrid torrent, which can be had as version 2 as well (BEP 52)."},
	{7, 0x04, "Fast extension", "Have all, have none, suggest, reject and allowed fast are understood (BEP 6)."},
	{7, 0x01, "DHT", "The side runs a DHT node and may tell its port (BEP 5)."},
}

func printableID(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '·'
		}
		return r
	}, latin1(b))
}

func latin1(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

func explainMessage(root *decoders.Field, m decoders.Exposed, total int) {
	b := m.Raw
	length := at(b, 0)
	root.Children = append(root.Children, leaf("bittorrent.msg.length", "Length", thousands(int64(length)), 0, 4,
		"Bytes that follow: type and payload. Zero is a keep-alive (BEP 3)."))
	if length == 0 {
		root.Doc = "Nothing to say, but the connection is alive: peers close one that is silent for two minutes (BEP 3)."
		return
	}
	if len(b) < 5 {
		return
	}
	k := kindOf(b[4])
	t := leaf("bittorrent.msg.type", "Type", fmt.Sprint(b[4]), 4, 1, "Which message this is (BEP 3, 6, 10).")
	if k == nil {
		t.Bad = true
		root.Children = append(root.Children, t, leaf("", "Payload", thousands(int64(total-5))+" bytes", 5, total-5, ""))
		return
	}
	t.Value = fmt.Sprintf("%s (%d)", k.name, k.id)
	root.Doc = k.doc
	root.Children = append(root.Children, t)
	if bad := sizeProblem(k, int64(length)-1); bad != "" {
		root.Children = append(root.Children, decoders.Field{Label: "Problem", Value: bad, Off: 0, Len: 4, Bad: true, Doc: "The message breaks this rule."})
		return
	}
	explainPayload(root, m, k, b, total)
}

func explainPayload(root *decoders.Field, m decoders.Exposed, k *kind, b []byte, total int) {
	number := func(off int, name, label, doc string) {
		if len(b) >= off+4 {
			root.Children = append(root.Children, leaf(name, label, thousands(int64(at(b, off))), off, 4, doc))
		}
	}
	index := func() {
		number(5, "bittorrent.piece.index", "Piece", "Which piece of the torrent, counted from 0 (BEP 3).")
	}
	switch {
	case k.id == idPiece:
		index()
		number(9, "bittorrent.piece.begin", "Begin", "Where in the piece the block begins, in bytes (BEP 3).")
		root.Children = append(root.Children, leaf("bittorrent.piece.data", "Block", thousands(int64(total-13))+" bytes", 13, total-13, "The content itself."))
	case k.size == 12:
		index()
		number(9, "bittorrent.piece.begin", "Begin", "Where in the piece the block begins, in bytes (BEP 3).")
		number(13, "bittorrent.piece.length", "Length", "How many bytes, usually 16 KiB; only a torrent's last block is shorter (BEP 3).")
	case k.size == 4:
		index()
	case k.id == idPort && len(b) >= 7:
		root.Children = append(root.Children, leaf("bittorrent.port", "Port", fmt.Sprint(int(b[5])<<8|int(b[6])), 5, 2, "A UDP port (BEP 5)."))
	case k.id == idBitfield:
		explainBitfield(root, b, total)
	case k.id == idExtended && len(b) >= 6:
		explainExtended(root, m, b)
	}
}

func explainBitfield(root *decoders.Field, b []byte, total int) {
	bits := b[5:]
	f := leaf("bittorrent.msg.bitfield", "Bitfield", fmt.Sprintf("%s of at most %s pieces", thousands(int64(ones(bits))), thousands(int64(8*(total-5)))), 5, total-5,
		"The highest bit of the first byte is piece 0; the spare bits at the end are zero (BEP 3).")
	const row = 8
	for i := 0; i < len(bits) && len(f.Children) < 512; i += row {
		n := min(row, len(bits)-i)
		var s strings.Builder
		for _, c := range bits[i : i+n] {
			fmt.Fprintf(&s, "%08b ", c)
		}
		f.Children = append(f.Children, leaf("", fmt.Sprintf("Pieces %s to %s", thousands(int64(8*i)), thousands(int64(8*(i+n)-1))), strings.TrimSpace(s.String()), 5+i, n, "1: the sender has it."))
	}
	root.Children = append(root.Children, f)
}

func explainExtended(root *decoders.Field, m decoders.Exposed, b []byte) {
	id := leaf("bittorrent.extended.id", "Extension", fmt.Sprint(b[5]), 5, 1, "0 is the extended handshake; other numbers are those that the receiver gave in its own (BEP 10).")
	body := b[6:]
	v, n, bad := bencode.Parse(body)
	switch m.Name {
	case nameExtHandshake:
		root.Doc = "Which extensions the sender understands, and by which numbers it wants to be sent them (BEP 10)."
	case nameMetadata:
		root.Doc = "Parts of the info dictionary, for who joined by a magnet link and has only its hash (BEP 9)."
	case namePEX:
		root.Doc = "Peers that the sender has met or lost since its last such message, so that the tracker need not be asked (BEP 11)."
	}
	root.Children = append(root.Children, id)
	if bad != "" {
		f := leaf("bittorrent.extended", "Payload", thousands(int64(len(body)))+" bytes", 6, len(body), "")
		if m.Name != "extended" {
			f.Bad, f.Doc = true, "Bad: "+bad+"."
		}
		root.Children = append(root.Children, f)
		return
	}
	root.Children = append(root.Children, tree(v, "bittorrent.extended", "Payload", 6, 0))
	if n < len(body) {
		root.Children = append(root.Children, leaf("bittorrent.piece.data", "Metadata", thousands(int64(len(body)-n))+" bytes", 6+n, len(body)-n,
			"A part of the info dictionary, 16 KiB but for the last; its SHA-1 must be the info hash when all parts are there (BEP 9)."))
	}
}
