package stream

import (
	"cmp"
	"hash/maphash"
	"slices"

	"netscope/decoders"
)

// Assembler holds all state: unfinished datagrams, the flow table, and TCP's
// buffers. It is not safe for concurrent use.
type Assembler struct {
	opt   Options
	frags defragmenter
	table table
	buf   buffers
	flows uint32 // so far: the next one's index
}

// New makes an empty assembler.
func New(o Options) *Assembler {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def64 := func(v *int64, d int64) {
		if *v <= 0 {
			*v = d
		}
	}
	const second = 1e9
	def(&o.MaxFlows, 1<<16)
	def(&o.MaxDirBytes, 16<<20)
	def(&o.MaxTotal, 64<<20)
	def(&o.MaxDatagrams, 1024)
	def(&o.MaxFragBytes, 16<<20)
	def64(&o.FragTimeout, 60*second)
	def64(&o.IdleTCP, 24*3600*second)
	def64(&o.IdleUDP, 3600*second)
	a := &Assembler{opt: o}
	a.frags.maxCount, a.frags.maxBytes, a.frags.timeout = o.MaxDatagrams, o.MaxFragBytes, o.FragTimeout
	a.table.seed = maphash.MakeSeed()
	a.buf.rand = 1
	return a
}

// Add takes the next packet, in the order of their times, and says in out what
// became of it.
func (a *Assembler) Add(p PacketIn, out *Result) {
	a.begin(out)
	h := &out.Header
	if !Parse(p.Link, p.Data, p.WireLen, h) {
		return
	}
	data, whole := p.Data, false
	for i := 0; h.Frag.Is; i++ { // a datagram may carry a tunnel with fragments in it
		f := h.Frag
		if p.Lost || i == maxDepth {
			return
		}
		part := data[f.DataOff : f.DataOff+f.DataLen]
		if whole {
			part = slices.Clone(part) // it lies in a buffer that add takes back
		}
		if data, whole = a.frags.add(&f, part, p.At); !whole {
			return
		}
		parseDatagram(&f, data, h)
	}
	if h.Transport == decoders.NoTransport {
		if whole {
			h.PayloadOff = -1
		}
		return
	}
	payload := data[h.PayloadOff : h.PayloadOff+h.PayloadLen]
	if whole {
		h.PayloadOff = -1
	}
	a.packet(&p, payload, out)
}

// packet sorts a packet with a transport into its conversation.
func (a *Assembler) packet(p *PacketIn, payload []byte, out *Result) {
	h := &out.Header
	a.expire(p.At, out)
	k, swapped := makeKey(h)
	hash := a.table.hash(&k)
	f := a.table.find(&k, hash)
	reused := f != nil && h.Transport == decoders.TCP && f.tcp.isReuse(f.dir(swapped), h)
	if f != nil && (reused || p.At-f.last > a.idle(f)) {
		a.end(f, out)
		f = nil
	}
	if f == nil {
		for a.table.count >= a.opt.MaxFlows {
			a.end(a.oldest(), out)
		}
		f = a.newFlow(h, k, swapped, p.At)
		a.table.insert(f, hash)
		out.NewFlow = true
	} else {
		a.table.touch(f, p.At)
	}
	out.Flow, out.Dir = f, f.dir(swapped)
	if f.tcp == nil {
		out.Payload = payload
		return
	}
	if reused {
		out.Analysis |= PortReused
	}
	a.segment(f, p, payload, out)
}

// Flush is the end of the capture: holes are given up, what is buffered is
// delivered, and every conversation ends. The assembler is empty afterwards.
func (a *Assembler) Flush(out *Result) {
	a.begin(out)
	all := make([]*Flow, 0, a.table.count)
	for _, s := range a.table.slots {
		if s.flow != nil {
			all = append(all, s.flow)
		}
	}
	slices.SortFunc(all, func(x, y *Flow) int { return cmp.Compare(x.Index, y.Index) })
	for _, f := range all {
		a.end(f, out)
	}
	for a.frags.head != nil {
		a.frags.drop(a.frags.head)
	}
}

// begin prepares a result and takes back what the last one lent out.
func (a *Assembler) begin(out *Result) {
	a.buf.giveBack()
	clear(out.Ended)
	clear(out.Delivered)
	*out = Result{Ended: out.Ended[:0], Delivered: out.Delivered[:0]}
}

// dir is the direction of a packet whose key was swapped or not.
func (f *Flow) dir(swapped bool) decoders.Dir {
	if swapped != f.swapped {
		return decoders.BtoA
	}
	return decoders.AtoB
}

// idle is the silence that ends a flow, in nanoseconds.
func (a *Assembler) idle(f *Flow) int64 {
	if f.Transport == decoders.TCP {
		return a.opt.IdleTCP
	}
	return a.opt.IdleUDP
}

// expire ends conversations that have been silent for too long; few at a
// time, so that no packet waits for all of them.
func (a *Assembler) expire(now int64, out *Result) {
	for i := range a.table.lists {
		for n := 0; n < 4; n++ {
			f := a.table.lists[i].oldest
			if f == nil || now-f.last <= a.idle(f) {
				break
			}
			a.end(f, out)
		}
	}
}

// oldest is the conversation that has been silent longest.
func (a *Assembler) oldest() *Flow {
	f := a.table.lists[decoders.TCP].oldest
	if u := a.table.lists[decoders.UDP].oldest; f == nil || u != nil && u.last < f.last {
		f = u
	}
	return f
}

// end forgets a conversation.
func (a *Assembler) end(f *Flow, out *Result) {
	if f.tcp != nil {
		a.finish(f, out)
	}
	a.table.remove(f)
	out.Ended = append(out.Ended, f)
}
