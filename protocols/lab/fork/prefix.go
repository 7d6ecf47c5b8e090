package fork

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"

	"netscope/capture"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Prefix is what of a timeline lies before a time, as a digest: of every packet
// that left before it, the times, sizes and transport fields; of every message
// that began before it, the times, sizes and, if it was complete, the decoded
// fields in any order.
type Prefix struct {
	Packets, Messages int
	Sum               [sha256.Size]byte
}

// String is the digest in short: "3f2a91c0".
func (p Prefix) String() string { return fmt.Sprintf("%x", p.Sum[:4]) }

// PrefixOf digests what lies before a time.
func PrefixOf(s *timeline.Snapshot, before timeline.Time) Prefix {
	var p Prefix
	w := digest{h: sha256.New()}
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		row := s.Packet(id)
		if row.At >= before {
			break // packets are told in the order in which they leave
		}
		p.Packets++
		w.packet(s, &row, before)
	}
	m, last := s.MessageRange()
	for ; m < last; m++ {
		v := s.Message(m)
		if v.HeadAt >= before {
			continue
		}
		p.Messages++
		w.message(s, &v, before)
	}
	w.h.Sum(p.Sum[:0])
	return p
}

// digest writes values so that no two lists of them look the same.
type digest struct {
	h   hash.Hash
	buf []byte
}

func (d *digest) ints(xs ...int64) {
	d.buf = d.buf[:0]
	for _, x := range xs {
		d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(x))
	}
	d.h.Write(d.buf)
}

func (d *digest) text(s string) {
	d.ints(int64(len(s)))
	d.h.Write([]byte(s))
}

func (d *digest) conv(s *timeline.Snapshot, id timeline.ConvID) {
	if id == timeline.NoConv {
		d.text("")
		return
	}
	c := s.Conversation(id)
	d.text(c.Transport.String() + c.A.String() + c.B.String())
}

func (d *digest) packet(s *timeline.Snapshot, row *timeline.PacketRow, before timeline.Time) {
	d.conv(s, row.Conv)
	landed := int64(-1)
	if row.Loss == capture.NotLost && row.Arrived < before {
		landed = int64(row.Arrived)
	} // else its fate, on a later link perhaps, may be decided behind the time
	d.ints(int64(row.At), landed, int64(row.Length), int64(row.Tap), int64(row.Dir),
		int64(row.Seq), int64(row.Ack), int64(row.Window), int64(row.Payload), int64(row.Flags))
}

func (d *digest) message(s *timeline.Snapshot, v *timeline.Message, before timeline.Time) {
	d.conv(s, v.Conv)
	d.ints(int64(v.Level), int64(v.Kind), int64(v.Dir), v.Stream, int64(v.Start), int64(v.HeadAt), v.Off, v.HeadLen)
	d.text(v.Proto)
	d.text(v.Name)
	if !v.Closed || v.End >= before {
		return // its end, and fields that it gains there, lie behind
	}
	d.ints(int64(v.End), v.Total, v.Len)
	d.text(v.Err)
	// The order of header fields means nothing, and some libraries choose it
	// at random.
	fields := make([]string, 0, len(v.Fields))
	for _, kv := range v.Fields {
		switch {
		case drawn(kv.Name):
		case kv.Kind == decoders.StrValue:
			fields = append(fields, kv.Name+"="+kv.Str)
		default:
			fields = append(fields, kv.Name+"="+strconv.FormatInt(kv.Int, 10))
		}
	}
	slices.Sort(fields)
	for _, f := range fields {
		d.text(f)
	}
}

// drawn reports a field whose value cryptography draws anew in every run,
// whatever the seed: keys, nonces, and what is computed with them.
func drawn(name string) bool {
	name = name[strings.LastIndexByte(name, '.')+1:]
	for _, part := range []string{"random", "session_id", "session_ticket", "key_exchange", "pubkey", "signature",
		"verify_data", "dcid", "scid", "token", "serialnumber", "fingerprint", "ja3", "ja4", "nonce", "websocket_key", "websocket_accept"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
