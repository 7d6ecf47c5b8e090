package quic

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"netscope/decoders"
)

// frame is one frame of a packet's payload.
type frame struct {
	typ     uint64
	name    string
	summary string
	stream  int64 // -1: of no stream
	fields  []decoders.KV

	data   []byte // of CRYPTO, STREAM, DATAGRAM: a part of the payload
	offset uint64 // of data in its stream; final size of a reset
	value  uint64 // a limit, a sequence number, an error code
	fin    bool   // the stream ends after data
	acks   []ackRange
	cid    []byte // of NEW_CONNECTION_ID
	token  []byte // stateless reset token
}

var (
	errFrameShort = errors.New("a frame is longer than its packet (RFC 9000 §12.4)")
	errFrameType  = errors.New("a frame type that netscope does not know: what follows it in the packet cannot be read (RFC 9000 §12.4)")
	errNoFrames   = errors.New("a packet without frames (RFC 9000 §12.4)")
	errFrames     = errors.New("more frames in one packet than netscope shows")
	errOffset     = errors.New("the data goes beyond offset 2^62-1 (RFC 9000 §19.8)")
)

// maxFrames bounds the frames of one packet.
const maxFrames = 4096

// maxOffset is the largest offset in a stream.
const maxOffset = 1<<62 - 1

// parseFrame reads the frame at the front of a payload. n is how many bytes it
// takes.
func parseFrame(b []byte) (f frame, n int, err error) {
	r := &reader{b: b}
	f.typ, f.stream = r.varint(), -1
	if r.short {
		f.name, f.summary = "frame", "a frame whose type is cut short"
		return f, len(b), errFrameShort
	}
	info, ok := infoOf(f.typ)
	f.name = info.name
	f.fields = append(f.fields, decoders.KV{Name: "quic.frame_type", Int: int64(f.typ), Kind: decoders.IntValue, Many: true})
	if !ok {
		f.name = fmt.Sprintf("frame 0x%x", f.typ)
		f.summary = fmt.Sprintf("%s, %s bytes", f.name, strconv.Itoa(len(b)))
		return f, len(b), errFrameType
	}
	switch f.typ {
	case framePadding:
		for r.left() > 0 && b[r.off] == 0 {
			r.off++
		}
		f.add("quic.padding_length", uint64(r.off))
		f.summary = plural(r.off, "byte")
	case frameAck, frameAckECN:
		f.parseAck(r)
	case frameCrypto:
		f.offset = r.varint()
		f.add("quic.crypto.offset", f.offset)
		size := r.varint()
		f.add("quic.crypto.length", size)
		f.data = r.take(size)
		f.summary = span(f.offset, size)
	case frameNewToken:
		size := r.varint()
		f.add("quic.nt.length", size)
		f.addHex("quic.nt.token", r.take(size))
		f.summary = plural(int(min(size, 1<<20)), "byte")
	case frameDatagram, frameDatagramLen:
		size := uint64(r.left())
		if f.typ == frameDatagramLen {
			size = r.varint()
			f.add("quic.dg.length", size)
		}
		f.data = r.take(size)
		f.summary = plural(int(min(size, 1<<20)), "byte")
	case frameClose, frameCloseApp:
		f.parseClose(r)
	case frameNewCID:
		f.value = r.varint()
		f.add("quic.nci.sequence", f.value)
		f.offset = r.varint()
		f.add("quic.nci.retire_prior_to", f.offset)
		size := r.uint(1)
		f.add("quic.nci.connection_id.length", size)
		f.cid = r.take(size)
		f.addHex("quic.nci.connection_id", f.cid)
		f.token = r.take(16)
		f.addHex("quic.nci.stateless_reset_token", f.token)
		f.summary = fmt.Sprintf("%d: %x", f.value, f.cid)
		if !r.short && (size < 1 || size > maxCID) {
			return f, r.off, errors.New("a connection ID must have 1 to 20 bytes (RFC 9000 §19.15)")
		}
	case framePathChallenge, framePathResponse:
		name := "quic.path_challenge.data"
		if f.typ == framePathResponse {
			name = "quic.path_response.data"
		}
		f.token = r.take(8)
		f.addHex(name, f.token)
		f.summary = hex.EncodeToString(f.token)
	default:
		if f.typ&^7 == frameStream {
			f.parseStream(r)
		} else {
			f.parseNumbers(r)
		}
	}
	f.summary = strings.TrimSpace(f.name + " " + f.summary)
	if r.short {
		return f, len(b), errFrameShort
	}
	if f.offset > maxOffset-uint64(len(f.data)) {
		return f, r.off, errOffset
	}
	return f, r.off, nil
}

