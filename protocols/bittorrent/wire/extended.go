package wire

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"

	"netscope/protocols/bittorrent/bencode"
)

// Names of extensions in an extended handshake's m (BEP 10).
const (
	UTMetadata = "ut_metadata" // BEP 9
	UTPex      = "ut_pex"      // BEP 11
)

// extLimits bound what an extended message may hold.
var extLimits = bencode.Limits{Depth: 8, Elements: 1024, Size: 64 << 10}

// ExtHandshake is the payload of extended message 0 (BEP 10). Zero values are
// left out.
type ExtHandshake struct {
	M            map[string]uint8 // the sender's number for each extension; 0 turns it off
	Port         uint16           // p: TCP port the sender listens on
	Client       string           // v: name and version
	YourIP       netip.Addr       // yourip: the receiver as the sender sees it
	Reqq         int              // requests the sender queues
	MetadataSize int              // bytes of the info dictionary (BEP 9)
	UploadOnly   bool             // the sender needs nothing (BEP 21)
}

// Append appends the bencoded payload.
func (h ExtHandshake) Append(dst []byte) []byte {
	m := bencode.DictOf()
	for name, n := range h.M {
		m.Dict = append(m.Dict, bencode.KV(name, bencode.Int(int64(n))))
	}
	slices.SortFunc(m.Dict, func(a, b bencode.Entry) int { return cmp.Compare(string(a.Key), string(b.Key)) })
	d := bencode.DictOf(bencode.KV("m", m))
	add := func(key string, v bencode.Value) { d.Dict = append(d.Dict, bencode.KV(key, v)) }
	if h.MetadataSize > 0 {
		add("metadata_size", bencode.Int(int64(h.MetadataSize)))
	}
	if h.Port > 0 {
		add("p", bencode.Int(int64(h.Port)))
	}
	if h.Reqq > 0 {
		add("reqq", bencode.Int(int64(h.Reqq)))
	}
	if h.UploadOnly {
		add("upload_only", bencode.Int(1))
	}
	if h.Client != "" {
		add("v", bencode.Str(h.Client))
	}
	if h.YourIP.IsValid() {
		add("yourip", bencode.Bytes(h.YourIP.Unmap().AsSlice()))
	}
	return bencode.Append(dst, d)
}

// ParseExtHandshake reads the payload of extended message 0. What is of a wrong
// kind or range is as if it were absent.
func ParseExtHandshake(b []byte) (ExtHandshake, error) {
	h := ExtHandshake{M: map[string]uint8{}}
	v, _, err := bencode.DecodePrefix(b, extLimits)
	if err != nil {
		return h, fmt.Errorf("the extended handshake cannot be read: %w", err)
	}
	if v.Kind != bencode.Dict {
		return h, fmt.Errorf("the extended handshake is not a dictionary (BEP 10)")
	}
	for _, e := range v.Get("m").Dict {
		if n := e.Value; n.Kind == bencode.Integer && n.Int >= 0 && n.Int <= 255 && len(e.Key) <= 64 {
			h.M[string(e.Key)] = uint8(n.Int)
		}
	}
	h.Port = uint16(ranged(v.Get("p"), math.MaxUint16))
	h.Reqq = int(ranged(v.Get("reqq"), math.MaxInt32))
	h.MetadataSize = int(ranged(v.Get("metadata_size"), math.MaxInt32))
	h.UploadOnly = ranged(v.Get("upload_only"), 1) == 1
	if s, ok := v.Bytes("v"); ok {
		h.Client = string(s[:min(len(s), 128)])
	}
	if s, ok := v.Bytes("yourip"); ok {
		h.YourIP, _ = netip.AddrFromSlice(s)
	}
	return h, nil
}

// ranged is an integer from 0 to most, else 0.
func ranged(v bencode.Value, most int64) int64 {
	if v.Kind != bencode.Integer || v.Int < 0 || v.Int > most {
		return 0
	}
	return v.Int
}

// MetadataType says what a ut_metadata message is (BEP 9).
type MetadataType uint8

// Types of ut_metadata message.
const (
	MetadataRequest MetadataType = 0
	MetadataData    MetadataType = 1
	MetadataReject  MetadataType = 2
)

// String is the type's name in BEP 9.
func (t MetadataType) String() string {
	switch t {
	case MetadataRequest:
		return "request"
	case MetadataData:
		return "data"
	case MetadataReject:
		return "reject"
	}
	return fmt.Sprintf("msg_type %d", uint8(t))
}

// Metadata is the payload of a ut_metadata message: a piece of 16 KiB of the
// info dictionary is asked for, given or refused.
type Metadata struct {
	Type  MetadataType
	Piece int
	Total int    // bytes of the info dictionary, with data
	Data  []byte // with data
}

// Append appends the payload.
func (m Metadata) Append(dst []byte) []byte {
	d := bencode.DictOf(bencode.KV("msg_type", bencode.Int(int64(m.Type))), bencode.KV("piece", bencode.Int(int64(m.Piece))))
	if m.Type != MetadataData {
		return bencode.Append(dst, d)
	}
	d.Dict = append(d.Dict, bencode.KV("total_size", bencode.Int(int64(m.Total))))
	return append(bencode.Append(dst, d), m.Data...)
}

// ParseMetadata reads the payload of a ut_metadata message. Data is a part of b.
func ParseMetadata(b []byte) (Metadata, error) {
	v, n, err := bencode.DecodePrefix(b, extLimits)
	if err != nil {
		return Metadata{}, fmt.Errorf("the ut_metadata message cannot be read: %w", err)
	}
	t, p := v.Get("msg_type"), v.Get("piece")
	if t.Kind != bencode.Integer || t.Int < 0 || t.Int > 255 || p.Kind != bencode.Integer || p.Int < 0 || p.Int > math.MaxInt32 {
		return Metadata{}, fmt.Errorf("the ut_metadata message has no msg_type or no piece (BEP 9)")
	}
	m := Metadata{Type: MetadataType(t.Int), Piece: int(p.Int)}
	if m.Type == MetadataData {
		m.Total, m.Data = int(ranged(v.Get("total_size"), math.MaxInt32)), b[n:]
	}
	return m, nil
}
