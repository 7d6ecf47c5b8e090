package netlab

// Overhear has f called with every IP packet that a link brings to the host, on
// its way further or not, see lab.Overhear.
func (h *host) Overhear(f func(ip []byte)) { h.ear.Store(&f) }

// hears shows a packet to whoever listens. Driver goroutine only.
func (h *host) hears(ip []byte) {
	if f := h.ear.Load(); f != nil {
		(*f)(append([]byte(nil), ip...))
	}
}
