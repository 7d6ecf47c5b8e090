package tracker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Action is what a UDP packet does (BEP 15).
type Action uint32

// Actions. An answer has the action of its question, or Error.
const (
	ActionConnect  Action = 0
	ActionAnnounce Action = 1
	ActionScrape   Action = 2
	ActionError    Action = 3
)

// String names the action as BEP 15 does.
func (a Action) String() string {
	switch a {
	case ActionConnect:
		return "connect"
	case ActionAnnounce:
		return "announce"
	case ActionScrape:
		return "scrape"
	case ActionError:
		return "error"
	}
	return fmt.Sprintf("action %d", uint32(a))
}

// ProtocolID stands where a connection ID would in a connect request.
const ProtocolID uint64 = 0x41727101980

// Sizes of packets in bytes, without what repeats or may follow.
const (
	connectSize        = 16
	announceSize       = 98
	scrapeSize         = 16
	connectAnswerSize  = 16
	announceAnswerSize = 20
	errorSize          = 8
	scrapeEntry        = 12
)

// UDPRequest is a packet from peer to tracker.
type UDPRequest struct {
	ConnectionID uint64 // ProtocolID for a connect
	Action       Action
	Transaction  uint32
	Announce     Announce // of ActionAnnounce
	Hashes       []Hash   // of ActionScrape
	URLData      string   // path and query of the tracker's address (BEP 41); "" usually
}

// UDPResponse is a packet from tracker to peer.
type UDPResponse struct {
	Action       Action
	Transaction  uint32
	ConnectionID uint64   // of ActionConnect
	Answer       Answer   // of ActionAnnounce; Failure of ActionError
	Scrapes      []Scrape // of ActionScrape, in the order asked
}

var (
	errUDPShort  = errors.New("the UDP tracker packet is too short")
	errUDPAction = errors.New("the UDP tracker packet has an unknown action")
)

// IsConnect says whether a datagram is a connect request, which begins every
// conversation with a UDP tracker and has a mark of 64 bits.
func IsConnect(b []byte) bool {
	return len(b) >= connectSize && binary.BigEndian.Uint64(b) == ProtocolID && binary.BigEndian.Uint32(b[8:]) == 0
}

// ParseUDPRequest reads a packet from a peer.
func ParseUDPRequest(b []byte) (UDPRequest, error) {
	if len(b) < connectSize {
		return UDPRequest{}, errUDPShort
	}
	be := binary.BigEndian
	r := UDPRequest{ConnectionID: be.Uint64(b), Action: Action(be.Uint32(b[8:])), Transaction: be.Uint32(b[12:])}
	switch r.Action {
	case ActionConnect:
		if r.ConnectionID != ProtocolID {
			return UDPRequest{}, errors.New("the connect request lacks the protocol's mark")
		}
	case ActionAnnounce:
		if len(b) < announceSize {
			return UDPRequest{}, errUDPShort
		}
		a := &r.Announce
		copy(a.InfoHash[:], b[16:])
		copy(a.PeerID[:], b[36:])
		a.Downloaded = clip(be.Uint64(b[56:]))
		a.Left = clip(be.Uint64(b[64:]))
		a.Uploaded = clip(be.Uint64(b[72:]))
		a.Event = Event(be.Uint32(b[80:]))
		if ip := be.Uint32(b[84:]); ip != 0 {
			a.IP = netip.AddrFrom4([4]byte(b[84:88]))
		}
		a.Key = be.Uint32(b[88:])
		a.NumWant = max(DefaultNumWant, int(int32(be.Uint32(b[92:]))))
		a.Port = be.Uint16(b[96:])
		a.Compact = true
		r.URLData = urlData(b[announceSize:])
	case ActionScrape:
		rest := b[scrapeSize:]
		n := min(len(rest)/20, MaxScrape)
		if n == 0 || len(rest)%20 != 0 {
			return UDPRequest{}, errors.New("the scrape's info-hashes are not 20 bytes each")
		}
		r.Hashes = make([]Hash, n)
		for i := range r.Hashes {
			copy(r.Hashes[i][:], rest[i*20:])
		}
	default:
		return UDPRequest{}, errUDPAction
	}
	return r, nil
}

func clip(n uint64) int64 { return int64(min(n, 1<<63-1)) }

// urlData joins BEP 41's options of type 2. What is wrong ends the options.
func urlData(b []byte) string {
	var out []byte
	for len(b) > 0 {
		switch b[0] {
		case 0:
			return string(out)
		case 1:
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			break
		}
		if b[0] == 2 {
			out = append(out, b[2:2+int(b[1])]...)
		}
		b = b[2+int(b[1]):]
	}
	return string(out)
}

