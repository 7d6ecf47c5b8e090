package qlog

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"netscope/capture"
)

// File is a qlog file that has been read. It is a [capture.Source].
type File struct {
	traces []trace
	events []event
	cut    *capture.Truncated
	about  string
}

var _ capture.Source = (*File)(nil)

// trace is what one endpoint has written down of one connection.
type trace struct {
	vantage string // "client", "server", "network", "unknown"
	flow    string // of "network": whose side it takes
	name    string // of the vantage point
	title   string
	clock   clock
}

// event is one event of a trace.
type event struct {
	trace int
	at    time.Time
	name  string // without its category
	full  string
	data  json.RawMessage
}

// Run implements [capture.Source]: everything in order of time.
func (f *File) Run(ctx context.Context, sink capture.Sink) error {
	if err := f.announce(sink); err != nil {
		return err
	}
	var next capture.PacketID
	for i, e := range f.events {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t := &f.traces[e.trace]
		if e.name != "packet_sent" && e.name != "packet_received" {
			if err := sink.Meta(t.note(e)); err != nil {
				return err
			}
			continue
		}
		r := record{Vantage: t.vantage, Event: e.name}
		if json.Unmarshal(e.data, &r.Data) != nil {
			if err := sink.Meta(t.note(e)); err != nil {
				return err
			}
			continue
		}
		payload, err := r.encode()
		if err != nil {
			return fmt.Errorf("event %d of the log cannot be shown: %w", i+1, err)
		}
		b := datagram(e.trace, t.client() == (e.name == "packet_sent"), payload)
		p := capture.Packet{ID: next, At: e.at, Arrived: e.at, Link: capture.LinkRaw, Tap: capture.TapID(e.trace), Length: len(b), Data: b, Ref: -1}
		next++
		if err := sink.Packet(p); err != nil {
			return err
		}
	}
	if f.cut != nil {
		return sink.Meta(*f.cut)
	}
	return nil
}

// client reports whether what is sent, is sent by the client.
func (t *trace) client() bool {
	return t.vantage != "server" && (t.vantage != "network" || t.flow != "server")
}

// ends are the names of client and server; the one that wrote the log says so.
func (t *trace) ends() (client, server string) {
	client, server = "client", "server"
	switch t.vantage {
	case "client":
		client += " (its log)"
	case "server":
		server += " (its log)"
	}
	return client, server
}

// host is who wrote the log, as its notes are headed.
func (t *trace) host() string {
	c, s := t.ends()
	switch t.vantage {
	case "client":
		return c
	case "server":
		return s
	}
	return "log"
}

// announce tells what there is to know before the first packet.
func (f *File) announce(sink capture.Sink) error {
	metas := []capture.Meta{capture.Comment(f.about)}
	for i, t := range f.traces {
		what := "vantage point: " + t.vantage
		if t.flow != "" {
			what += ", flow of the " + t.flow
		}
		for _, s := range []string{t.name, t.title} {
			if s != "" {
				what += "; " + s
			}
		}
		c, s := t.ends()
		metas = append(metas, capture.Tap{ID: capture.TapID(i), Name: "qlog of the " + t.vantage, Description: what, Link: capture.LinkRaw},
			capture.Name{Addr: clientAddr(i), Host: c}, capture.Name{Addr: serverAddr(i), Host: s})
	}
	for _, m := range metas {
		if err := sink.Meta(m); err != nil {
			return err
		}
	}
	return nil
}

// note is an event that is no packet: something that the endpoint did or
// decided.
func (t *trace) note(e event) capture.Note {
	n := capture.Note{At: e.at, Host: t.host(), Proto: "qlog", Name: e.name, Summary: summary(e)}
	if len(e.data) > 0 && e.data[0] == '{' {
		n.Data = e.data
	}
	return n
}

// summary is a line about an event's data: its members, the simple ones.
func summary(e event) string {
	o := objectOf(e.data)
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	sort.Strings(names)
	var said []string
	size := 0
	for _, name := range names {
		v := o.text(name)
		if v == "" || size > 160 {
			continue
		}
		said = append(said, name+" "+v)
		size += len(name) + len(v)
	}
	line := strings.ReplaceAll(e.full, "_", " ")
	if len(said) > 0 {
		line += ": " + strings.Join(said, ", ")
	}
	if len(line) > 400 {
		line = strings.ToValidUTF8(line[:400], "") + "…"
	}
	return line
}

// describe says what the file is.
func (f *File) describe(form, title string) {
	var seen []string
	for _, t := range f.traces {
		seen = append(seen, t.vantage)
	}
	f.about = fmt.Sprintf("qlog (%s), vantage point: %s; the log has packets without their bytes: addresses are made up and bytes are its text", form, strings.Join(seen, ", "))
	if len(f.about) > 600 {
		f.about = f.about[:600] + "…"
	}
	if title != "" {
		f.about += "; " + title
	}
}
