package bittorrent

import (
	"encoding/binary"
	"fmt"

	"netscope/decoders"
)

const protoUTP = "uTP"

// Types of uTP packets (BEP 29).
const (
	stData  = 0
	stFin   = 1
	stState = 2
	stReset = 3
	stSyn   = 4
)

func utpName(t byte) string {
	return [...]string{"ST_DATA", "ST_FIN", "ST_STATE", "ST_RESET", "ST_SYN"}[min(t, 4)]
}

// utpHeader is the header of a uTP packet (BEP 29).
type utpHeader struct {
	kind     byte
	id       uint16 // connection
	at, diff uint32 // microseconds
	window   uint32 // bytes
	seq, ack uint16
	ext      byte // type of the first extension
	payload  int  // where it begins
}

// parseUTP reads version 1; ok is false if it cannot be a packet of it.
func parseUTP(b []byte) (h utpHeader, ok bool) {
	if len(b) < 20 || b[0]&0x0f != 1 || b[0]>>4 > stSyn {
		return h, false
	}
	be := binary.BigEndian
	h = utpHeader{kind: b[0] >> 4, ext: b[1], id: be.Uint16(b[2:]), at: be.Uint32(b[4:]), diff: be.Uint32(b[8:]),
		window: be.Uint32(b[12:]), seq: be.Uint16(b[16:]), ack: be.Uint16(b[18:]), payload: 20}
	for ext, n := h.ext, 0; ext != 0; n++ {
		i := h.payload
		if i+2 > len(b) || i+2+int(b[i+1]) > len(b) || ext > 4 || n > 8 {
			return h, false
		}
		ext = b[i]
		h.payload = i + 2 + int(b[i+1])
	}
	return h, true
}

// firstUTP reports whether a first datagram is uTP beyond doubt: an opening, an
// acknowledgement without content, or the beginning of a peer's handshake.
func firstUTP(b []byte) bool {
	h, ok := parseUTP(b)
	if !ok {
		return false
	}
	rest := b[h.payload:]
	switch h.kind {
	case stSyn:
		return len(rest) == 0 && h.diff == 0
	case stState:
		return len(rest) == 0 && h.window > 0 && h.window <= 64<<20
	case stData:
		return len(rest) >= len(header) && string(rest[:len(header)]) == header
	}
	return false
}

// packet takes a uTP packet: a unit, or a message if it opens or ends a
// connection. Its content goes on as a stream.
func (p *datagrams) packet(c *decoders.Chunk, h *utpHeader) {
	n := len(c.Buf) - h.payload
	e := decoders.Event{Proto: protoUTP, Name: utpName(h.kind), HeadLen: int64(h.payload), Fields: []decoders.KV{
		decoders.I("bt-utp.type", int64(h.kind)), decoders.I("bt-utp.connection_id", int64(h.id)), decoders.I("bt-utp.seq_nr", int64(h.seq)),
		decoders.I("bt-utp.ack_nr", int64(h.ack)), decoders.I("bt-utp.wnd_size", int64(h.window)), decoders.I("bt-utp.timestamp_us", int64(h.at)),
		decoders.I("bt-utp.timestamp_diff_us", int64(h.diff)), decoders.I("bt-utp.next_extension_type", int64(h.ext)), decoders.I("bt-utp.len", int64(n))}}
	e.Summary = fmt.Sprintf("%s, connection %d, seq %d, ack %d", e.Name, h.id, h.seq, h.ack)
	if n > 0 {
		e.Summary += fmt.Sprintf(", %s bytes", thousands(int64(n)))
	}
	if h.kind == stData || h.kind == stState {
		e.Level = decoders.UnitLevel
	}
	p.emit(c, e, "")
	p.stream(c, h)
}

func explainUTP(root *decoders.Field, m decoders.Exposed) {
	b := m.Raw
	root.Name = "bt-utp"
	root.Doc = "A packet of uTP: TCP's work done over UDP, with a congestion control that gives way to other traffic (BEP 29)."
	h, ok := parseUTP(b)
	if !ok {
		return
	}
	add := func(name, label string, v uint32, off, n int, doc string) {
		root.Children = append(root.Children, leaf(name, label, fmt.Sprint(v), off, n, doc))
	}
	root.Children = append(root.Children, leaf("bt-utp.type", "Type", fmt.Sprintf("%s (%d)", utpName(h.kind), h.kind), 0, 1, "The upper four bits; the lower are the version, 1 (BEP 29)."))
	add("bt-utp.next_extension_type", "First extension", uint32(h.ext), 1, 1, "0: none. 1: selective acknowledgement (BEP 29).")
	add("bt-utp.connection_id", "Connection ID", uint32(h.id), 2, 2, "The side that opened sends its receiving number plus one (BEP 29).")
	add("bt-utp.timestamp_us", "Time stamp", h.at, 4, 4, "The sender's clock in microseconds (BEP 29).")
	add("bt-utp.timestamp_diff_us", "Time stamp difference", h.diff, 8, 4, "How long the last packet took, by the two clocks: when it grows, a queue grows, and the sender slows down (BEP 29).")
	add("bt-utp.wnd_size", "Window", h.window, 12, 4, "Bytes that the sender of this still takes (BEP 29).")
	add("bt-utp.seq_nr", "Sequence number", uint32(h.seq), 16, 2, "Counts packets, not bytes (BEP 29).")
	add("bt-utp.ack_nr", "Acknowledgement", uint32(h.ack), 18, 2, "The last packet that came in order (BEP 29).")
	for ext, i := h.ext, 20; ext != 0 && i+2 <= len(b) && i+2+int(b[i+1]) <= len(b); {
		n := 2 + int(b[i+1])
		label := "Extension"
		if ext == 1 {
			label = "Selective acknowledgement"
		}
		root.Children = append(root.Children, leaf("bt-utp.extension_bitmask", label, hexOf(b[i+2:i+n]), i, n, "A bit for every packet after the next missing one: 1 has arrived (BEP 29)."))
		ext, i = b[i], i+n
	}
	if len(b) > h.payload {
		root.Children = append(root.Children, leaf("bt-utp.data", "Data", thousands(int64(len(b)-h.payload))+" bytes", h.payload, len(b)-h.payload, "A piece of the stream."))
	}
}
