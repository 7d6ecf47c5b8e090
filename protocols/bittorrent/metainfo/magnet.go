package metainfo

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Magnet is a magnet link (BEP 9): what to ask peers for, and where they are.
type Magnet struct {
	InfoHash [20]byte // of xt=urn:btih, else HashV2 truncated
	HasV1    bool
	HashV2   [32]byte // of xt=urn:btmh, if HasV2 (BEP 52)
	HasV2    bool
	Name     string   // dn: only to be shown; the torrent's own counts
	Length   int64    // xl; 0: not said
	Trackers []string // tr
	Peers    []string // x.pe, host:port
}

// ErrMagnet says that a text is no magnet link that can be used.
var ErrMagnet = errors.New("this is not a usable magnet link")

const (
	maxMagnet = 64 << 10
	maxPeers  = 200
)

// ParseMagnet reads a magnet link.
func ParseMagnet(s string) (Magnet, error) {
	bad := func(format string, a ...any) (Magnet, error) {
		return Magnet{}, fmt.Errorf("%w: %s", ErrMagnet, fmt.Sprintf(format, a...))
	}
	if len(s) > maxMagnet {
		return bad("it is longer than %d bytes", maxMagnet)
	}
	s = strings.TrimSpace(s)
	if len(s) < 8 || !strings.EqualFold(s[:8], "magnet:?") {
		return bad("it does not begin with magnet:?")
	}
	var m Magnet
	for pair := range strings.SplitSeq(s[8:], "&") {
		k, v, _ := strings.Cut(pair, "=")
		v, err := url.QueryUnescape(v)
		if err != nil {
			return bad("%.60q has a wrong escape", pair)
		}
		k = strings.ToLower(k)
		if base, n, ok := strings.Cut(k, "."); ok && base != "x" {
			if _, err := strconv.ParseUint(n, 10, 16); err == nil {
				k = base // xt.1, tr.2: numbered parameters
			}
		}
		switch k {
		case "xt":
			if err := m.topic(v); err != nil {
				return Magnet{}, err
			}
		case "dn":
			m.Name = text(v)
		case "xl":
			if n, err := strconv.ParseInt(v, 10, 64); err == nil && n > 0 {
				m.Length = n
			}
		case "tr":
			if usable(v) && len(m.Trackers) < MaxTrackers {
				m.Trackers = append(m.Trackers, v)
			}
		case "x.pe":
			if validPeer(v) && len(m.Peers) < maxPeers {
				m.Peers = append(m.Peers, v)
			}
		}
	}
	switch {
	case !m.HasV1 && !m.HasV2:
		return bad("it has no xt=urn:btih:… that names a torrent")
	case !m.HasV1:
		copy(m.InfoHash[:], m.HashV2[:])
	}
	return m, nil
}

// topic reads an exact topic; those that are not BitTorrent's are ignored.
func (m *Magnet) topic(v string) error {
	const v1, v2 = "urn:btih:", "urn:btmh:"
	if len(v) < len(v1) {
		return nil
	}
	kind, h := strings.ToLower(v[:len(v1)]), v[len(v1):]
	var b []byte
	var err error
	switch {
	case kind == v1 && len(h) == 40:
		b, err = hex.DecodeString(h)
	case kind == v1 && len(h) == 32:
		b, err = base32.StdEncoding.DecodeString(strings.ToUpper(h))
	case kind == v1:
		err = errors.New("neither 40 hex digits nor 32 of base 32")
	case kind == v2: // a multihash: SHA-256 (0x12) of 32 bytes
		h = strings.ToLower(h)
		if len(h) != 68 || h[:4] != "1220" {
			return fmt.Errorf("%w: its btmh is not a SHA-256 multihash of 68 hex digits", ErrMagnet)
		}
		if b, err = hex.DecodeString(h[4:]); err == nil {
			copy(m.HashV2[:], b)
			m.HasV2 = true
			return nil
		}
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: its info-hash %.70q is wrong: %w", ErrMagnet, h, err)
	}
	copy(m.InfoHash[:], b)
	m.HasV1 = true
	return nil
}

// validPeer says whether s is host:port, with a literal address or a name.
func validPeer(s string) bool {
	if a, err := netip.ParseAddrPort(s); err == nil {
		return a.Port() != 0
	}
	host, port, ok := strings.Cut(s, ":")
	n, err := strconv.ParseUint(port, 10, 16)
	return ok && err == nil && n != 0 && host != "" && len(host) <= 253 &&
		strings.IndexFunc(host, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.')
		}) < 0
}

// String writes the link.
func (m Magnet) String() string {
	var p []string
	if m.HasV1 {
		p = append(p, "xt=urn:btih:"+hex.EncodeToString(m.InfoHash[:]))
	}
	if m.HasV2 {
		p = append(p, "xt=urn:btmh:1220"+hex.EncodeToString(m.HashV2[:]))
	}
	if m.Name != "" {
		p = append(p, "dn="+url.QueryEscape(m.Name))
	}
	if m.Length > 0 {
		p = append(p, "xl="+strconv.FormatInt(m.Length, 10))
	}
	for _, t := range m.Trackers {
		p = append(p, "tr="+url.QueryEscape(t))
	}
	for _, a := range m.Peers {
		p = append(p, "x.pe="+url.QueryEscape(a))
	}
	return "magnet:?" + strings.Join(p, "&")
}

// Tiers gives every tracker a tier of its own: a link does not rank them.
func (m Magnet) Tiers() [][]string {
	out := make([][]string, len(m.Trackers))
	for i, t := range m.Trackers {
		out[i] = []string{t}
	}
	return out
}

// Magnet gives the link to a torrent.
func (t *Torrent) Magnet() Magnet {
	m := Magnet{InfoHash: t.InfoHash, HasV1: t.Version != V2, HashV2: t.HashV2, HasV2: t.Version != V1, Name: t.Name, Length: t.Length}
	for _, tier := range t.Tiers {
		m.Trackers = append(m.Trackers, tier...)
	}
	return m
}

// FromMagnet makes the torrent of a link from the info dictionary that peers
// gave (BEP 9), if it has the link's hash.
func FromMagnet(m Magnet, info []byte) (*Torrent, error) {
	if !m.Matches(info) {
		return nil, fmt.Errorf("%w: the info dictionary that peers gave has another hash than the magnet link", ErrFormat)
	}
	t, err := ParseInfo(info)
	if err != nil {
		return nil, err
	}
	t.Tiers = m.Tiers()
	return t, nil
}
