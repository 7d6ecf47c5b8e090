package bittorrent

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/netip"
	"net/url"
	"strings"

	"netscope/decoders"
	"netscope/decoders/bittorrent/bencode"
)

// OverHTTP is an HTTP decoder that also knows what trackers say over HTTP (BEP
// 3, 23, 48): it adds the announce to requests that carry an info hash and the
// bencoded answer to their responses. Everything else is HTTP's own business.
type OverHTTP struct{ HTTP decoders.Decoder }

var (
	_ decoders.Decoder = OverHTTP{}
	_ decoders.Bodier  = OverHTTP{}
)

// Name is that of the HTTP decoder.
func (d OverHTTP) Name() string { return d.HTTP.Name() }

// Probe is that of the HTTP decoder.
func (d OverHTTP) Probe(h decoders.Hint, dir decoders.Dir, prefix []byte, end bool) decoders.Verdict {
	return d.HTTP.Probe(h, dir, prefix, end)
}

// Body is that of the HTTP decoder.
func (d OverHTTP) Body(m decoders.Exposed, raw io.Reader) (io.Reader, error) {
	if b, ok := d.HTTP.(decoders.Bodier); ok {
		return b.Body(m, raw)
	}
	return raw, nil
}

// NewParser starts parsing one conversation.
func (d OverHTTP) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	return &overHTTP{d: d, hint: h, in: d.HTTP.NewParser(h, e), asked: map[uint64]string{}, open: map[uint64]*answer{}}
}

// overHTTP passes an HTTP parser's events on and adds to some.
type overHTTP struct {
	d     OverHTTP
	hint  decoders.Hint
	in    decoders.Parser
	asked map[uint64]string  // methods of requests to a tracker
	open  map[uint64]*answer // their responses
	head  [2]begun
}

// begun are bytes that the HTTP parser has used without an event: it has read
// the first lines of a head and waits for the others. The message that they
// belong to opens with the last of them.
type begun struct {
	off    int64
	raw    []byte
	within uint64 // what was opened last, if it is not closed: its bytes need not be kept
}

// maxHead is how much of a head that comes in pieces is kept, in bytes.
const maxHead = 32 << 10

// follow notes what an event opens and closes.
func (b *begun) follow(e *decoders.Event) {
	switch {
	case e.Op == decoders.Open:
		b.within = e.Key
	case e.Op == decoders.Close && e.Key == b.within:
		b.within = 0
	}
}

// keep notes what a step has used of a chunk, from the end of the last message
// that it has closed, unless it is the content of one that is open: that may be
// long.
func (b *begun) keep(c *decoders.Chunk, st *decoders.Step) {
	if b.within != 0 {
		b.raw = nil
		return
	}
	used, from := c.Buf[:min(st.Advance, len(c.Buf))], c.Off
	for i := range st.Events {
		if e := &st.Events[i]; e.Op == decoders.Close && e.Dir == c.Dir && e.End > from {
			from = e.End
		}
	}
	used = used[min(int(from-c.Off), len(used)):]
	switch {
	case len(st.Events) > 0 || b.off+int64(len(b.raw)) != from:
		b.off, b.raw = from, append(b.raw[:0], used[:min(len(used), maxHead)]...)
	case len(b.raw)+len(used) <= maxHead:
		b.raw = append(b.raw, used...)
	}
}

// answer is a response whose bytes are kept until it is whole.
type answer struct {
	ev     decoders.Event
	raw    []byte
	method string
}

// maxAnswer is the longest answer of a tracker that is read, in bytes.
const maxAnswer = 128 << 10

// Next implements [decoders.Parser].
func (p *overHTTP) Next(c decoders.Chunk) (decoders.Step, error) {
	if c.Gap > 0 {
		for k, a := range p.open {
			if a.ev.Dir == c.Dir {
				delete(p.open, k)
			}
		}
	}
	st, err := p.in.Next(c)
	var out []decoders.Event // made only if something is added
	for i := range st.Events {
		e := &st.Events[i]
		p.head[e.Dir&1].follow(e)
		var more *decoders.Event
		switch e.Op {
		case decoders.Open:
			p.opened(e)
			if a, b := p.open[e.Key], &p.head[e.Dir&1]; a != nil && e.Dir == c.Dir && e.Off >= b.off && e.Off < c.Off && b.off+int64(len(b.raw)) == c.Off {
				a.raw = append(a.raw, b.raw[e.Off-b.off:]...)
			}
		case decoders.Update:
			if a := p.open[e.Key]; a != nil {
				a.ev.Fields = append(a.ev.Fields[:len(a.ev.Fields):len(a.ev.Fields)], e.Fields...)
				if e.Summary != "" {
					a.ev.Summary = e.Summary
				}
			}
		case decoders.Close:
			if a := p.open[e.Key]; a != nil {
				a.take(&c, e.End)
				delete(p.open, e.Key)
				more = p.read(a)
			}
		}
		if more != nil && out == nil {
			out = append(out, st.Events[:i]...)
		}
		if more != nil {
			out = append(out, *more)
		}
		if out != nil {
			out = append(out, *e)
		}
	}
	if out != nil {
		st.Events = out
	}
	p.head[c.Dir&1].keep(&c, &st)
	for k, a := range p.open {
		if a.ev.Dir == c.Dir {
			a.take(&c, c.Off+int64(st.Advance))
			if len(a.raw) > maxAnswer {
				delete(p.open, k)
			}
		}
	}
	return st, err
}

