package netlab

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/waiter"
)

// tcpConn is a TCP connection of a lab host.
type tcpConn struct {
	*gonet.TCPConn // Read, Write, Close, CloseRead, CloseWrite, deadlines
	ep             tcpip.Endpoint
}

// SetLinger is as on *net.TCPConn: with 0, Close sends a reset.
func (c *tcpConn) SetLinger(sec int) error {
	c.ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: sec >= 0, Timeout: seconds(max(sec, 0))})
	return nil
}

// dialTCP opens a connection from a local address and port.
func (h *host) dialTCP(ctx context.Context, local, remote tcpip.FullAddress, proto tcpip.NetworkProtocolNumber) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var wq waiter.Queue
	ep, err := h.stack.NewEndpoint(tcp.ProtocolNumber, proto, &wq)
	if err != nil {
		return nil, sysError(err)
	}
	entry, ready := waiter.NewChannelEntry(waiter.WritableEvents | waiter.EventErr | waiter.EventHUp)
	wq.EventRegister(&entry)
	defer wq.EventUnregister(&entry)
	if err = ep.Bind(local); err == nil {
		err = ep.Connect(remote)
	}
	if _, started := err.(*tcpip.ErrConnectStarted); started {
		select {
		case <-ctx.Done():
			ep.Close()
			return nil, ctx.Err()
		case <-ready:
		}
		err = ep.LastError()
	}
	if err != nil {
		ep.Close()
		return nil, sysError(err)
	}
	return &tcpConn{gonet.NewTCPConn(&wq, ep), ep}, nil
}

// listener is a welcoming socket.
type listener struct {
	ep    tcpip.Endpoint
	wq    *waiter.Queue
	close sync.Once
	done  chan struct{}
}

func newListener(ep tcpip.Endpoint, wq *waiter.Queue) *listener {
	return &listener{ep: ep, wq: wq, done: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	entry, ready := waiter.NewChannelEntry(waiter.ReadableEvents | waiter.EventErr | waiter.EventHUp)
	l.wq.EventRegister(&entry)
	defer l.wq.EventUnregister(&entry)
	for {
		select {
		case <-l.done:
			return nil, l.failed(net.ErrClosed)
		default:
		}
		ep, wq, err := l.ep.Accept(nil)
		if err == nil {
			return &tcpConn{gonet.NewTCPConn(wq, ep), ep}, nil
		}
		if _, wait := err.(*tcpip.ErrWouldBlock); !wait {
			return nil, l.failed(sysError(err))
		}
		select {
		case <-ready:
		case <-l.done:
		}
	}
}

func (l *listener) failed(err error) error {
	return &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: err}
}

// Close implements net.Listener; connections accepted before stay open.
func (l *listener) Close() error {
	l.close.Do(func() {
		close(l.done)
		l.ep.Close()
	})
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr {
	a, err := l.ep.GetLocalAddress()
	if err != nil {
		return &net.TCPAddr{}
	}
	return &net.TCPAddr{IP: net.IP(a.Addr.AsSlice()), Port: int(a.Port)}
}

// sysError is the error that a real socket would give.
func sysError(err tcpip.Error) error {
	switch err.(type) {
	case *tcpip.ErrConnectionRefused:
		return syscall.ECONNREFUSED
	case *tcpip.ErrConnectionReset:
		return syscall.ECONNRESET
	case *tcpip.ErrPortInUse:
		return syscall.EADDRINUSE
	case *tcpip.ErrTimeout:
		return syscall.ETIMEDOUT
	case *tcpip.ErrHostUnreachable:
		return syscall.EHOSTUNREACH
	case *tcpip.ErrNetworkUnreachable:
		return syscall.ENETUNREACH
	case *tcpip.ErrBadLocalAddress, *tcpip.ErrNoPortAvailable:
		return syscall.EADDRNOTAVAIL
	case *tcpip.ErrInvalidEndpointState:
		return net.ErrClosed
	}
	return errors.New(err.String())
}
