package qlogout

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// writer makes the events of one vantage point.
type writer struct {
	old, lab bool
	vantage  vantage
	conn     *conn
	me       decoders.Dir // in which the vantage point sends
	events   []event
	spaces   [3]space
	rtt      rtt
	inFlight int
	packets  int
	said     map[string]bool
}

// emit adds an event. category is that of 0.3.
func (w *writer) emit(at timeline.Time, category, name string, data object) {
	if w.old {
		name = category + ":" + name
	} else if category != "http3" { // one namespace for all of QUIC
		if name == "metrics_updated" {
			name = "recovery_" + name
		}
		name = "quic:" + name
	} else {
		name = "http3:" + name
	}
	w.events = append(w.events, event{Time: json.RawMessage(millis(time.Duration(at))), Name: name, Data: data, at: at})
}

func (w *writer) write(s *timeline.Snapshot) {
	c := w.conn
	w.started()
	for i := range c.hellos {
		w.hello(&c.hellos[i])
	}
	// Packets are gone through in the order in which this vantage point sees
	// them: what it receives, when it arrives.
	for _, i := range w.order() {
		w.packet(&c.packets[i])
	}
	w.http3(s)
}

// order is the packets in the order in which this vantage point sees them.
func (w *writer) order() []int {
	type seen struct {
		at timeline.Time
		i  int
	}
	var sent, received []seen
	for i := range w.conn.packets {
		switch p := &w.conn.packets[i]; {
		case p.dir == w.me:
			sent = append(sent, seen{p.at, i})
		case p.to >= 0:
			received = append(received, seen{w.arrival(p), i})
		}
	}
	sort.SliceStable(received, func(i, j int) bool { return received[i].at < received[j].at })
	var out []int
	for len(sent)+len(received) > 0 {
		if len(sent) == 0 || len(received) > 0 && received[0].at <= sent[0].at {
			out, received = append(out, received[0].i), received[1:]
		} else {
			out, sent = append(out, sent[0].i), sent[1:]
		}
	}
	return out
}

// arrival is when a packet has come.
func (w *writer) arrival(p *packet) timeline.Time {
	if w.lab {
		return p.to
	}
	return p.at
}

// started says between which addresses.
func (w *writer) started() {
	c := w.conn
	if len(c.packets) == 0 {
		return
	}
	p := &c.packets[0]
	at := p.at
	if p.dir != w.me {
		if p.to < 0 {
			return
		}
		at = w.arrival(p)
	}
	local, remote := c.conv.A, c.conv.B
	if w.me == decoders.BtoA {
		local, remote = remote, local
	}
	v := "v4"
	if local.Addr().Is6() && !local.Addr().Is4In6() {
		v = "v6"
	}
	if w.old {
		w.emit(at, "connectivity", "connection_started", object{"ip_version": v, "src_ip": local.Addr().Unmap().String(), "dst_ip": remote.Addr().Unmap().String(),
			"src_port": local.Port(), "dst_port": remote.Port(), "protocol": "QUIC"})
		return
	}
	w.emit(at, "connectivity", "connection_started", object{
		"local":  object{"ip_" + v: local.Addr().Unmap().String(), "port_" + v: local.Port()},
		"remote": object{"ip_" + v: remote.Addr().Unmap().String(), "port_" + v: remote.Port()},
	})
}

// hello writes what a handshake message says: parameters, the protocol above.
func (w *writer) hello(h *hello) {
	at, whose := h.at, "local"
	if h.dir != w.me {
		if h.to < 0 {
			return
		}
		if whose = "remote"; w.lab {
			at = h.to
		}
	}
	const prefix = "tls.quic.parameter."
	set := object{}
	for _, kv := range h.fields {
		name, ok := strings.CutPrefix(kv.Name, prefix)
		switch {
		case !ok || name == "unknown" || kv.Many:
		case kv.Kind == decoders.StrValue:
			set[name] = kv.Str
		case kv.Kind == decoders.BoolValue:
			set[name] = kv.Int != 0
		default:
			set[name] = kv.Int
		}
	}
	if len(set) > 0 {
		if w.old {
			set["owner"] = whose
		} else {
			set["initiator"] = whose
		}
		w.emit(at, "transport", "parameters_set", set)
	}
	if alpn := str(h.fields, "tls.handshake.extensions_alpn_str"); alpn != "" && h.name == "EncryptedExtensions" {
		if w.old {
			w.emit(at, "transport", "alpn_information", object{"chosen_alpn": alpn})
		} else {
			w.emit(at, "transport", "alpn_information", object{"chosen_alpn": object{"string_value": alpn}})
		}
	}
}

