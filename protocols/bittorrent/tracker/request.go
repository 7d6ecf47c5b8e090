package tracker

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Event says why a peer announces. The numbers are BEP 15's.
type Event uint32

// Events.
const (
	None      Event = 0 // a regular announce
	Completed Event = 1 // the download has just finished
	Started   Event = 2 // the first announce
	Stopped   Event = 3 // the peer leaves
)

// String gives the event as HTTP's parameter has it; "" for None.
func (e Event) String() string {
	switch e {
	case None:
		return ""
	case Completed:
		return "completed"
	case Started:
		return "started"
	case Stopped:
		return "stopped"
	}
	return fmt.Sprintf("event %d", uint32(e))
}

func eventOf(s string) Event {
	switch s {
	case "completed":
		return Completed
	case "started":
		return Started
	case "stopped":
		return Stopped
	}
	return None // "empty", "paused" (BEP 21) and what may come
}

// DefaultNumWant asks for as many peers as the tracker likes.
const DefaultNumWant = -1

// Announce is what a peer tells a tracker, over HTTP or UDP.
type Announce struct {
	InfoHash   Hash
	PeerID     PeerID
	Port       uint16     // where the peer listens
	Uploaded   int64      // bytes since Started
	Downloaded int64      // bytes since Started
	Left       int64      // bytes still to download; 0: a seed
	Event      Event      //
	NumWant    int        // peers wanted; DefaultNumWant: the tracker's choice
	Key        uint32     // recognises the peer when its address changes; 0: none
	IP         netip.Addr // the peer's own idea of its address; usually invalid: none

	// HTTP only.
	Compact   bool   // wants compact peers (BEP 23)
	NoPeerID  bool   // dictionary peers need no IDs
	TrackerID string // what an earlier answer gave
}

// Query writes an announce as the query of an HTTP GET (BEP 3).
func (a Announce) Query() string {
	var b strings.Builder
	b.WriteString("info_hash=" + escape(a.InfoHash[:]))
	b.WriteString("&peer_id=" + escape(a.PeerID[:]))
	fmt.Fprintf(&b, "&port=%d&uploaded=%d&downloaded=%d&left=%d", a.Port, a.Uploaded, a.Downloaded, a.Left)
	if a.Compact {
		b.WriteString("&compact=1")
	} else {
		b.WriteString("&compact=0")
	}
	if a.NoPeerID {
		b.WriteString("&no_peer_id=1")
	}
	if a.NumWant >= 0 {
		fmt.Fprintf(&b, "&numwant=%d", a.NumWant)
	}
	if a.Event != None {
		b.WriteString("&event=" + url.QueryEscape(a.Event.String()))
	}
	if a.Key != 0 {
		fmt.Fprintf(&b, "&key=%08x", a.Key)
	}
	if a.IP.IsValid() {
		b.WriteString("&ip=" + url.QueryEscape(a.IP.String()))
	}
	if a.TrackerID != "" {
		b.WriteString("&trackerid=" + url.QueryEscape(a.TrackerID))
	}
	return b.String()
}

// escape writes bytes as an HTTP query has them. A space is %20, not +, which
// not all trackers read.
func escape(raw []byte) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range raw {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}

// maxParams bounds the parameters of a query that are looked at.
const maxParams = 256

// eachParam gives every parameter of a query, unescaped.
func eachParam(query string, yield func(k, v string) error) error {
	for i := 0; query != ""; i++ {
		if i == maxParams {
			return fmt.Errorf("the query has more than %d parameters", maxParams)
		}
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		k, v, _ := strings.Cut(pair, "=")
		k, err := url.QueryUnescape(k)
		if err == nil {
			v, err = url.QueryUnescape(v)
		}
		if err != nil {
			return fmt.Errorf("the query has a wrong escape: %w", err)
		}
		if err := yield(k, v); err != nil {
			return err
		}
	}
	return nil
}

// Why a request is refused.
var (
	ErrNoHash   = errors.New("info_hash is missing or not 20 bytes long")
	ErrNoPeerID = errors.New("peer_id is missing or not 20 bytes long")
	ErrNoPort   = errors.New("port is missing or not between 1 and 65535")
)

// ParseAnnounce reads the query of an HTTP announce. What it does not know it
// ignores; info_hash, peer_id and port must be there.
func ParseAnnounce(query string) (Announce, error) {
	a := Announce{NumWant: DefaultNumWant}
	var hash, id, port bool
	err := eachParam(query, func(k, v string) error {
		switch k {
		case "info_hash":
			hash = len(v) == len(a.InfoHash)
			copy(a.InfoHash[:], v)
		case "peer_id":
			id = len(v) == len(a.PeerID)
			copy(a.PeerID[:], v)
		case "port":
			n, err := strconv.ParseUint(v, 10, 16)
			a.Port, port = uint16(n), err == nil && n > 0
		case "uploaded":
			return amount(k, v, &a.Uploaded)
		case "downloaded":
			return amount(k, v, &a.Downloaded)
		case "left":
			return amount(k, v, &a.Left)
		case "event":
			a.Event = eventOf(v)
		case "numwant":
			if n, err := strconv.ParseInt(v, 10, 32); err == nil && n >= 0 {
				a.NumWant = int(n)
			}
		case "key":
			if n, err := strconv.ParseUint(v, 16, 32); err == nil {
				a.Key = uint32(n)
			}
		case "ip":
			a.IP, _ = netip.ParseAddr(v)
			a.IP = a.IP.WithZone("")
		case "compact":
			a.Compact = v == "1"
		case "no_peer_id":
			a.NoPeerID = v == "1"
		case "trackerid":
			a.TrackerID = v
		}
		return nil
	})
	switch {
	case err != nil:
	case !hash:
		err = ErrNoHash
	case !id:
		err = ErrNoPeerID
	case !port:
		err = ErrNoPort
	default:
		return a, nil
	}
	return Announce{}, err
}

// amount reads a number of bytes. One that is too large for us is as large as
// can be: some peers write 2⁶⁴−1 for "not known" while they lack the metadata.
func amount(k, v string, to *int64) error {
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%s is not a number of bytes: %.40q", k, v)
	}
	*to = int64(min(n, 1<<63-1))
	return nil
}
