package tls

import (
	"fmt"

	"netscope/decoders"
)

// unsealed is what became of a record's payload.
type unsealed struct {
	typ    byte   // content type, the inner one if there is one
	data   []byte // plaintext
	sealed bool   // it was encrypted
	why    string // why it still is; "" if it was decrypted
	bad    string // what was wrong with it
	lost   int64  // bytes of plaintext that are missing before it, about
}

// record deals with one record.
func (p *parser) record(s *side, r record, st *decoders.Step) {
	u := p.unseal(s, r)
	switch {
	case u.why != "":
		p.opaque(s, r, u, st)
	case u.typ == typeHandshake:
		p.handshake(s, r, u, st)
	case u.typ == typeAlert:
		p.alert(s, r, u, st)
	case u.typ == typeCCS:
		p.changeCipher(s, r, u, st)
	case u.typ == typeData:
		p.data(s, r, u, st)
	default:
		p.endRun(s, st)
		p.unit(s, r, u, 0, contentName(u.typ)+"  "+size(int64(len(u.data))), nil, st)
	}
}

// unit opens and closes the unit of a record.
func (p *parser) unit(s *side, r record, u unsealed, partOf uint64, summary string, more []decoders.KV, st *decoders.Step) {
	key := p.nextKey()
	fields := append(recordFields(r, u.typ, int64(len(r.raw)-headerLen)), more...)
	switch {
	case u.why != "":
		fields = append(fields, decoders.S(fieldSealed, u.why))
	case u.sealed && u.typ == r.typ() && u.typ != typeData: // otherwise the types tell
		fields = append(fields, decoders.B(fieldDecrypted, true))
	}
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: key, Level: decoders.UnitLevel, Dir: s.dir, Proto: p.proto(r), Name: contentName(u.typ),
		Summary: summary, Stream: -1, Off: r.off, HeadLen: headerLen, PartOf: partOf, Fields: fields,
	}, decoders.Event{Op: decoders.Close, Key: key, Dir: s.dir, End: r.end(), Len: int64(len(u.data)), Err: u.bad})
}

// fieldSealed holds the reason why something is not decrypted.
const fieldSealed = "tls.not_decrypted"

// recordFields are the fields of a record's header. Where the true content type
// is encrypted, the header's is the opaque one (RFC 8446 §5.2).
func recordFields(r record, typ byte, payload int64) []decoders.KV {
	kvs := append(make([]decoders.KV, 0, 5), decoders.I("tls.record.content_type", int64(typ)))
	if typ != r.typ() {
		kvs = append(kvs, decoders.I("tls.record.opaque_type", int64(r.typ())))
	}
	return append(kvs, decoders.I("tls.record.version", int64(r.version())), decoders.I("tls.record.length", payload))
}

// message opens a message that starts and ends with one record, with the
// record's unit as its part.
func (p *parser) message(s *side, r record, u unsealed, name, summary string, fields []decoders.KV, st *decoders.Step) {
	p.cutHandshake(s, badInterleaved, st)
	p.endRun(s, st)
	if u.sealed && u.why == "" {
		fields = append(fields, decoders.B(fieldDecrypted, true))
	}
	key := p.nextKey()
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Open, Key: key, Dir: s.dir, Proto: p.proto(r), Name: name, Summary: summary, Stream: -1,
		Off: r.off, HeadLen: headerLen, Fields: fields,
	})
	bad := u.bad
	p.unit(s, r, u, key, summary, nil, st)
	st.Events = append(st.Events, decoders.Event{Op: decoders.Close, Key: key, Dir: s.dir, End: r.end(), Len: int64(len(u.data)), Err: bad})
}

// alert deals with an alert (RFC 8446 §6). Two in a record are one message.
func (p *parser) alert(s *side, r record, u unsealed, st *decoders.Step) {
	if len(u.data) < 2 || len(u.data)%2 != 0 {
		u.bad = badAlert
		p.message(s, r, u, "Alert", "Alert", nil, st)
		return
	}
	level, desc := u.data[0], u.data[1]
	fields := []decoders.KV{decoders.I("tls.alert_message.level", int64(level)), decoders.I("tls.alert_message.desc", int64(desc))}
	summary := "Alert: " + alertName(desc)
	if level == 2 {
		summary = "Fatal alert: " + alertName(desc)
	}
	if level != 1 && level != 2 {
		u.bad = badAlert
	}
	p.message(s, r, u, "Alert", summary, fields, st)
	if desc == alertCloseNotify {
		p.endInner(s, st)
	}
}

