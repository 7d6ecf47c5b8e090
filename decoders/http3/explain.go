package http3

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"netscope/decoders"
)

// Explain gives the field tree of a message, a frame or an instruction of QPACK,
// made from the fields that are kept with it, and with their places if its
// plaintext is there: the bytes are encrypted on the wire.
func Explain(m decoders.Exposed) decoders.Field {
	root := decoders.Field{Name: "http3", Label: strings.TrimSpace(proto + " " + m.Name), Doc: doc(m)}
	skip := false
	for i, kv := range m.Fields {
		if skip {
			skip = false
			continue
		}
		f := decoders.Field{Name: kv.Name, Label: label(kv.Name), Value: text(kv), Doc: fieldDoc(kv.Name)}
		if pair := strings.TrimSuffix(kv.Name, ".name"); (pair != kv.Name && pair != "qpack" || kv.Name == "http3.settings.id") && i+1 < len(m.Fields) {
			skip = true
			f.Label, f.Value = clean(kv.Str), text(m.Fields[i+1])
			if kv.Name == "http3.settings.id" {
				f.Label, _ = settingName(uint64(kv.Int))
				f.Doc = settingDoc(uint64(kv.Int))
			} else {
				f.Doc = headerDoc(kv.Str)
			}
		}
		if name, v, ok := strings.Cut(kv.Str, ": "); ok && (strings.HasSuffix(kv.Name, ".line") || kv.Name == "http3.trailer") {
			f.Label, f.Value, f.Doc = clean(name), clean(v), headerDoc(name)
		}
		root.Children = append(root.Children, f)
	}
	_, stream := decoders.Lookup(m.Fields, "http3.stream_type")
	_, instruction := decoders.Lookup(m.Fields, "qpack.instruction")
	if m.Plain && !stream && !instruction {
		if s, ok := locate(m.Raw); ok {
			s.place(root.Children)
		}
	}
	return root
}

func doc(m decoders.Exposed) string {
	if m.Kind == decoders.Request {
		return "A client asks a server to apply a method to a target. In HTTP/3 a request is a HEADERS frame and possibly DATA on a stream of its own (RFC 9114 §4.1)."
	}
	if m.Kind == decoders.Response {
		return "The server's answer, on the stream of its request: HEADERS, possibly DATA and trailers (RFC 9114 §4.1)."
	}
	if kv, ok := decoders.Lookup(m.Fields, "http3.frame_type"); ok {
		switch kv.Int {
		case frameData:
			return "Carries bytes of the content (RFC 9114 §7.2.1)."
		case frameHeaders:
			return "Carries a header or trailer section, compressed with QPACK (RFC 9114 §7.2.2)."
		case frameSettings:
			return "What its sender is ready for; the first frame of each control stream (RFC 9114 §7.2.4)."
		case frameGoaway:
			return "No requests beyond this stream will be answered: the connection is being shut down (RFC 9114 §7.2.6)."
		case frameMaxPushID:
			return "The client allows pushes up to this number (RFC 9114 §7.2.7)."
		case frameCancelPush:
			return "A push is not wanted or not made (RFC 9114 §7.2.3)."
		case framePushPromise:
			return "Announces a response that the client has not asked for, with the request that it answers (RFC 9114 §7.2.5)."
		case framePriorityRequest, framePriorityPush:
			return "Changes the priority of a response: urgency u from 0 to 7, and i if it is useful piece by piece (RFC 9218 §7)."
		}
		if reserved(uint64(kv.Int)) {
			return "A reserved type, sent to make sure that unknown frames are ignored (RFC 9114 §7.2.8)."
		}
		return "A frame of a type that netscope does not know; receivers ignore it (RFC 9114 §9)."
	}
	if _, ok := decoders.Lookup(m.Fields, "http3.stream_type"); ok {
		return "The first bytes of a unidirectional stream say what it is for (RFC 9114 §6.2)."
	}
	if _, ok := decoders.Lookup(m.Fields, "qpack.instruction"); ok {
		switch m.Name {
		case "Set Dynamic Table Capacity":
			return "The encoder sets how large the dynamic table may grow (RFC 9204 §4.3.1)."
		case "Section Acknowledgment":
			return "The decoder has decoded a section of this stream: its entries are known to both (RFC 9204 §4.4.1)."
		case "Stream Cancellation":
			return "The decoder will not decode what is left of this stream (RFC 9204 §4.4.2)."
		case "Insert Count Increment":
			return "The decoder has received so many more entries (RFC 9204 §4.4.3)."
		}
		return "The encoder adds an entry to the dynamic table. Sections that use it wait until it has come (RFC 9204 §4.3)."
	}
	return "Something that HTTP/3 says (RFC 9114)."
}

func label(name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.ReplaceAll(name, "_", " ")
}

func text(kv decoders.KV) string {
	switch kv.Kind {
	case decoders.IntValue:
		return strconv.FormatUint(uint64(kv.Int), 10)
	case decoders.BoolValue:
		return strconv.FormatBool(kv.Int != 0)
	}
	return clean(kv.Str)
}

func fieldDoc(name string) string {
	switch name {
	case "http3.frame_type":
		return "Which frame this is (RFC 9114 §7.2)."
	case "http3.frame_length":
		return "Bytes of the frame after type and length (RFC 9114 §7.1)."
	case "http3.stream_type":
		return "0 control, 1 push, 2 QPACK encoder, 3 QPACK decoder (RFC 9114 §6.2)."
	case "http3.qpack.blocked":
		return "The section had to wait for entries of the dynamic table (RFC 9204 §2.1.2)."
	case "qpack.required_insert_count":
		return "How many entries must have been inserted before the section can be decoded (RFC 9204 §2.1.2)."
	case "qpack.base":
		return "The insert count from which the section's indices are counted (RFC 9204 §3.2.5)."
	case "qpack.index":
		return "Absolute index of the new entry (RFC 9204 §3.2.4)."
	case "http3.priority_update_field_value":
		return "Urgency u (0 to 7, 3 unless told) and incremental i (RFC 9218 §4)."
	case "quic.stream.stream_id":
		return "Every request has a stream of its own: a lost packet holds up only the streams that have bytes in it (RFC 9114 §2)."
	case "http.request.method":
		return "What is to be done with the target (RFC 9110 §9)."
	case "http.response.code":
		return "The result of the request (RFC 9110 §15)."
	}
	return ""
}

func settingDoc(id uint64) string {
	switch id {
	case settingTableCapacity:
		return "Bytes that the peer's encoder may use of a dynamic table (RFC 9204 §3.2.3)."
	case settingMaxSection:
		return "The largest header section that is accepted (RFC 9114 §4.2.2)."
	case settingBlocked:
		return "How many streams may wait for entries of the dynamic table (RFC 9204 §2.1.2)."
	case settingConnect:
		return "CONNECT may name a protocol, such as websocket (RFC 9220 §3)."
	case settingDatagram:
		return "HTTP datagrams are understood (RFC 9297 §2.1.1)."
	}
	if reserved(id) {
		return "Reserved, sent to make sure that unknown settings are ignored (RFC 9114 §7.2.4.1)."
	}
	return "A setting that netscope does not know; receivers ignore it (RFC 9114 §7.2.4)."
}

func headerDoc(name string) string {
	switch {
	case slices.Contains(pseudo, name):
		return "A pseudo-header field: what the start line says in HTTP/1 (RFC 9114 §4.3)."
	case slices.Contains(known, name):
		return fmt.Sprintf("The header field %s, as in every version of HTTP (RFC 9110).", name)
	}
	return "A header field that netscope does not know: receivers ignore what they do not know (RFC 9110 §5.1)."
}