// Append writes the packet.
func (r UDPRequest) Append(dst []byte) []byte {
	be := binary.BigEndian
	dst = be.AppendUint64(dst, r.ConnectionID)
	dst = be.AppendUint32(dst, uint32(r.Action))
	dst = be.AppendUint32(dst, r.Transaction)
	switch r.Action {
	case ActionAnnounce:
		a := r.Announce
		dst = append(dst, a.InfoHash[:]...)
		dst = append(dst, a.PeerID[:]...)
		for _, n := range []int64{a.Downloaded, a.Left, a.Uploaded} {
			dst = be.AppendUint64(dst, uint64(n))
		}
		dst = be.AppendUint32(dst, uint32(a.Event))
		var ip [4]byte
		if v4 := a.IP.Unmap(); v4.Is4() {
			ip = v4.As4()
		}
		dst = append(dst, ip[:]...)
		dst = be.AppendUint32(dst, a.Key)
		dst = be.AppendUint32(dst, uint32(int32(a.NumWant)))
		dst = be.AppendUint16(dst, a.Port)
		for s := r.URLData; s != ""; {
			n := min(len(s), 255)
			dst = append(dst, 2, byte(n))
			dst, s = append(dst, s[:n]...), s[n:]
		}
	case ActionScrape:
		for _, h := range r.Hashes {
			dst = append(dst, h[:]...)
		}
	}
	return dst
}

// ParseUDPResponse reads a packet from a tracker. v6 says that it came over
// IPv6, and so carries IPv6 peers; the bytes do not say.
func ParseUDPResponse(b []byte, v6 bool) (UDPResponse, error) {
	if len(b) < errorSize {
		return UDPResponse{}, errUDPShort
	}
	be := binary.BigEndian
	r := UDPResponse{Action: Action(be.Uint32(b)), Transaction: be.Uint32(b[4:])}
	switch r.Action {
	case ActionConnect:
		if len(b) < connectAnswerSize {
			return UDPResponse{}, errUDPShort
		}
		r.ConnectionID = be.Uint64(b[8:])
	case ActionAnnounce:
		if len(b) < announceAnswerSize {
			return UDPResponse{}, errUDPShort
		}
		size := compact4
		if v6 {
			size = compact6
		}
		peers, err := parseCompact(b[announceAnswerSize:], size)
		if err != nil {
			return UDPResponse{}, err
		}
		r.Answer = Answer{
			Interval:   seconds(int64(be.Uint32(b[8:]))),
			Incomplete: tally(be.Uint32(b[12:])),
			Complete:   tally(be.Uint32(b[16:])),
			Peers:      peers, Compact: true,
		}
	case ActionScrape:
		rest := b[errorSize:]
		if len(rest)%scrapeEntry != 0 {
			return UDPResponse{}, errors.New("the scrape's answer is not 12 bytes a torrent")
		}
		for i := 0; i < min(len(rest)/scrapeEntry, MaxScrape); i++ {
			e := rest[i*scrapeEntry:]
			r.Scrapes = append(r.Scrapes, Scrape{
				Complete: tally(be.Uint32(e)), Downloaded: tally(be.Uint32(e[4:])), Incomplete: tally(be.Uint32(e[8:])),
			})
		}
	case ActionError:
		if r.Answer.Failure = string(b[errorSize:]); r.Answer.Failure == "" {
			r.Answer.Failure = "the tracker gives no reason"
		}
	default:
		return UDPResponse{}, errUDPAction
	}
	return r, nil
}

func tally(n uint32) int { return int(min(n, 1<<31-1)) }

// Append writes the packet; of an announce's answer the peers of one family.
func (r UDPResponse) Append(dst []byte, v6 bool) []byte {
	be := binary.BigEndian
	dst = be.AppendUint32(dst, uint32(r.Action))
	dst = be.AppendUint32(dst, r.Transaction)
	switch r.Action {
	case ActionConnect:
		dst = be.AppendUint64(dst, r.ConnectionID)
	case ActionAnnounce:
		dst = be.AppendUint32(dst, uint32(r.Answer.Interval/time.Second))
		dst = be.AppendUint32(dst, uint32(max(0, r.Answer.Incomplete)))
		dst = be.AppendUint32(dst, uint32(max(0, r.Answer.Complete)))
		dst = appendCompact(dst, r.Answer.Peers, v6)
	case ActionScrape:
		for _, s := range r.Scrapes {
			dst = be.AppendUint32(dst, uint32(s.Complete))
			dst = be.AppendUint32(dst, uint32(s.Downloaded))
			dst = be.AppendUint32(dst, uint32(s.Incomplete))
		}
	case ActionError:
		dst = append(dst, r.Answer.Failure...)
	}
	return dst
}
