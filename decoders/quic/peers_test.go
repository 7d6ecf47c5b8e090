package quic

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"

	"netscope/decoders"
)

// peers makes the packets of a connection: the hellos of the RFC's vectors,
// then 1-RTT packets under made-up secrets.
type peers struct {
	keys [2]*keys
	pn   [2]int64
	dcid [2][]byte
}

// secrets are those of every connection in the tests.
type secrets struct{}

func (secrets) Secret(label string, _ [32]byte) ([]byte, bool) {
	switch label {
	case "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "CLIENT_EARLY_TRAFFIC_SECRET":
		return bytes.Repeat([]byte(label[:1]), 32), true
	}
	return nil, false
}

func newPeers() *peers {
	p := &peers{}
	for d, label := range []string{"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"} {
		s, _ := secrets{}.Secret(label, [32]byte{})
		p.keys[d] = newKeys(aes128gcm, "quic ", s)
	}
	p.dcid[0] = unhex("f067a5502a4262b5")
	return p
}

// hello are the two Initial packets.
func (p *peers) hello(r *record) {
	r.feed(0, vectors[0].clientInitial(), false)
	r.feed(1, unhex(vectors[0].server), false)
}

// packet makes the next 1-RTT packet of a direction, with these frames.
func (p *peers) packet(d int, frames ...string) []byte {
	payload := []byte(strings.Join(frames, ""))
	for len(payload) < 4 {
		payload = append(payload, 0)
	}
	phase := byte(0)
	if p.keys[d].label == "quic " && p.phase(d) {
		phase = 4
	}
	head := append([]byte{0x41 | phase}, p.dcid[d]...)
	head = binary.BigEndian.AppendUint16(head, uint16(p.pn[d]))
	b := p.keys[d].seal(head, payload, p.pn[d], 2)
	p.pn[d]++
	return b
}

// phase tells the key phase by whether the keys are the first ones.
func (p *peers) phase(d int) bool {
	return bytes.Count(p.keys[d].secret, p.keys[d].secret[:1]) != len(p.keys[d].secret)
}

// data is a STREAM frame with offset and length.
func data(id, off int, text string, fin bool) string {
	t := byte(0x0e)
	if fin {
		t++
	}
	return string([]byte{t, byte(id), 0x40 | byte(off>>8), byte(off), 0x40 | byte(len(text)>>8), byte(len(text))}) + text
}

