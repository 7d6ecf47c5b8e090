package tls

import (
	"fmt"

	"netscope/decoders"
)

// Explain gives the field tree of a record or a message. Spans count from its
// first byte. Of a message that was decrypted the fields are shown without
// spans: their bytes are not those on the wire.
func (Decoder) Explain(m decoders.Exposed) decoders.Field {
	f := explain(m)
	inherit(&f)
	return f
}

// inherit gives fields without a text that of what they are in.
func inherit(f *decoders.Field) {
	for i := range f.Children {
		if c := &f.Children[i]; c.Doc == "" {
			c.Doc = f.Doc
		}
		inherit(&f.Children[i])
	}
}

func explain(m decoders.Exposed) decoders.Field {
	total := int(max(m.Total, int64(len(m.Raw))))
	root := decoders.Field{Name: "tls", Label: m.Proto + " " + m.Name, Len: total}
	_, isUnit := decoders.Lookup(m.Fields, "tls.record.content_type")
	_, isV2 := decoders.Lookup(m.Fields, fieldV2)
	why, sealed := decoders.Lookup(m.Fields, fieldSealed)
	_, isHandshake := decoders.Lookup(m.Fields, "tls.handshake.type")
	_, decrypted := decoders.Lookup(m.Fields, fieldDecrypted)
	switch {
	case m.Name == nameData:
		root.Label, root.Value = "Data", size(int64(total))
		root.Doc = "Bytes that are no TLS record: the end of a record whose beginning was not captured, or no TLS at all."
		return root
	case isV2:
		explainV2(&root, m, total)
		return root
	case isUnit:
		root.Doc = "A record: the unit in which TLS carries everything, with a type, a version, a length and at most 2^14 bytes (RFC 8446 §5.1)."
		root.Children = explainRecord(m, total)
	case sealed:
		root.Doc = "Records that could not be decrypted: " + why.Str + "."
		root.Children = explainRecords(m, total)
	case isHandshake && !decrypted:
		explainHandshake(&root, m, total)
		return root
	case isHandshake:
		root.Doc = handshakeDoc(m)
		root.Children = append(explainRecords(m, total), generated(m.Fields)...)
		return root
	default:
		root.Doc = messageDoc(m.Name)
		root.Children = explainRecord(m, total)
		if decrypted {
			root.Children = append(root.Children, generated(m.Fields)...)
		}
	}
	if sealed {
		root.Children = append(root.Children, decoders.Field{Name: fieldSealed, Label: "Not decrypted", Value: why.Str,
			Doc: "With the connection's secrets in a key log (SSLKEYLOGFILE) netscope shows what is inside."})
	}
	return root
}

func messageDoc(name string) string {
	switch name {
	case "Alert":
		return "An alert says that something is wrong, or that one side has nothing more to send (RFC 8446 §6)."
	case "Change Cipher Spec":
		return "What follows in this direction is protected by the new keys; in TLS 1.3 it means nothing (RFC 5246 §7.1, RFC 8446 appendix D.4)."
	}
	return "A message of one record (RFC 8446 §5.1)."
}

// whole maps offsets to themselves.
func whole(i int) int { return i }

// header adds the fields of a record header.
func (t *tree) header() (typ byte, length int) {
	typ = byte(t.num(1, "tls.record.content_type", "Content type", contentDoc, func(v int) string { return fmt.Sprintf("%s (%d)", contentName(byte(v)), v) }))
	t.num(2, "tls.record.version", "Version", "Says little: TLS 1.3 writes TLS 1.2 here, and a first ClientHello mostly TLS 1.0, because middleboxes choke on other values (RFC 8446 §5.1).", code(versionName))
	return typ, t.num(2, "tls.record.length", "Length", "Of what follows, in bytes: at most 2^14, and a little more where it is encrypted (RFC 8446 §5.2).", nil)
}

const contentDoc = "What the record carries: 20 a change of the cipher, 21 an alert, 22 handshake messages, 23 application data. Where TLS 1.3 encrypts, the true type is inside and 23 stands here (RFC 8446 §5.1, §5.2)."

