package session

import (
	"netscope/capture"
	"netscope/capture/store"
	"netscope/tui/view"
)

// OpenSource opens a source that is none of the kinds above: a client at work
// on the real network, say. The banner is a sentence that stays on the screen.
// What an endless one is kept of is bounded as for a live interface.
func (r Real) OpenSource(title, banner string, src capture.Source) *Session {
	spool, packets := r.Spool, r.MaxPackets
	if spool == 0 {
		spool = defaultSpool
	}
	if packets == 0 {
		packets = defaultPackets
	}
	o := r.options()
	o.Store, o.Details, o.MaxPackets = store.NewRing(spool), store.NewRing(spool/4), packets
	s := r.pump(src, o, func() error { return nil })
	s.Subject = view.Subject{Title: title, Kind: view.LiveSubject, Source: title}
	s.Banner = banner
	return s
}