func (f *frame) parseStream(r *reader) {
	id := r.varint()
	f.setStream("quic.stream.stream_id", id)
	if f.typ&4 != 0 {
		f.offset = r.varint()
	}
	size := uint64(r.left())
	if f.typ&2 != 0 {
		size = r.varint()
	}
	f.fin = f.typ&1 != 0
	f.data = r.take(size)
	f.fields = append(f.fields, decoders.I("quic.stream.offset", int64(f.offset)), decoders.I("quic.stream.length", int64(size)), decoders.B("quic.stream.fin", f.fin))
	f.summary = fmt.Sprintf("%d %s", id, span(f.offset, size))
	if f.fin {
		f.summary += ", end"
	}
}

// numbered are the frames that are a list of numbers, with Wireshark's name of
// each. The second number of most is the one that limits something.
var numbered = map[uint64][]string{
	frameResetStream:     {"quic.rsts.stream_id", "quic.rsts.application_error_code", "quic.rsts.final_size"},
	frameResetStreamAt:   {"quic.rsts.stream_id", "quic.rsts.application_error_code", "quic.rsts.final_size", "quic.rsts.reliable_size"},
	frameStopSending:     {"quic.ss.stream_id", "quic.ss.application_error_code"},
	frameMaxData:         {"quic.md.maximum_data"},
	frameMaxStreamData:   {"quic.msd.stream_id", "quic.msd.maximum_stream_data"},
	frameMaxStreamsBidi:  {"quic.ms.max_streams"},
	frameMaxStreamsUni:   {"quic.ms.max_streams"},
	frameDataBlocked:     {"quic.sb.stream_data_limit"},
	frameStreamBlocked:   {"quic.sdb.stream_id", "quic.sb.stream_data_limit"},
	frameStreamsBlockedB: {"quic.sib.stream_limit"},
	frameStreamsBlockedU: {"quic.sib.stream_limit"},
	frameRetireCID:       {"quic.rci.sequence"},
	frameAckFrequency:    {"quic.af.sequence_number", "quic.af.ack_eliciting_threshold", "quic.af.request_max_ack_delay", "quic.af.reordering_threshold"},
}

func (f *frame) parseNumbers(r *reader) {
	var said []string
	for i, name := range numbered[f.typ] {
		v := r.varint()
		switch {
		case strings.HasSuffix(name, ".stream_id"):
			f.setStream(name, v)
		case strings.HasSuffix(name, ".final_size"):
			f.offset = v
			f.add(name, v)
		default:
			if i < 2 {
				f.value = v
			}
			f.add(name, v)
		}
		said = append(said, strconv.FormatUint(v, 10))
	}
	f.summary = strings.Join(said, " ")
	switch f.typ {
	case frameResetStream, frameResetStreamAt:
		f.summary = fmt.Sprintf("%d error 0x%x after %d bytes", f.stream, f.value, f.offset)
	case frameStopSending:
		f.summary = fmt.Sprintf("%d error 0x%x", f.stream, f.value)
	case frameMaxStreamsBidi, frameStreamsBlockedB:
		f.summary += " bidirectional"
	case frameMaxStreamsUni, frameStreamsBlockedU:
		f.summary += " unidirectional"
	}
}

func (f *frame) parseClose(r *reader) {
	f.value = r.varint()
	name := fmt.Sprintf("error 0x%x of the application", f.value)
	if f.typ == frameClose {
		f.add("quic.cc.error_code", f.value)
		if f.value>>8 == 1 {
			f.add("quic.cc.error_code.tls_alert", f.value&0xff)
		}
		f.add("quic.cc.frame_type", r.varint())
		name = errorName(f.value)
	} else {
		f.add("quic.cc.error_code.app", f.value)
	}
	size := r.varint()
	f.add("quic.cc.reason_phrase.length", size)
	reason := string(r.take(size))
	if reason != "" {
		f.fields = append(f.fields, decoders.S("quic.cc.reason_phrase", reason))
		name += " " + strconv.Quote(reason)
	}
	f.summary = name
}

func (f *frame) add(name string, v uint64) {
	f.fields = append(f.fields, decoders.I(name, int64(v)))
}

func (f *frame) addHex(name string, b []byte) {
	f.fields = append(f.fields, decoders.S(name, hex.EncodeToString(b)))
}

func (f *frame) setStream(name string, id uint64) {
	f.stream = int64(id)
	f.fields = append(f.fields, decoders.KV{Name: name, Int: f.stream, Kind: decoders.IntValue, Many: true}) // a packet has it several times
}

// span says which bytes of a stream these are.
func span(off, n uint64) string {
	if n == 0 {
		return fmt.Sprintf("at %d, no bytes", off)
	}
	return fmt.Sprintf("bytes %d-%d", off, off+n-1)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
