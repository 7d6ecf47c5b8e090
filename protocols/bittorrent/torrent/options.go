package torrent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"netscope/protocols/bittorrent/choker"
)

// Options say what to download or seed, and how.
type Options struct {
	Source string // a torrent file's path, or a magnet link
	Dir    string // nothing is written elsewhere; "": the current directory

	Bind  netip.Addr // accepts and makes connections at this address; invalid: all
	Port  uint16     // accepts peers there; 0: any that is free
	Peers []string   // known beforehand, host:port

	DownRate, UpRate float64 // bytes per second; 0: no limit
	MaxPeers         int     // connections at a time; 0: the client's usual
	NoPex            bool    // peers are not asked for others
	Policy           choker.Policy
	Until            Until
}

// Until says when to leave.
type Until struct {
	Leave bool          // as soon as everything is there
	For   time.Duration // of seeding; 0: no limit
	Ratio float64       // of bytes sent to the torrent's length; 0: no limit
}

// Over reports whether it is time to leave: everything has been there for a
// while, and so many bytes of so many have been sent.
func (u Until) Over(seeding time.Duration, sent, length int64) bool {
	return u.Leave || u.For > 0 && seeding >= u.For || u.Ratio > 0 && float64(sent) >= u.Ratio*float64(length)
}

// maxPeers bounds what a person can ask for: each connection costs memory.
const maxPeers = 2000

// check finds what cannot be meant. Errors are one sentence.
func (o *Options) check() error {
	switch {
	case o.DownRate < 0 || o.UpRate < 0:
		return errors.New("a rate limit cannot be negative; 0 is no limit")
	case o.MaxPeers < 0 || o.MaxPeers > maxPeers:
		return fmt.Errorf("the number of peers must be 1 to %d", maxPeers)
	case o.Until.For < 0 || o.Until.Ratio < 0:
		return errors.New("the time and the ratio of seeding cannot be negative")
	}
	for _, p := range o.Peers {
		if err := checkPeer(p); err != nil {
			return err
		}
	}
	return nil
}

// checkPeer demands host:port.
func checkPeer(s string) error {
	host, port, err := net.SplitHostPort(s)
	n, err2 := strconv.ParseUint(port, 10, 16)
	if err != nil || err2 != nil || n == 0 || host == "" {
		return fmt.Errorf("%q is no peer: name one as 192.0.2.1:6881 or [2001:db8::1]:6881", s)
	}
	return nil
}

// Policies are the chokers that can be chosen, by name.
func Policies() map[string]choker.Policy {
	return map[string]choker.Policy{"textbook": choker.Textbook(), "bep3": choker.BEP3(), "mainline4": choker.Mainline4()}
}
