package http2

import (
	"encoding/binary"
	"fmt"

	"netscope/decoders"
)

// grpc is the state of the length-prefixed messages in the content of a gRPC
// request or response: each is a flag byte, a length of 4 bytes, and data
// (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
type grpc struct {
	prefix []byte
	key    uint64 // the message that is open, 0 if none
	size   int64
	left   int64
	broken bool
}

// grpcPrefix is the length of the prefix in bytes.
const grpcPrefix = 5

// grpc reads content that comes at s.off. A message begins where the frame does
// that completes its prefix, or where its prefix does if that is in one frame.
func (p *parser) grpc(s *side, m *message, b []byte, st *decoders.Step) {
	g := m.grpc
	for at := 0; at < len(b) && !g.broken; {
		if g.key != 0 {
			k := min(g.left, int64(len(b)-at))
			g.left -= k
			at += int(k)
			if g.left == 0 {
				p.closeGRPC(s, m, s.off+int64(at), st)
			}
			continue
		}
		had := len(g.prefix)
		k := min(grpcPrefix-had, len(b)-at)
		g.prefix = append(g.prefix, b[at:at+k]...)
		at += k
		if len(g.prefix) < grpcPrefix {
			return
		}
		// Where it begins must not depend on how the frame was cut.
		end := s.off + int64(at)
		off := max(end-grpcPrefix, s.frameBegin())
		g.size = int64(binary.BigEndian.Uint32(g.prefix[1:]))
		g.left, g.key = g.size, p.nextKey()
		flag := g.prefix[0]
		g.prefix = nil
		sum := fmt.Sprintf("message  %s B", thousands(g.size))
		if flag == 1 {
			sum += "  compressed"
		}
		st.Events = append(st.Events, decoders.Event{Op: decoders.Open, Key: g.key, Level: decoders.UnitLevel, Dir: s.dir, Kind: m.kind,
			Proto: protoGRPC, Name: nameGRPC, Summary: sum, Stream: int64(m.stream), Off: off, HeadLen: end - off, PartOf: m.key,
			Fields: []decoders.KV{decoders.I("http2.streamid", int64(m.stream)), decoders.I("grpc.compressed_flag", int64(flag)), decoders.I("grpc.message_length", g.size)}})
		if g.left == 0 {
			p.closeGRPC(s, m, end, st)
		}
	}
}

// frameBegin is where the content of the DATA frame begins that is being read.
func (s *side) frameBegin() int64 {
	f := &s.frame
	read := int64(f.h.Length-f.before) - s.left
	return s.off - read
}

// closeGRPC closes the open length-prefixed message, if there is one.
func (p *parser) closeGRPC(s *side, m *message, end int64, st *decoders.Step) {
	g := m.grpc
	if g.key == 0 {
		if len(g.prefix) > 0 {
			m.bad.add("the content ends within the prefix of a gRPC message")
			g.prefix = nil
		}
		return
	}
	bad := ""
	if g.left > 0 {
		bad = fmt.Sprintf("the content ends after %s of %s bytes of this message", thousands(g.size-g.left), thousands(g.size))
	}
	p.closeKey(s, g.key, end, g.size-g.left, bad, st)
	g.key, g.left = 0, 0
}

// breakGRPC gives up on messages after a hole.
func (p *parser) breakGRPC(s *side, m *message, end int64, st *decoders.Step) {
	if m.grpc != nil && !m.grpc.broken {
		p.closeGRPC(s, m, end, st)
		m.grpc.broken = true
	}
}

// grpcStatus is the name of a gRPC status code.
func grpcStatus(code string) string {
	names := [...]string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL",
		"UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}
	for i, n := range names {
		if code == fmt.Sprint(i) {
			return n
		}
	}
	return ""
}
