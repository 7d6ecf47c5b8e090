package wire

import (
	"encoding/binary"
	"fmt"
)

// Type is a message's type: its number on the wire, or [KeepAlive].
type Type int16

// Types of message.
const (
	KeepAlive Type = -1 // a length of 0, nothing else

	Choke         Type = 0
	Unchoke       Type = 1
	Interested    Type = 2
	NotInterested Type = 3
	Have          Type = 4
	Bitfield      Type = 5
	Request       Type = 6
	Piece         Type = 7
	Cancel        Type = 8
	Port          Type = 9 // the peer's DHT node (BEP 5)

	// Fast extension (BEP 6).
	Suggest     Type = 13
	HaveAll     Type = 14
	HaveNone    Type = 15
	Reject      Type = 16
	AllowedFast Type = 17

	Extension Type = 20 // BEP 10
)

// String is the name of the type in its BEP.
func (t Type) String() string {
	switch t {
	case KeepAlive:
		return "keep-alive"
	case Choke:
		return "choke"
	case Unchoke:
		return "unchoke"
	case Interested:
		return "interested"
	case NotInterested:
		return "not interested"
	case Have:
		return "have"
	case Bitfield:
		return "bitfield"
	case Request:
		return "request"
	case Piece:
		return "piece"
	case Cancel:
		return "cancel"
	case Port:
		return "port"
	case Suggest:
		return "suggest piece"
	case HaveAll:
		return "have all"
	case HaveNone:
		return "have none"
	case Reject:
		return "reject request"
	case AllowedFast:
		return "allowed fast"
	case Extension:
		return "extended"
	}
	return fmt.Sprintf("type %d", int(t))
}

// Known reports whether the type is one of those above.
func (t Type) Known() bool {
	return t >= KeepAlive && t <= Port || t >= Suggest && t <= AllowedFast || t == Extension
}

// Message is any message. Which fields count depends on Type.
type Message struct {
	Type   Type
	Index  uint32 // piece: have, request, piece, cancel, suggest, reject, allowed fast
	Begin  uint32 // offset in the piece, bytes: request, piece, cancel, reject
	Length uint32 // bytes asked for: request, cancel, reject
	Port   uint16 // UDP port: port
	Ext    uint8  // number of the extension, 0 is its handshake: extended
	Data   []byte // block, bitfield, payload of an extended message or of an unknown type
}

// Len is the length of the message on the wire in bytes, its 4-byte length
// included.
func (m Message) Len() int { return 4 + m.body() }

func (m Message) body() int {
	switch m.Type {
	case KeepAlive:
		return 0
	case Choke, Unchoke, Interested, NotInterested, HaveAll, HaveNone:
		return 1
	case Have, Suggest, AllowedFast:
		return 5
	case Request, Cancel, Reject:
		return 13
	case Piece:
		return 9 + len(m.Data)
	case Port:
		return 3
	case Extension:
		return 2 + len(m.Data)
	}
	return 1 + len(m.Data)
}

// Append appends the message's bytes, its length first.
func (m Message) Append(dst []byte) []byte {
	be := binary.BigEndian
	dst = be.AppendUint32(dst, uint32(m.body()))
	if m.Type == KeepAlive {
		return dst
	}
	dst = append(dst, byte(m.Type))
	switch m.Type {
	case Choke, Unchoke, Interested, NotInterested, HaveAll, HaveNone:
		return dst
	case Have, Suggest, AllowedFast:
		return be.AppendUint32(dst, m.Index)
	case Request, Cancel, Reject:
		return be.AppendUint32(be.AppendUint32(be.AppendUint32(dst, m.Index), m.Begin), m.Length)
	case Piece:
		dst = be.AppendUint32(be.AppendUint32(dst, m.Index), m.Begin)
	case Port:
		return be.AppendUint16(dst, m.Port)
	case Extension:
		dst = append(dst, m.Ext)
	}
	return append(dst, m.Data...)
}

// AppendHead appends a piece message without its block of n bytes, which the
// caller appends.
func (m Message) AppendHead(dst []byte, n int) []byte {
	be := binary.BigEndian
	dst = append(be.AppendUint32(dst, uint32(9+n)), byte(Piece))
	return be.AppendUint32(be.AppendUint32(dst, m.Index), m.Begin)
}

// LengthError says that a message's length does not fit its type.
type LengthError struct {
	Type Type
	Len  uint32 // of the body, bytes
}

// Error implements error.
func (e LengthError) Error() string {
	return fmt.Sprintf("a %s message cannot be %d bytes long", e.Type, e.Len)
}

// ParseBody reads a message without its 4-byte length. Data is a part of b. An
// unknown type is no error: peers ignore it.
func ParseBody(b []byte) (Message, error) {
	if len(b) == 0 {
		return Message{Type: KeepAlive}, nil
	}
	be := binary.BigEndian
	m, p := Message{Type: Type(b[0])}, b[1:]
	short := LengthError{m.Type, uint32(len(b))}
	switch m.Type {
	case Choke, Unchoke, Interested, NotInterested, HaveAll, HaveNone:
		if len(p) != 0 {
			return m, short
		}
	case Have, Suggest, AllowedFast:
		if len(p) != 4 {
			return m, short
		}
		m.Index = be.Uint32(p)
	case Request, Cancel, Reject:
		if len(p) != 12 {
			return m, short
		}
		m.Index, m.Begin, m.Length = be.Uint32(p), be.Uint32(p[4:]), be.Uint32(p[8:])
	case Piece:
		if len(p) < 8 {
			return m, short
		}
		m.Index, m.Begin, m.Data = be.Uint32(p), be.Uint32(p[4:]), p[8:]
	case Port:
		if len(p) != 2 {
			return m, short
		}
		m.Port = be.Uint16(p)
	case Extension:
		if len(p) < 1 {
			return m, short
		}
		m.Ext, m.Data = p[0], p[1:]
	default:
		m.Data = p
	}
	return m, nil
}
