package layers

import (
	"fmt"

	"netscope/capture"
)

// maxLayers bounds tunnels in tunnels. Real packets have fewer than ten layers.
const maxLayers = 40

// step is one layer that was found in a packet.
type step struct {
	proto proto
	b     []byte // from the layer's first byte to the end of what it carries
	off   int    // where b starts in the packet
	head  int    // length of the layer's own header: b[head:] is its payload
	wire  int    // what len(b) would be, had the capture not cut the packet
	info  any    // what gopacket decoded, for layers that have no renderer here
	err   string // why the layer is malformed
}

// walk finds the layers of one packet.
type walk struct {
	link  capture.LinkType
	data  []byte
	off   int // where the next layer starts
	end   int // where the captured bytes of the innermost layer end
	wend  int // where they would end on the wire
	steps []step
	err   string
	inner bool // this is a packet quoted in another
}

func walkPacket(link capture.LinkType, data []byte, length int) *walk {
	w := &walk{link: link, data: data[:len(data):len(data)], end: len(data), wend: max(length, len(data))}
	w.run(w.first())
	return w
}

// first says which protocol a packet of this link type starts with.
func (w *walk) first() proto {
	switch w.link {
	case capture.LinkNull, capture.LinkLoop:
		return pNull
	case capture.LinkEthernet:
		return pEthernet
	case capture.LinkPPP, capture.LinkPPPHDLC:
		return pPPP
	case capture.LinkRaw, capture.LinkRaw12, capture.LinkRaw14:
		return ipByVersion(w.rest())
	case capture.LinkIPv4:
		return pIPv4
	case capture.LinkIPv6:
		return pIPv6
	case capture.LinkSLL:
		return pSLL
	case capture.LinkSLL2:
		return pSLL2
	}
	return pNone
}

// rest is what is left to decode. Its capacity ends where it does, so that a
// decoder cannot reach into what follows.
func (w *walk) rest() []byte { return w.data[w.off:w.end:w.end] }

// run decodes layer after layer until one has no successor.
func (w *walk) run(p proto) {
	for n := 0; p != pNone; n++ {
		if n == maxLayers {
			w.err = fmt.Sprintf("more than %d layers in one packet; the rest is shown as bytes", maxLayers)
			return
		}
		if w.off >= w.end {
			if w.wend > w.end {
				w.err = fmt.Sprintf("the capture cut this packet before its %s header", p)
			} else if n > 0 || len(w.data) == 0 {
				w.err = fmt.Sprintf("the packet ends before its %s header", p)
			}
			return
		}
		p = w.one(p)
	}
}

// one decodes one layer and says which protocol follows.
func (w *walk) one(p proto) proto {
	switch p {
	case pNull:
		return w.null()
	case pSLL:
		return w.sll()
	case pSLL2:
		return w.sll2()
	case pPPP:
		return w.ppp()
	case pPPPoE:
		return w.pppoe()
	case pICMP, pICMPv6, pIGMP:
		// The whole message is one layer for people; gopacket would split it.
		return w.whole(p)
	case pTeredo:
		w.push(pTeredo, teredoHeader(w.rest()), nil)
		return pIPv6
	case pAtomic:
		return w.fragmentHeader()
	}
	return w.byGopacket(p)
}

// push adds a layer with a header of head bytes and moves on behind it.
func (w *walk) push(p proto, head int, info any) *step {
	head = min(max(head, 0), w.end-w.off)
	w.steps = append(w.steps, step{
		proto: p, b: w.rest(), off: w.off, head: head, wire: w.wend - w.off, info: info,
	})
	w.off += head
	return &w.steps[len(w.steps)-1]
}

// bound says that the innermost layer is n bytes long, header included.
func (w *walk) bound(s *step, n int) {
	if n < s.head {
		return
	}
	if s.off+n < w.wend {
		w.wend = s.off + n
	}
	if w.wend < w.end {
		w.end = w.wend
	}
	s.b = w.data[s.off:w.end:w.end]
	s.wire = w.wend - s.off
}

// stop ends decoding in the layer p, which is malformed or cut short. Its
// fields are shown as far as there are bytes. short says that bytes are missing,
// which may be the capture's doing.
func (w *walk) stop(p proto, reason string, short bool) proto {
	if short && w.wend > w.end {
		reason = fmt.Sprintf("the capture cut this packet within its %s header", p)
	}
	s := w.push(p, w.end-w.off, nil)
	w.err = reason
	if !short || !w.inner {
		s.err = reason // a quoted packet may end anywhere
	}
	return pNone
}

// whole takes everything that is left as one layer.
func (w *walk) whole(p proto) proto {
	w.push(p, w.end-w.off, nil)
	return pNone
}

// quoted walks a packet that an ICMP error carries. It is nearly always cut, so
// its true length is taken from its own IP header.
func (w *walk) quoted(off, end int, p proto) *walk {
	q := &walk{link: w.link, data: w.data[:end:end], off: off, end: end, wend: end + 1<<16, inner: true}
	q.run(p)
	return q
}
