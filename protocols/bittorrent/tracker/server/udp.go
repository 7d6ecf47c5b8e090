package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

// maxUDPPeers6 keeps an answer over IPv6 within one packet.
const maxUDPPeers6 = 60

// ServePacket answers UDP (BEP 15) on a socket until ctx ends, and closes it.
func (s *Server) ServePacket(ctx context.Context, c net.PacketConn) error {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	defer func() { _ = c.Close() }()
	buf := make([]byte, 4096)
	for errs := 0; ; {
		n, from, err := c.ReadFrom(buf)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			if errs++; errs > 1000 {
				return err
			}
			continue
		}
		errs = 0
		addr, ok := addrOf(from)
		if !ok {
			continue
		}
		if out := s.Datagram(buf[:n], addr); out != nil {
			_, _ = c.WriteTo(out, from) // what cannot be sent is asked for again
		}
	}
}

func addrOf(a net.Addr) (netip.Addr, bool) {
	if u, ok := a.(*net.UDPAddr); ok {
		addr, ok := netip.AddrFromSlice(u.IP)
		return addr.Unmap(), ok
	}
	ap, err := netip.ParseAddrPort(a.String())
	return ap.Addr().Unmap().WithZone(""), err == nil
}

// Datagram answers one datagram; nil: there is no answer. Nobody gets more
// than was sent before the connection ID has shown that the address is theirs.
func (s *Server) Datagram(b []byte, from netip.Addr) []byte {
	r, err := tracker.ParseUDPRequest(b)
	if err != nil {
		return nil
	}
	resp := tracker.UDPResponse{Action: r.Action, Transaction: r.Transaction}
	epoch := s.epoch()
	refuse := func(why string) []byte {
		resp.Action, resp.Answer = tracker.ActionError, tracker.Answer{Failure: why}
		return resp.Append(nil, false)
	}
	if r.Action == tracker.ActionConnect {
		resp.ConnectionID = s.connectionID(from, epoch)
		return resp.Append(nil, false)
	}
	valid := false
	for e := epoch; e > epoch-3; e-- { // two minutes at least
		valid = valid || r.ConnectionID == s.connectionID(from, e)
	}
	if !valid {
		return refuse("bad ID")
	}
	v6 := from.Is6()
	if r.Action == tracker.ActionScrape {
		resp.Scrapes = s.Scrape(r.Hashes)
		return resp.Append(nil, v6)
	}
	if v6 && (r.Announce.NumWant < 0 || r.Announce.NumWant > maxUDPPeers6) {
		r.Announce.NumWant = maxUDPPeers6
	}
	f := onlyV4
	if v6 {
		f = onlyV6
	}
	if resp.Answer = s.answer(r.Announce, from, f); resp.Answer.Failure != "" {
		return refuse(resp.Answer.Failure)
	}
	return resp.Append(nil, v6)
}

func (s *Server) epoch() int64 { return s.cfg.Clock.Now().Unix() / int64(time.Minute/time.Second) }

// connectionID is computed, not kept: it costs nothing to be asked for many.
func (s *Server) connectionID(from netip.Addr, epoch int64) uint64 {
	m := hmac.New(sha256.New, s.secret[:])
	a := from.As16()
	m.Write(a[:])
	m.Write(binary.BigEndian.AppendUint64(nil, uint64(epoch)))
	return binary.BigEndian.Uint64(m.Sum(nil))
}