// packet writes a packet as it leaves or arrives.
func (w *writer) packet(p *packet) {
	at, name := p.at, "packet_sent"
	if p.dir != w.me {
		at, name = w.arrival(p), "packet_received"
	}
	head := object{"packet_type": packetTypes[p.name]}
	number, numbered := num(p.fields, "quic.packet_number")
	if numbered {
		head["packet_number"] = number
	}
	version, long := num(p.fields, "quic.version")
	if long && version != 0 {
		head["version"] = fmt.Sprintf("%x", uint32(version))
	}
	for _, id := range [...]string{"dcid", "scid"} {
		if s := str(p.fields, "quic."+id); s != "" {
			head[id] = s
			head[id[:1]+"cil"] = len(s) / 2
		}
	}
	if phase, ok := num(p.fields, "quic.key_phase"); ok {
		if w.old {
			head["key_phase"] = phase
		} else {
			head["key_phase_bit"] = phase != 0
		}
	}
	if token := str(p.fields, "quic.token") + str(p.fields, "quic.retry_token"); token != "" {
		head["token"] = object{"raw": object{"data": token}}
	}
	data := object{"header": head, "datagram_id": p.datagram}
	if n, ok := num(p.fields, "quic.packet_length"); ok {
		data["raw"] = object{"length": n}
		if int(n) != p.size && w.old {
			data["is_coalesced"] = true
		}
	}
	if versions := supported(p.fields); versions != nil {
		data["supported_versions"] = versions
	}
	var frames []object
	for i := range p.frames {
		frames = append(frames, frameOf(&p.frames[i], w.old))
	}
	if frames != nil {
		data["frames"] = frames
	}
	w.emit(at, "transport", name, data)
	if p.name == "Initial" && p.dir != w.conn.client && long && w.first("version_information") {
		w.emit(at, "transport", "version_information", object{"chosen_version": fmt.Sprintf("%x", uint32(version))})
	}
	if numbered {
		w.recover(at, p, number)
	}
	for i := range p.frames {
		if f := &p.frames[i]; f.name == "CONNECTION_CLOSE" && w.first("connection_closed") {
			w.closed(at, p, f)
		}
	}
}

// first reports whether this has not been said before.
func (w *writer) first(name string) bool {
	if w.said[name] {
		return false
	}
	w.said[name] = true
	return true
}

func supported(kvs []decoders.KV) (list []string) {
	for _, kv := range kvs {
		if kv.Name == "quic.supported_version" {
			list = append(list, fmt.Sprintf("%08x", uint32(kv.Int)))
		}
	}
	return list
}

func (w *writer) closed(at timeline.Time, p *packet, f *frame) {
	who, category := "initiator", "connectivity"
	if w.old {
		who = "owner"
	}
	data := object{who: "remote"}
	if p.dir == w.me {
		data[who] = "local"
	}
	if code, ok := num(f.fields, "quic.cc.error_code.app"); ok {
		if w.old {
			data["application_code"] = code
		} else {
			data["application_error"], data["error_code"] = "unknown", code
		}
	} else if code, ok := num(f.fields, "quic.cc.error_code"); ok {
		if w.old {
			data["connection_code"] = code
		} else {
			data["connection_error"], data["error_code"] = "unknown", code
		}
	}
	if s := str(f.fields, "quic.cc.reason_phrase"); s != "" {
		data["reason"] = s
	}
	w.emit(at, category, "connection_closed", data)
}