// said is what a record has to say of some protocol, one line a message.
func (r *record) said(keep func(m message) bool) string {
	var out []string
	for _, m := range r.list {
		if keep(m) {
			s := m.Name + ": " + m.Summary
			if m.Err != "" {
				s += " !" + m.Err
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

func packets(m message) bool {
	_, ok := decoders.Lookup(m.Fields, "quic.header_form")
	return ok && m.Name != "Initial"
}

func messages(m message) bool {
	_, tls := decoders.Lookup(m.Fields, "tls.handshake.type")
	return m.Level == decoders.MessageLevel && !tls
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(strings.ReplaceAll(want, "\t", "")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func newTest(t *testing.T) (*record, *peers) {
	r := newRecord(t, Decoder{}.NewParser(testHint, decoders.Env{Secrets: secrets{}}))
	p := newPeers()
	p.hello(r)
	return r, p
}

func TestKeyUpdate(t *testing.T) {
	r, p := newTest(t)
	r.feed(0, p.packet(0, "\x01"), false)
	late := p.packet(0, "\x01") // sent before the update, comes after it
	p.keys[0] = p.keys[0].next()
	r.feed(0, p.packet(0, "\x01"), false)
	r.feed(0, late, false)
	r.feed(1, p.packet(1, "\x01"), false)
	p.keys[0] = p.keys[0].next()
	bad := p.packet(0, "\x01")
	bad[len(bad)-1] ^= 1
	r.feed(0, bad, false)
	r.finish()
	check(t, r.said(packets), `
		1-RTT: 1-RTT 0: PING, PADDING
		1-RTT: 1-RTT 2: PING, PADDING, key update 1
		1-RTT: 1-RTT 1: PING, PADDING
		1-RTT: 1-RTT 0: PING, PADDING
		1-RTT: 1-RTT, 31 bytes encrypted: `+wrongKeys+` !`+wrongKeys)
}

func TestConnectionIDs(t *testing.T) {
	r, p := newTest(t)
	id, token := "\xaa\xbb\xcc\xdd\xee", strings.Repeat("T", 16)
	r.feed(1, p.packet(1, "\x18\x01\x00\x05"+id+token), false)
	p.dcid[0] = []byte(id)
	r.feed(0, p.packet(0, "\x1a12345678"), false)
	p.dcid[0] = []byte("never told")[:8]
	r.feed(0, p.packet(0, "\x01"), false)
	r.feed(1, []byte("@"+strings.Repeat("r", 30)+token), false)
	r.finish()
	check(t, r.said(packets), `
		1-RTT: 1-RTT 0: NEW_CONNECTION_ID
		1-RTT: 1-RTT 0: PATH_CHALLENGE, now to connection ID aabbccddee
		1-RTT: 1-RTT 1: PING, PADDING, now to connection ID 6e6576657220746f
		Stateless Reset: Stateless Reset: the sender no longer knows the connection`)
}

func TestReasons(t *testing.T) {
	r := newRecord(t, Decoder{}.NewParser(testHint, decoders.Env{}))
	p := newPeers()
	r.feed(1, p.packet(1, "\x01"), false)
	r.feed(0, unhex("c0ff00ff0004aabbccdd0000"), false)
	r.feed(1, unhex("8000000000000401020304"+"00000001"+"6b3343cf"+"1a2a3a4a"), false)
	p.hello(r)
	r.feed(0, p.packet(0, "\x01"), false)
	r.finish()
	check(t, r.said(packets), `
		1-RTT: 1-RTT, 23 bytes encrypted: the connection's handshake has not been captured in this conversation, so that neither connection ID nor keys are known
		packet of an unknown version: packet of an unknown version: version 0xff00ff00, 12 bytes !`+errVersion.Error()+`
		Version Negotiation: Version Negotiation: the server does not speak the client's version, but: 1, 2, 0x1a2a3a4a (reserved, to exercise negotiation)
		1-RTT: 1-RTT, 31 bytes encrypted: no key log (--keylog FILE)`)
}

func TestZeroRTT(t *testing.T) {
	r := newRecord(t, Decoder{}.NewParser(testHint, decoders.Env{Secrets: secrets{}}))
	r.feed(0, vectors[0].clientInitial(), false)
	s, _ := secrets{}.Secret("CLIENT_EARLY_TRAFFIC_SECRET", [32]byte{})
	payload := data(0, 0, "early", true)
	head := append(unhex("d100000001088394c8f03e51570800"), 0x40, byte(2+len(payload)+16), 0, 7)
	r.feed(0, newKeys(chachaPoly, "quic ", s).seal(head, []byte(payload), 7, 2), false)
	r.finish()
	check(t, r.said(func(m message) bool { return packets(m) || messages(m) }), `
		0-RTT: 0-RTT 7: STREAM 0
		stream: stream 0: alpn data`)
}

// TestStreams: bytes come in any order; what a lost packet carried holds up its
// own stream only.
func TestStreams(t *testing.T) {
	r, p := newTest(t)
	lost := p.packet(0, data(0, 0, "first ", false), data(4, 0, "other ", false))
	r.feed(0, p.packet(0, data(0, 6, "second", true)), false)
	r.feed(0, p.packet(0, data(8, 0, "alone", true)), false)
	again := p.packet(0, data(8, 0, "alone", true))
	r.feed(0, again, false)
	r.feed(0, again, false)
	r.feed(0, p.packet(0, "\x04\x04\x07\x06"), false)
	r.feed(0, lost, false)
	r.feed(0, p.packet(0, data(8, 3, "beyond", false)), false)
	r.finish()
	check(t, r.said(messages), `
		stream: stream 8: alpn data
		stream: stream 0: alpn data`)
	check(t, r.said(func(m message) bool { _, ok := decoders.Lookup(m.Fields, "quic.stream.waits_for"); return ok }),
		"STREAM: STREAM 0 bytes 6-11, end, waits for bytes 0-5")
	m := r.list[len(r.list)-1]
	for _, x := range r.list {
		if x.Name == "stream" && x.Stream == 0 {
			m = x
		}
	}
	if m.Len != 12 {
		t.Errorf("stream 0 has %d bytes", m.Len)
	}
	check(t, r.said(func(m message) bool { return m.Err != "" }), `
		1-RTT: 1-RTT 3: STREAM 8 !a packet with this number has come before; a receiver drops it (RFC 9000 §12.3)
		STREAM: STREAM 8 bytes 3-8 !the stream's final size changes (RFC 9000 §4.5)`)
}

func TestAckRanges(t *testing.T) {
	f, n, err := parseFrame(unhex("0214" + "05" + "02" + "03" + "0201" + "0003"))
	if err != nil || n != 9 || f.summary != "ACK 17-20, 12-13, 7-10" {
		t.Errorf("%q, %d bytes, %v", f.summary, n, err)
	}
	var missing []string
	for _, m := range f.missing() {
		missing = append(missing, m.String())
	}
	if got := strings.Join(missing, " "); got != "14-16 11" {
		t.Errorf("missing: %s", got)
	}
}

// TestFrames: every prefix of a frame is refused, and the whole is read.
func TestFrames(t *testing.T) {
	for _, hex := range []string{"01", "021405020302010003", "0314050003010203", "04040706", "050407", "060003414243", "070354657f", "0f0401024142",
		"104400", "11044400", "120a", "130a", "144400", "15044400", "160a", "170a", "180100051122334455" + strings.Repeat("ab", 16), "1901",
		"1a0102030405060708", "1b0102030405060708", "1c0a060161", "1d0100", "1e", "1f", "24040706" + "05", "31024142", "40af01020304"} {
		b := unhex(hex)
		f, n, err := parseFrame(b)
		if err != nil || n != len(b) || f.name == "" || f.summary == "" {
			t.Errorf("%s: %+v, %d bytes, %v", hex, f, n, err)
		}
		if f.typ&^7 == frameStream {
			continue // may go on to the end of the packet
		}
		for i := 1; i < len(b); i++ {
			if _, _, err := parseFrame(b[:i]); err == nil {
				t.Errorf("%d bytes of %s are accepted", i, hex)
			}
		}
	}
}

// TestFlowControl: more bytes than the transport parameters of the vectors'
// ClientHello allow break a rule, unless a packet that could raise the limit is
// missing.
func TestFlowControl(t *testing.T) {
	for _, missing := range []bool{false, true} {
		r, p := newTest(t)
		r.feed(0, p.packet(0, "\x01"), false)
		if missing {
			r.feed(0, p.packet(0, "\x01"), false)
			p.pn[0]++
			r.feed(0, p.packet(0, "\x01"), false)
		}
		r.feed(1, p.packet(1, "\x0e\x03\x80\x00\xff\xfe\x01a"), false)
		r.feed(1, p.packet(1, "\x0e\x03\x80\x00\xff\xff\x01b"), false)
		r.finish()
		want := "STREAM: STREAM 3 bytes 65535-65535, waits for bytes 0-65533 !more bytes than the stream's limit allows (RFC 9000 §4.1)"
		if missing {
			want = ""
		}
		check(t, r.said(func(m message) bool { return m.Name == "STREAM" && m.Err != "" }), want)
	}
}

// TestState: the fields of units suffice to follow streams and limits, and a
// copy does not change with its original.
func TestState(t *testing.T) {
	r := newRecord(t, Decoder{}.NewParser(testHint, decoders.Env{Secrets: secrets{}}))
	for _, x := range dialogue() {
		r.feed(x.d, x.b, false)
	}
	var folded, copied State
	for i, m := range r.list {
		folded.Apply(m.Dir, m.Fields)
		if i == len(r.list)/2 {
			copied = folded.Clone()
		}
	}
	own := r.p.(*parser).conns[0].state
	if !reflect.DeepEqual(folded, own) {
		t.Errorf("folded %+v\nown    %+v", folded, own)
	}
	for i, m := range r.list {
		if i > len(r.list)/2 {
			copied.Apply(m.Dir, m.Fields)
		}
	}
	if !reflect.DeepEqual(folded, copied) {
		t.Errorf("from a copy %+v\nnot %+v", copied, folded)
	}
	if s := own.Streams[0]; s.Half[0].State != SizeKnown || s.Half[0].Sent != 13 || s.Half[1].Sent != 13 {
		t.Errorf("stream 0 is %+v", s)
	}
}