// take keeps the bytes of a chunk that belong to the response, up to an offset.
func (a *answer) take(c *decoders.Chunk, end int64) {
	from := a.ev.Off + int64(len(a.raw))
	if lo, hi := from-c.Off, min(end-c.Off, int64(len(c.Buf))); a.ev.Dir == c.Dir && lo >= 0 && lo < hi {
		a.raw = append(a.raw, c.Buf[lo:hi]...)
	}
}

// opened looks at a message that begins.
func (p *overHTTP) opened(e *decoders.Event) {
	switch {
	case e.Kind == decoders.Request && e.Level == decoders.MessageLevel:
		uri, _ := decoders.Lookup(e.Fields, "http.request.uri")
		an, what, ok := readQuery(uri.Str)
		if !ok {
			return
		}
		if what == "announce" {
			e.Fields = append(e.Fields[:len(e.Fields):len(e.Fields)], an.fields()...)
			e.Summary = e.Name + " " + an.summary()
		} else {
			e.Fields = append(e.Fields[:len(e.Fields):len(e.Fields)], decoders.S("bittorrent.info_hash", an.InfoHash))
			e.Summary = e.Name + " scrape"
		}
		if len(p.asked) >= maxPending {
			clear(p.asked)
		}
		p.asked[e.Key] = e.Name
	case e.Kind == decoders.Response && e.ReplyTo != 0:
		if m, ok := p.asked[e.ReplyTo]; ok && len(p.open) < 16 {
			p.open[e.Key] = &answer{ev: *e, method: m}
		}
	}
}

// read decodes an answer that is whole.
func (p *overHTTP) read(a *answer) *decoders.Event {
	m := decoders.Exposed{Hint: p.hint, Dir: a.ev.Dir, Kind: a.ev.Kind, Proto: a.ev.Proto, Name: a.ev.Name, Fields: a.ev.Fields,
		Off: a.ev.Off, HeadLen: a.ev.HeadLen, Raw: a.raw, Total: int64(len(a.raw)), Request: &decoders.Exposed{Kind: decoders.Request, Name: a.method}}
	v, _, ok := p.d.content(m)
	if !ok {
		return nil
	}
	x := readAnswer(v)
	return &decoders.Event{Op: decoders.Update, Key: a.ev.Key, Dir: a.ev.Dir, Summary: a.ev.Summary + ": " + x.summary(), Fields: x.fields()}
}

// content is the bencoded content of a message and where it begins in the
// message's bytes, -1 if it is not there as such.
func (d OverHTTP) content(m decoders.Exposed) (v bencode.Value, base int, ok bool) {
	r, err := d.Body(m, bytes.NewReader(m.Raw))
	if err != nil {
		return v, 0, false
	}
	b, _ := io.ReadAll(io.LimitReader(r, maxAnswer))
	if len(b) < 2 || b[0] != 'd' {
		return v, 0, false
	}
	v, _, bad := bencode.Parse(b)
	base = -1
	if h := int(m.HeadLen); h >= 0 && h <= len(m.Raw) && bytes.HasPrefix(m.Raw[h:], b) {
		base = h
	}
	return v, base, bad == ""
}

// Explain adds a tracker's request or answer to the field tree of HTTP.
func (d OverHTTP) Explain(m decoders.Exposed) decoders.Field {
	f := d.HTTP.Explain(m)
	if _, ok := decoders.Lookup(m.Fields, "bittorrent.info_hash"); ok && m.Kind == decoders.Request {
		uri, _ := decoders.Lookup(m.Fields, "http.request.uri")
		f.Children = append(f.Children, explainQuery(uri.Str, m.Raw))
		return f
	}
	if m.Kind != decoders.Response || m.Request == nil {
		return f
	}
	if _, ok := decoders.Lookup(m.Request.Fields, "bittorrent.info_hash"); !ok {
		return f
	}
	if v, base, ok := d.content(m); ok {
		t := tree(v, "bt-tracker", "Tracker's answer", base, 0)
		t.Doc = "A bencoded dictionary (BEP 3): when to ask again, how many peers there are, and some of them."
		f.Children = append(f.Children, fit(t, int(max(m.Total, int64(len(m.Raw))))))
	}
	return f
}

