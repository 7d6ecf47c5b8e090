package quic

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"netscope/decoders"
	"netscope/decoders/http3"
)

// plain shows the streams of an application protocol that netscope does not
// know: a message for each direction of each stream.
type plain struct {
	p    sink
	alpn string
	open map[plainKey]plainStream
}

type plainKey struct {
	d  decoders.Dir
	id int64
}

type plainStream struct {
	key    uint64
	n, gap int64
}

// speak makes the application of a connection when its first stream comes.
func (p *parser) speak(c *conn) {
	if c.app != nil {
		return
	}
	alpn := c.alpn
	if alpn == "" && len(c.offered) > 0 {
		alpn = c.offered[0]
	}
	if strings.HasPrefix(alpn, "h3") {
		c.app = http3.New(c.client, sink{p, c})
		return
	}
	c.app = &plain{p: sink{p, c}, alpn: alpn, open: map[plainKey]plainStream{}}
}

func (a *plain) Data(d decoders.Dir, id int64, data []byte, gap uint64, end bool) {
	k := plainKey{d, id}
	s, ok := a.open[k]
	if !ok {
		if len(a.open) >= maxStreams {
			return
		}
		name := "application data"
		if a.alpn != "" {
			name = printable(a.alpn) + " data"
		}
		s.key = a.p.Open(decoders.Event{Dir: d, Proto: proto, Name: "stream", Summary: fmt.Sprintf("stream %d: %s", id, name), Stream: id})
	}
	s.n += int64(len(data))
	s.gap += int64(gap)
	a.open[k] = s
	if end {
		a.close(k, "")
	}
}

func (a *plain) Reset(d decoders.Dir, id int64, code uint64) {
	if k := (plainKey{d, id}); a.open[k].key != 0 {
		a.close(k, fmt.Sprintf("the stream was reset with error 0x%x (RFC 9000 §3.5)", code))
	}
}

func (a *plain) Finish(why string) {
	for _, k := range sortedKeys(a.open) {
		a.close(k, why)
	}
}

func (a *plain) close(k plainKey, why string) {
	s := a.open[k]
	delete(a.open, k)
	if s.gap > 0 && why == "" {
		why = fmt.Sprintf("%s are missing in the capture", plural(int(s.gap), "byte"))
	}
	a.p.Close(k.d, s.key, s.n, s.n+s.gap, why)
}

// sortedKeys gives the streams in a fixed order.
func sortedKeys(m map[plainKey]plainStream) []plainKey {
	out := make([]plainKey, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b plainKey) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.d, b.d)) })
	return out
}
