package http3

import (
	"net"
	"time"
)

// socket is a UDP socket without the tricks that quic-go knows for those of
// the operating system: it must not be asked for a file descriptor, and the
// size of its buffers is not quic-go's business.
type socket struct{ net.PacketConn }

func (socket) SetReadBuffer(int) error  { return nil }
func (socket) SetWriteBuffer(int) error { return nil }

// dialed is a connected UDP socket that looks like one that is not.
type dialed struct{ net.Conn }

// ReadFrom implements net.PacketConn.
func (d dialed) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := d.Read(b)
	return n, d.RemoteAddr(), err
}

// WriteTo implements net.PacketConn; there is only one place to write to.
func (d dialed) WriteTo(b []byte, _ net.Addr) (int, error) { return d.Write(b) }

var (
	_ net.PacketConn                                = dialed{}
	_ interface{ SetReadDeadline(time.Time) error } = socket{}
)
