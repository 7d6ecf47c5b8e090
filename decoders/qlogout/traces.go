package qlogout

import (
	"encoding/json"
	"sort"
	"strconv"
	"time"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Options say what is written.
type Options struct {
	Old   bool                  // "qlog_version" 0.3 instead of the current form
	Title string                // of the traces: "lab http3, variant http3"
	Code  string                // what has written it: "netscope 1.2"
	Lab   bool                  // departures and arrivals are known
	Keys  decoders.SecretSource // key material beside what the timeline has; may be nil
	Only  []timeline.ConvID     // these conversations; nil: all that carry QUIC
}

// Trace is one connection as one vantage point has seen it.
type Trace struct{ json []byte }

// Traces makes the traces of a timeline's QUIC connections, none if it has none.
func Traces(s *timeline.Snapshot, o Options) ([]Trace, error) {
	var out []Trace
	list := o.Only
	if list == nil {
		for i := range s.Conversations() {
			list = append(list, timeline.ConvID(i))
		}
	}
	for _, id := range list {
		c := s.Conversation(id)
		if c.Transport != decoders.UDP || c.Parent != timeline.NoConv || !isQUIC(c.Proto) {
			continue
		}
		conn := observe(s, id, o.Keys)
		for _, v := range vantages(o.Lab) {
			b, err := json.Marshal(conn.trace(v, s, o))
			if err != nil {
				return nil, err
			}
			out = append(out, Trace{b})
		}
	}
	return out, nil
}

func isQUIC(proto string) bool { return proto == "QUIC" || proto == "HTTP/3" }

// vantage is a point of view. As an observer in the network it takes the
// client's side.
type vantage struct {
	kind   string
	server bool
}

func vantages(lab bool) []vantage {
	if lab {
		return []vantage{{"client", false}, {"server", true}}
	}
	return []vantage{{"network", false}}
}

// dir is the direction in which the vantage point sends.
func (v vantage) dir(client decoders.Dir) decoders.Dir {
	if v.server {
		return client.Other()
	}
	return client
}

// object is a JSON object; its members come out in the order of their names.
type object = map[string]any

// event is one event of a trace.
type event struct {
	Time json.RawMessage `json:"time"`
	Name string          `json:"name"`
	Data object          `json:"data"`

	at timeline.Time
}

// traceFile is a trace as it is written.
type traceFile struct {
	Title   string   `json:"title,omitempty"`
	Schemas []string `json:"event_schemas,omitempty"`
	Vantage object   `json:"vantage_point"`
	Common  object   `json:"common_fields"`
	Config  object   `json:"configuration,omitempty"`
	Events  []event  `json:"events"`
}

// trace makes the trace of a vantage point.
func (c *conn) trace(v vantage, s *timeline.Snapshot, o Options) traceFile {
	w := &writer{old: o.Old, lab: o.Lab, vantage: v, conn: c, me: v.dir(c.client), said: map[string]bool{}}
	w.write(s)
	sort.SliceStable(w.events, func(i, j int) bool { return w.events[i].at < w.events[j].at })
	f := traceFile{Title: o.Title, Vantage: object{"type": v.kind, "name": "netscope"}, Events: w.events}
	if v.kind == "network" {
		f.Vantage["flow"] = "client"
	}
	epoch := s.Epoch().UTC()
	f.Common = object{"group_id": c.group()}
	if o.Old {
		f.Common["protocol_type"] = []string{"QUIC", "HTTP3"}
		f.Common["time_format"] = "relative"
		f.Common["reference_time"] = json.RawMessage(millis(time.Duration(epoch.UnixNano())))
	} else {
		f.Schemas = []string{"urn:ietf:params:qlog:events:quic-12", "urn:ietf:params:qlog:events:http3-12"}
		f.Common["time_format"] = "relative_to_epoch"
		f.Common["reference_time"] = object{"clock_type": "system", "epoch": epoch.Format("2006-01-02T15:04:05.000000000Z07:00")}
	}
	if f.Events == nil {
		f.Events = []event{}
	}
	return f
}

// millis writes a time in milliseconds, to the nanosecond.
func millis(d time.Duration) string {
	return strconv.FormatFloat(float64(d/time.Millisecond), 'f', 0, 64) + fraction(d%time.Millisecond)
}

func fraction(d time.Duration) string {
	if d == 0 {
		return ""
	}
	digits := strconv.Itoa(int(d) + 1_000_000)[1:]
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return "." + digits
}

// Encode makes a file of traces.
func Encode(traces []Trace, o Options) ([]byte, error) {
	list := make([]json.RawMessage, len(traces))
	for i, t := range traces {
		list[i] = t.json
	}
	const about = "derived from captured packets; recovery by the rules of RFC 9002"
	var top any
	if o.Old {
		top = struct {
			Version     string            `json:"qlog_version"`
			Format      string            `json:"qlog_format"`
			Title       string            `json:"title"`
			Description string            `json:"description"`
			Traces      []json.RawMessage `json:"traces"`
		}{"0.3", "JSON", o.Code, about, list}
	} else {
		top = struct {
			Schema      string            `json:"file_schema"`
			Format      string            `json:"serialization_format"`
			Title       string            `json:"title"`
			Description string            `json:"description"`
			Traces      []json.RawMessage `json:"traces"`
		}{"urn:ietf:params:qlog:file:contained", "application/qlog+json", o.Code, about, list}
	}
	b, err := json.Marshal(top)
	return append(b, '\n'), err
}
