package torrent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"netscope/protocols/bittorrent/tracker"
	"netscope/protocols/bittorrent/tracker/server"
	"netscope/protocols/lab"
)

// Tracking says how to be a tracker.
type Tracking struct {
	Bind     netip.Addr          // answers at this address; invalid: all
	Port     uint16              // of HTTP and UDP; 0: any that is free
	Interval time.Duration       // that peers are to announce at; 0: 30 min
	Only     []tracker.Hash      // torrents that are tracked; none: all
	Told     func(line string)   // is told of each announce in a line; may be nil
	Ready    func(urls []string) // is told where the tracker answers; may be nil
}

// Track answers peers over HTTP and UDP until ctx ends. It is work for package
// realnet.
func Track(ctx context.Context, w lab.World, o Tracking) error {
	h := w.Host("")
	l, p, err := listenBoth(h, o.Port)
	if err != nil {
		return err
	}
	port := l.Addr().(*net.TCPAddr).Port
	cfg := server.Config{Clock: w.Clock(), Rand: w.Rand("tracker"), Interval: o.Interval}
	if len(o.Only) > 0 {
		only := map[tracker.Hash]bool{}
		for _, x := range o.Only {
			only[x] = true
		}
		cfg.Allow = func(x tracker.Hash) bool { return only[x] }
	}
	if o.Told != nil {
		cfg.Told = func(from netip.AddrPort, a tracker.Announce, answer tracker.Answer) {
			o.Told(announced(from, a, answer))
		}
	}
	if o.Ready != nil {
		o.Ready(TrackerURLs(o.Bind, uint16(port)))
	}
	s := server.New(cfg)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 2)
	go func() { done <- s.Serve(ctx, l) }()
	go func() { done <- s.ServePacket(ctx, p) }()
	err = <-done
	cancel()
	if e := <-done; err == nil {
		err = e
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// TrackerURLs are where a tracker at an address and port answers.
func TrackerURLs(bind netip.Addr, port uint16) []string {
	at := "127.0.0.1"
	if bind.IsValid() && !bind.IsUnspecified() {
		at = bind.String()
	}
	where := net.JoinHostPort(at, strconv.Itoa(int(port))) + "/announce"
	return []string{"http://" + where, "udp://" + where}
}

// listenBoth takes the same port for TCP and UDP.
func listenBoth(h lab.Host, port uint16) (net.Listener, net.PacketConn, error) {
	for try := 0; ; try++ {
		l, err := h.Listen("tcp", net.JoinHostPort("", strconv.Itoa(int(port))))
		if err != nil {
			return nil, nil, explainListen(port, err)
		}
		p, err := h.ListenPacket("udp", net.JoinHostPort("", strconv.Itoa(l.Addr().(*net.TCPAddr).Port)))
		if err == nil {
			return l, p, nil
		}
		_ = l.Close()
		if port != 0 || try == 10 { // somebody else may have it for UDP only
			return nil, nil, explainListen(port, err)
		}
	}
}

// announced is an announce in a line.
func announced(from netip.AddrPort, a tracker.Announce, answer tracker.Answer) string {
	event := a.Event.String()
	if a.Event == tracker.None {
		event = "is there"
	}
	at := netip.AddrPortFrom(from.Addr().Unmap(), a.Port)
	if answer.Failure != "" {
		return fmt.Sprintf("%s   %s   %x   refused: %s", at, event, a.InfoHash[:4], answer.Failure)
	}
	return fmt.Sprintf("%s   %s   %x   %s left   %s sent   told of %s (%d with everything, %d without)", at, event, a.InfoHash[:4],
		FormatBytes(float64(max(a.Left, 0))), FormatBytes(float64(max(a.Uploaded, 0))), count(len(answer.Peers), "peer"), answer.Complete, answer.Incomplete)
}
