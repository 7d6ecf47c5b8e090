package qlogout

import (
	"strings"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// streamTypes are qlog's names of unidirectional streams (RFC 9114 §6.2, RFC
// 9204 §4.2).
var streamTypes = map[int64][2]string{0: {"control", "control"}, 1: {"push", "push"}, 2: {"qpack_encode", "qpack_encode"}, 3: {"qpack_decode", "qpack_decode"}}

// http3 writes the frames of HTTP/3: when they left, as created; when they were
// complete at their receiver, as parsed.
func (w *writer) http3(s *timeline.Snapshot) {
	for _, id := range s.ConvMessages(w.conn.id) {
		m := s.Message(id)
		if m.Proto != "HTTP/3" || m.Level != decoders.UnitLevel {
			continue
		}
		at, done := m.Start, "frame_created"
		if m.Dir != w.me {
			if !m.Closed {
				continue
			}
			at, done = m.End, "frame_parsed"
		}
		if t, ok := num(m.Fields, "http3.stream_type"); ok {
			names, known := streamTypes[t]
			if !known {
				names = [2]string{"unknown", "unknown"}
			}
			owner := "remote"
			if m.Dir == w.me {
				owner = "local"
			}
			data := object{"stream_id": m.Stream, "stream_type": names[0]}
			if w.old {
				data["owner"], data["new"] = owner, names[1]
				delete(data, "stream_type")
			} else {
				data["initiator"] = owner
			}
			w.emit(at, "http3", "stream_type_set", data)
			continue
		}
		if _, ok := num(m.Fields, "http3.frame_type"); !ok {
			continue
		}
		length, _ := num(m.Fields, "http3.frame_length")
		w.emit(at, "http3", done, object{"stream_id": m.Stream, "length": length, "frame": http3Frame(m)})
	}
}

func http3Frame(m timeline.Message) object {
	o := object{"frame_type": strings.ToLower(m.Name)}
	pairs := func(name, value string) (list []object) {
		var names, values []decoders.KV
		for _, kv := range m.Fields {
			switch kv.Name {
			case name:
				names = append(names, kv)
			case value:
				values = append(values, kv)
			}
		}
		for i := range min(len(names), len(values)) {
			if names[i].Kind == decoders.IntValue {
				list = append(list, object{"name": settingName(names[i].Int), "value": values[i].Int})
			} else {
				list = append(list, object{"name": names[i].Str, "value": values[i].Str})
			}
		}
		return list
	}
	switch m.Name {
	case "HEADERS", "PUSH_PROMISE":
		if h := pairs("http3.header.name", "http3.header.value"); h != nil {
			o["headers"] = h
		} else {
			o["headers"] = []object{}
		}
	case "SETTINGS":
		o["settings"] = append([]object{}, pairs("http3.settings.id", "http3.settings.value")...)
	}
	return o
}

// settingName is qlog's name of a setting (RFC 9114 §7.2.4.1, RFC 9204 §5).
func settingName(id int64) string {
	switch id {
	case 1:
		return "settings_qpack_max_table_capacity"
	case 6:
		return "settings_max_field_section_size"
	case 7:
		return "settings_qpack_blocked_streams"
	case 8:
		return "settings_enable_connect_protocol"
	case 0x33:
		return "settings_h3_datagram"
	}
	return "unknown"
}