// explainRecord shows the first record of a message.
func explainRecord(m decoders.Exposed, total int) []decoders.Field {
	t := &tree{b: m.Raw, size: total, at: whole}
	t.record(m)
	return t.out
}

// explainRecords shows the records that a message lies in.
func explainRecords(m decoders.Exposed, total int) []decoders.Field {
	t := &tree{b: m.Raw, size: total, at: whole}
	for i := 0; t.left() >= headerLen && !t.bad && i < maxNodes; i++ {
		n := headerLen
		if rest := t.b[min(t.off, len(t.b)):]; len(rest) >= headerLen {
			n = min(headerLen+be16(rest[3:]), t.left())
		}
		t.group(n, decoders.Field{Name: "tls.record", Label: "Record"}, func(t *tree) { t.record(m) })
	}
	return t.out
}

// record shows one record.
func (t *tree) record(m decoders.Exposed) {
	typ, n := t.header()
	if t.bad {
		return
	}
	n = min(n, t.left())
	inner, isUnit := decoders.Lookup(m.Fields, "tls.record.content_type")
	_, opaque := decoders.Lookup(m.Fields, "tls.record.opaque_type")
	if opaque && isUnit {
		t.out = append(t.out, decoders.Field{Name: "tls.record.content_type", Label: "True content type", Value: contentName(byte(inner.Int)),
			Doc: "Stands behind the plaintext and is encrypted with it (RFC 8446 §5.2)."})
	}
	_, sealed := decoders.Lookup(m.Fields, fieldSealed)
	_, decrypted := decoders.Lookup(m.Fields, fieldDecrypted)
	switch {
	case sealed, decrypted, opaque, typ == typeData:
		t.group(n, decoders.Field{Name: "tls.app_data", Label: "Encrypted data",
			Doc: "Ciphertext with its authentication tag; the header is authenticated as well (RFC 8446 §5.2, RFC 5246 §6.2.3.3)."}, func(*tree) {})
	case typ == typeAlert && n == 2:
		t.num(1, "tls.alert_message.level", "Level", "1 is a warning, 2 is fatal: the connection is over. In TLS 1.3 the description alone decides (RFC 8446 §6).", nil)
		t.num(1, "tls.alert_message.desc", "Description", "What is the matter. close_notify ends one direction in order, so that nobody can cut it short unseen (RFC 8446 §6).", func(v int) string { return fmt.Sprintf("%s (%d)", alertName(byte(v)), v) })
	case typ == typeCCS:
		t.bytes(n, "tls.change_cipher_spec", "Change", "What follows in this direction is protected by the new keys. In TLS 1.3 it means nothing and is sent for old middleboxes (RFC 5246 §7.1, RFC 8446 appendix D.4).")
	case typ == typeHandshake && isUnit:
		t.group(n, decoders.Field{Name: "tls.handshake", Label: "Handshake messages", Doc: "One or more messages, or part of one: messages are fitted into records as it comes (RFC 8446 §5.1)."}, handshakeHeads)
	default:
		t.bytes(n, "", "Content", "What the record carries.")
	}
}

// handshakeHeads lists the messages in a record, if it starts with one.
func handshakeHeads(t *tree) {
	for t.left() >= hsHeaderLen && t.off+hsHeaderLen <= len(t.b) && handshakeName(t.b[t.off]) != "" {
		n := min(hsHeaderLen+be24(t.b[t.off+1:]), t.left())
		t.group(n, decoders.Field{Name: "tls.handshake", Label: handshakeName(t.b[t.off])}, func(*tree) {})
	}
}

// generated shows the fields of a decrypted message.
func generated(kvs []decoders.KV) []decoders.Field {
	var out []decoders.Field
	for _, kv := range kvs {
		if kv.Name == fieldDecrypted || kv.Name == fieldLeft || len(out) == maxNodes {
			continue
		}
		f := decoders.Field{Name: kv.Name, Label: labelOf(kv.Name), Value: clean(kv.Str)}
		if kv.Kind == decoders.IntValue {
			f.Value = valueOf(kv.Name, int(kv.Int))
		}
		out = append(out, f)
	}
	return out
}
