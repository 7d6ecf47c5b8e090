package run

import (
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/protocols/netlab"
)

// pacer keeps a child's virtual time below the parent's limit and hands actions
// on. All of it runs on the network's driver goroutine.
type pacer struct {
	in    *inbox
	out   *file.Writer
	s     *session
	limit time.Duration // a gate stands here
	fail  func(error)
	steps uint // events so far
	heap  *collector
}

// begin sets the first gate.
func (p *pacer) begin(n *netlab.Network) {
	p.limit = Forever
	p.obey()
}

// before is called before each event.
func (p *pacer) before() {
	if p.in.fresh.Load() {
		p.obey()
	}
	if p.steps++; p.steps%256 == 0 {
		p.heap.collect()
	}
}

// obey takes what is in the inbox.
func (p *pacer) obey() {
	limit, acts := p.in.take()
	for _, a := range acts {
		if err := p.s.actNow(a); err != nil {
			p.fail(err)
		}
	}
	if limit == p.limit {
		return
	}
	p.limit = limit
	if limit != Forever {
		p.s.net.Gate(limit, func() { p.gate(limit) })
	}
}

// gate lets nobody pass until the limit is another.
func (p *pacer) gate(at time.Duration) {
	if p.limit != at {
		return // set, and lifted since
	}
	now := p.s.net.Now()
	err := p.out.Meta(capture.Clock{At: p.s.net.Epoch().Add(p.s.net.Told())})
	if err == nil {
		err = p.out.Flush()
	}
	if err != nil {
		p.fail(err)
		return
	}
	for p.limit == at || p.limit <= now {
		<-p.in.changed
		p.obey()
	}
}