// readQuery reads the query of a request to a tracker.
func readQuery(uri string) (a Announce, what string, ok bool) {
	path, query, _ := strings.Cut(uri, "?")
	hash := param(query, "info_hash")
	if len(hash) != 20 {
		return a, "", false
	}
	a.InfoHash = hexOf([]byte(hash))
	if strings.Contains(path, "scrape") {
		return a, "scrape", true
	}
	id := param(query, "peer_id")
	if len(id) != 20 {
		return a, "", false
	}
	a.PeerID, a.Event = hexOf([]byte(id)), clean(param(query, "event"))
	a.Port, a.Left = number(param(query, "port")), number(param(query, "left"))
	a.Downloaded, a.Uploaded = number(param(query, "downloaded")), number(param(query, "uploaded"))
	return a, "announce", true
}

// param is a parameter of a query, unescaped. Trackers want %XX for bytes that
// are no text; + is a plus sign to some clients, but in hashes all escape it.
func param(query, name string) string {
	for part := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(part, "="); k == name {
			if s, err := url.PathUnescape(v); err == nil {
				return s
			}
		}
	}
	return ""
}

func number(s string) int64 {
	n := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > 1<<58 {
			return 0
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n
}

func explainQuery(uri string, raw []byte) decoders.Field {
	start := max(bytes.Index(raw, []byte(uri)), 0)
	q := strings.IndexByte(uri, '?') + 1
	f := decoders.Field{Name: "bt-tracker", Label: "To the tracker", Off: start + q, Len: len(uri) - q,
		Doc: "What the peer tells the tracker about itself, as parameters of the query (BEP 3)."}
	if start+len(uri) > len(raw) {
		f.Off, f.Len, start = 0, 0, -1
	}
	off := q
	for part := range strings.SplitSeq(uri[q:], "&") {
		name, _, _ := strings.Cut(part, "=")
		v := param(part, name)
		c := decoders.Field{Name: "bt-tracker." + clean(name), Label: clean(name), Value: text([]byte(v)), Doc: queryDoc(name)}
		switch {
		case name == "info_hash":
			c.Name, c.Value = "bittorrent.info_hash", hexOf([]byte(v))
		case name == "peer_id":
			c.Name, c.Value = "bittorrent.peer_id", printableID([]byte(v))+", "+Client(v)
		}
		if start >= 0 {
			c.Off, c.Len = start+off, len(part)
		}
		off += len(part) + 1
		if len(f.Children) < maxNodes {
			f.Children = append(f.Children, c)
		}
	}
	return f
}

func queryDoc(name string) string {
	for _, d := range [...][2]string{
		{"info_hash", "The torrent: SHA-1 of its info dictionary, 20 bytes (BEP 3)."},
		{"peer_id", "The peer's own name for itself, 20 bytes (BEP 3, BEP 20)."},
		{"port", "Where the peer listens (BEP 3)."},
		{"uploaded", "Bytes since the peer said started (BEP 3)."},
		{"downloaded", "Bytes since the peer said started (BEP 3)."},
		{"left", "Bytes that the peer still lacks; 0 makes it a seed (BEP 3)."},
		{"event", "started, completed or stopped; without it this is a regular announce (BEP 3)."},
		{"compact", "1: peers as six bytes each (BEP 23)."},
		{"numwant", "How many peers it would like."},
		{"key", "Lets the peer prove itself when its address has changed."},
		{"no_peer_id", "The answer need not name peer IDs."},
	} {
		if d[0] == name {
			return d[1]
		}
	}
	return ""
}

// readAnswer reads a tracker's dictionary.
func readAnswer(v bencode.Value) Answer {
	var a Answer
	if f := v.Text("failure reason"); f != nil {
		a.Failure = text(f)
		return a
	}
	a.Interval, _ = v.Number("interval")
	a.Complete, _ = v.Number("complete")
	a.Incomplete, _ = v.Number("incomplete")
	a.Peers = compact(a.Peers, v.Text("peers"), 4)
	a.Peers = compact(a.Peers, v.Text("peers6"), 16)
	if l := v.Get("peers"); l != nil && l.Kind == bencode.List {
		for i := range l.Items[:min(len(l.Items), maxPeers)] {
			port, _ := l.Items[i].Number("port")
			if ip, err := netip.ParseAddr(string(l.Items[i].Text("ip"))); err == nil && port > 0 && port < 1<<16 {
				a.Peers = append(a.Peers, netip.AddrPortFrom(ip.WithZone(""), uint16(port)))
			}
		}
	}
	if files := v.Get("files"); files != nil && len(files.Items) > 0 { // a scrape
		a.Complete, _ = files.Items[0].Number("complete")
		a.Incomplete, _ = files.Items[0].Number("incomplete")
	}
	return a
}

// compact reads addresses of n bytes, each with a port (BEP 23).
func compact(out []netip.AddrPort, b []byte, n int) []netip.AddrPort {
	for ; len(b) >= n+2 && len(out) < maxPeers; b = b[n+2:] {
		a, _ := netip.AddrFromSlice(b[:n])
		out = append(out, netip.AddrPortFrom(a, binary.BigEndian.Uint16(b[n:])))
	}
	return out
}