// changeCipher deals with a change of the cipher (RFC 5246 §7.1), which TLS 1.3
// only sends for the sake of old middleboxes (RFC 8446 appendix D.4).
func (p *parser) changeCipher(s *side, r record, u unsealed, st *decoders.Step) {
	if len(u.data) != 1 || u.data[0] != 1 {
		u.bad = badCCS
	}
	p.message(s, r, u, "Change Cipher Spec", "Change Cipher Spec", nil, st)
	if u.bad == "" {
		p.switchKeys(s)
	}
}

// data hands decrypted application data on.
func (p *parser) data(s *side, r record, u unsealed, st *decoders.Step) {
	p.cutHandshake(s, badInterleaved, st)
	p.endRun(s, st)
	summary := "Application Data  " + size(int64(len(u.data)))
	p.unit(s, r, u, 0, summary, []decoders.KV{decoders.I("tls.app_data.length", int64(len(u.data)))}, st)
	if s.over {
		return
	}
	if len(u.data) > 0 || u.lost > 0 {
		p.conn.inner = true
		st.Inner = append(st.Inner, decoders.Inner{Dir: s.dir, Data: u.data, Gap: u.lost, Proto: innerProto(p.conn.alpn)})
	}
}

// endInner says that a side sends no more plaintext.
func (p *parser) endInner(s *side, st *decoders.Step) {
	if s.over || !p.conn.inner {
		return
	}
	s.over = true
	st.Inner = append(st.Inner, decoders.Inner{Dir: s.dir, End: true, Proto: innerProto(p.conn.alpn)})
}

// innerProto is the decoder for an application protocol (RFC 7301 §6 and the
// registry of ALPN protocol identifiers), "" to find out.
func innerProto(alpn string) string {
	switch alpn {
	case "http/1.1", "http/1.0", "http/0.9":
		return "http1"
	case "h2":
		return "http2"
	case "dot":
		return "dns"
	case "imap", "pop3", "ftp", "smtp":
		return alpn
	}
	return ""
}

// run is a message made of the records in a row that could not be decrypted: no
// more can be told of them than who sent how much when.
type run struct {
	key     uint64 // 0: none is open
	name    string
	end     int64
	records int64
	bytes   int64
}

// opaque deals with a record that stays encrypted.
func (p *parser) opaque(s *side, r record, u unsealed, st *decoders.Step) {
	n := int64(len(r.raw) - headerLen)
	if r.typ() != typeData {
		name := "Encrypted " + contentName(r.typ())
		if r.typ() == typeHandshake {
			name = "Encrypted Handshake Message"
		}
		p.message(s, r, u, name, name+"  "+size(n), []decoders.KV{decoders.S(fieldSealed, u.why)}, st)
		return
	}
	p.cutHandshake(s, badInterleaved, st)
	p.endRun(&p.side[s.dir.Other()], st)
	if s.run.key == 0 {
		s.run = run{key: p.nextKey(), name: contentName(r.typ())}
		st.Events = append(st.Events, decoders.Event{
			Op: decoders.Open, Key: s.run.key, Dir: s.dir, Proto: p.proto(r), Name: s.run.name, Summary: s.run.name + "  encrypted", Stream: -1,
			Off: r.off, HeadLen: headerLen, Fields: []decoders.KV{decoders.S(fieldSealed, u.why)},
		})
	}
	s.run.end, s.run.records, s.run.bytes = r.end(), s.run.records+1, s.run.bytes+n
	p.unit(s, r, u, s.run.key, fmt.Sprintf("%s  %s, encrypted", s.run.name, size(n)), nil, st)
}

// endRun closes the message of encrypted records of a direction.
func (p *parser) endRun(s *side, st *decoders.Step) {
	if s.run.key == 0 {
		return
	}
	summary := fmt.Sprintf("%s  %s in %s records, encrypted", s.run.name, size(s.run.bytes), thousands(s.run.records))
	if s.run.records == 1 {
		summary = fmt.Sprintf("%s  %s, encrypted", s.run.name, size(s.run.bytes))
	}
	st.Events = append(st.Events,
		decoders.Event{Op: decoders.Update, Key: s.run.key, Summary: summary},
		decoders.Event{Op: decoders.Close, Key: s.run.key, Dir: s.dir, End: s.run.end, Len: s.run.bytes})
	s.run = run{}
}
