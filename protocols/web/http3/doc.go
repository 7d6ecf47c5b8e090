// Package http3 is HTTP/3 (RFC 9114) over QUIC as a server and a client speak
// it on any [net.PacketConn]. The protocols themselves are quic-go's; this
// package gives them an identity, sockets of any network, and the handlers
// that the other versions of HTTP in this program use.
//
// Requests that a client makes with one call leave in their order. A server
// answers those that come at the same instant in the order of their streams
// (see [Server.Turn]); which stream's bytes go into the next packet is then
// quic-go's choice: a packet's worth of each response in turn, unless the
// client asks for an order (RFC 9218).
//
// It must not know of labs, of the emulated network or of what the site
// contains.
package http3

import (
	"time"

	"github.com/quic-go/quic-go"

	"netscope/protocols/web/http1"
)

const (
	// PacketSize is the size of a full QUIC packet, the payload of a UDP
	// datagram. No larger ones are tried: on a socket that cannot forbid
	// fragmentation, path MTU discovery (RFC 8899) is off.
	PacketSize = 1280
	// InitialWindow is how many full packets a sender may have in flight at
	// first.
	InitialWindow = 32
	// Burst is how many full packets leave at once before the rest is paced
	// (RFC 9002 §7.7).
	Burst = 10
)

// config is what both ends say of themselves: windows that never hold anything
// back, and more streams than a page has objects.
func config(idle time.Duration) *quic.Config {
	const window, streams = 16 << 20, 2000
	return &quic.Config{
		HandshakeIdleTimeout: idle, MaxIdleTimeout: idle,
		InitialStreamReceiveWindow: window, MaxStreamReceiveWindow: window,
		InitialConnectionReceiveWindow: window, MaxConnectionReceiveWindow: window,
		MaxIncomingStreams: streams, MaxIncomingUniStreams: 100,
		InitialPacketSize: PacketSize, DisablePathMTUDiscovery: true,
	}
}

// Handler answers a request.
type Handler = func(*http1.Request) http1.Reply
