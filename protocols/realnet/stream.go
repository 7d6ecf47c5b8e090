package realnet

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"netscope/capture/layers"
)

// most is the longest segment that is made, in bytes.
const most = 32 << 10

// stream is a TCP connection whose bytes are told.
type stream struct {
	net.Conn
	h             host
	local, remote netip.AddrPort

	mu  sync.Mutex
	seq [2]uint32 // next sequence number, ours and theirs
	fin [2]bool
	end sync.Once
}

// stream wraps a connection that was begun at start, and tells its handshake.
func (h host) stream(c net.Conn, start time.Time, dialled bool) net.Conn {
	s := &stream{Conn: c, h: h, local: addrPort(c.LocalAddr()), remote: addrPort(c.RemoteAddr())}
	if !s.local.IsValid() || !s.remote.IsValid() {
		return c
	}
	h.t.local(s.local.Addr())
	h.t.keep(s)
	now := time.Now()
	first := 0
	if !dialled {
		first = 1
	}
	s.tell(start, first, layers.Segment{SYN: true}, nil)
	s.tell(now, 1-first, layers.Segment{SYN: true, ACK: true}, nil)
	s.tell(now, first, layers.Segment{ACK: true}, nil)
	return s
}

// tell tells a segment of a side (0 this machine, 1 the other). mu is held, or
// nobody else has the stream yet.
func (s *stream) tell(at time.Time, side int, seg layers.Segment, payload []byte) {
	if s.h.opt.Untold {
		return
	}
	from, to := s.local, s.remote
	if side == 1 {
		from, to = to, from
	}
	seg.Seq, seg.Window = s.seq[side], 65535
	if seg.ACK {
		seg.Ack = s.seq[1-side]
	}
	if ip, err := layers.BuildTCP(from, to, seg, payload); err == nil {
		s.h.t.packet(at, ip)
	}
	s.seq[side] += uint32(len(payload))
	if seg.SYN || seg.FIN {
		s.seq[side]++
	}
}

// carry tells bytes of a side.
func (s *stream) carry(at time.Time, side int, b []byte) {
	if s.h.opt.Untold {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(b) > 0 && !s.fin[side] {
		n := min(len(b), most)
		s.tell(at, side, layers.Segment{ACK: true}, b[:n])
		b = b[n:]
	}
}

// over tells that a side sends nothing more.
func (s *stream) over(side int, reset bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fin[side] {
		return
	}
	s.fin[side] = true
	s.tell(time.Now(), side, layers.Segment{ACK: true, FIN: !reset, RST: reset}, nil)
}

// Read tells what it has read.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	if n > 0 {
		s.carry(time.Now(), 1, b[:n])
	}
	switch {
	case errors.Is(err, io.EOF):
		s.over(1, false)
	case errors.Is(err, syscall.ECONNRESET):
		s.over(1, true)
	}
	return n, err
}

// Write tells what it is about to write: an answer must not be told first.
func (s *stream) Write(b []byte) (int, error) {
	s.carry(time.Now(), 0, b)
	return s.Conn.Write(b)
}

// CloseWrite ends this machine's side only.
func (s *stream) CloseWrite() error {
	s.over(0, false)
	if c, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return s.Conn.Close()
}

// SetLinger is that of *net.TCPConn.
func (s *stream) SetLinger(sec int) error {
	if c, ok := s.Conn.(interface{ SetLinger(int) error }); ok {
		return c.SetLinger(sec)
	}
	return nil
}

// Close implements net.Conn.
func (s *stream) Close() error {
	s.end.Do(func() {
		s.over(0, false)
		s.h.t.forget(s)
	})
	return s.Conn.Close()
}
