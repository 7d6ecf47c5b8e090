package quic

import (
	"fmt"
	"strconv"
	"strings"

	"netscope/decoders"
	"netscope/decoders/http3"
	"netscope/decoders/tls"
)

// Explain gives the field tree of a packet, frame or message. What is encrypted
// on the wire has no bytes of its own there: such fields have no span.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	if strings.HasPrefix(m.Proto, "HTTP/") {
		f := http3.Explain(m)
		if f.Len = total; !m.Plain {
			f.Len = 0
		}
		return f
	}
	if _, ok := decoders.Lookup(m.Fields, "tls.handshake.type"); ok {
		return explainMessage(m)
	}
	root := decoders.Field{Label: m.Proto + " " + m.Name, Len: total}
	if _, ok := decoders.Lookup(m.Fields, "quic.header_form"); ok {
		root.Name, root.Doc = "quic", packetDoc(m.Name)
		root.Children = explainHeader(m.Raw, m.Fields)
		return root
	}
	if kv, ok := decoders.Lookup(m.Fields, "quic.frame_type"); ok {
		root.Name = "quic.frame"
		info, known := infoOf(uint64(kv.Int))
		if root.Doc = info.doc; !known {
			root.Doc, root.Bad = "A frame type that netscope does not know. A receiver that does not know it either closes the connection (RFC 9000 §12.4).", true
		}
		root.Doc += " It is encrypted: on the wire only its packet can be seen."
	} else if m.Name == "padding" {
		root.Doc = "Bytes after the last packet of a datagram, which a receiver ignores (RFC 9000 §12.2)."
	} else if m.Name == "stream" {
		root.Doc = "The bytes of one direction of a stream, whose application protocol netscope does not decode (RFC 9000 §2)."
	}
	for _, kv := range m.Fields {
		root.Children = append(root.Children, explainField(kv))
	}
	return root
}

// explainMessage is the field tree of a handshake message: TLS's own, and the
// transport parameters that stand in an extension of it.
func explainMessage(m decoders.Exposed) decoders.Field {
	root := tls.ExplainCarried(m)
	root.Doc += " In QUIC it is carried by CRYPTO frames instead of TLS records (RFC 9001 §4)."
	params := decoders.Field{Name: "tls.quic.parameter", Label: "Transport parameters", Doc: "What the sender allows or is able to do, for QUIC (RFC 9000 §18)."}
	for _, kv := range m.Fields {
		if strings.HasPrefix(kv.Name, paramPrefix) {
			params.Children = append(params.Children, explainField(kv))
		}
	}
	if n := len(params.Children); n > 0 {
		params.Value = fmt.Sprint(n)
		root.Children = append(root.Children, params)
	}
	return root
}

func packetDoc(name string) string {
	switch name {
	case "Initial":
		return "The first packets of a connection: they carry the TLS hellos. Their keys are made from the connection ID that stands in them, so that anybody on the path can read them (RFC 9000 §17.2.2, RFC 9001 §5.2)."
	case "Handshake":
		return "Carries the rest of the TLS handshake, under keys that the two hellos have agreed on (RFC 9000 §17.2.4)."
	case "0-RTT":
		return "Data that a client sends before the server has answered, under keys of an earlier connection (RFC 9000 §17.2.3)."
	case "1-RTT":
		return "An ordinary packet after the handshake. Only flags and the connection ID can be read without keys (RFC 9000 §17.3.1)."
	case "Retry":
		return "The server asks the client to begin again with this token, to see that it owns its address (RFC 9000 §8.1.2, §17.2.5)."
	case "Version Negotiation":
		return "The server lists the versions that it speaks, because it does not speak the client's (RFC 8999 §6)."
	case "Stateless Reset":
		return "Ends a connection that the sender has forgotten. It looks like an ordinary packet and is known by the token at its end (RFC 9000 §10.3)."
	}
	return "A packet of QUIC (RFC 9000 §17)."
}

// explainHeader places the fields of a header in the bytes of the packet.
func explainHeader(raw []byte, fields []decoders.KV) (out []decoders.Field) {
	var h header
	if isLong(raw) {
		h, _ = parseLong(raw)
	}
	for _, kv := range fields {
		f := explainField(kv)
		n := 0
		switch kv.Name {
		case "quic.header_form", "quic.spin_bit", "quic.long.packet_type":
			n = min(1, len(raw))
		case "quic.version":
			f.Off, n = 1, 4
			f.Value = versionName(uint32(kv.Int))
		case "quic.dcid":
			f.Off, n = 1, len(kv.Str)/2
			if h.long {
				f.Off = 6
			}
		case "quic.scid":
			f.Off, n = 7+len(h.dcid), len(kv.Str)/2
		case "quic.token":
			f.Off, n = h.pnOff-varintLen(uint64(h.length))-len(h.token), len(h.token)
		case "quic.length":
			n = varintLen(uint64(h.length))
			f.Off = h.pnOff - n
		case "quic.packet_number_length":
			continue
		case "quic.packet_number":
			f.Off = h.pnOff
			if !h.long {
				cid, _ := decoders.Lookup(fields, "quic.dcid")
				f.Off = 1 + len(cid.Str)/2
			}
			size, _ := decoders.Lookup(fields, "quic.packet_number_length")
			n = int(size.Int)
		case "quic.retry_integrity_tag":
			f.Off, n = len(raw)-retryTagLen, retryTagLen
		case "quic.supported_version":
			f.Value = versionName(uint32(kv.Int))
		}
		if f.Off < 0 || n < 0 || f.Off+n > len(raw) {
			f.Off, n = 0, 0
		}
		if f.Len = n; n == 0 {
			f.Off = 0
		}
		out = append(out, f)
	}
	return out
}

// varintLen is the least number of bytes of a variable-length integer.
func varintLen(v uint64) int {
	switch {
	case v < 1<<6:
		return 1
	case v < 1<<14:
		return 2
	case v < 1<<30:
		return 4
	}
	return 8
}

// explainField is a field without a place.
func explainField(kv decoders.KV) decoders.Field {
	d, ok := fieldDocs[kv.Name]
	if !ok {
		d.label = strings.ReplaceAll(kv.Name[strings.LastIndexByte(kv.Name, '.')+1:], "_", " ")
		if strings.HasPrefix(kv.Name, paramPrefix) {
			d.doc = "A transport parameter: what its sender allows or is able to do (RFC 9000 §18.2)."
		}
	}
	return decoders.Field{Name: kv.Name, Label: d.label, Value: text(kv), Doc: d.doc, Bad: kv.Name == "quic.decryption_failed"}
}

// text is the value of a field for people.
func text(kv decoders.KV) string {
	switch kv.Kind {
	case decoders.IntValue:
		v := uint64(kv.Int)
		switch kv.Name {
		case "quic.frame_type":
			info, _ := infoOf(v)
			return strings.TrimSpace(fmt.Sprintf("0x%02x %s", v, info.name))
		case "quic.long.packet_type":
			return packetType(v & 3).String()
		case "quic.cc.error_code":
			return errorName(v)
		case "tls.handshake.ciphersuite":
			if s := suite(v); s.known() {
				return s.String()
			}
			return fmt.Sprintf("0x%04x", v)
		case "tls.handshake.version", "tls.handshake.extensions.supported_version":
			return fmt.Sprintf("0x%04x", v)
		}
		return strconv.FormatUint(v, 10)
	case decoders.BoolValue:
		return strconv.FormatBool(kv.Int != 0)
	}
	return printable(kv.Str)
}
