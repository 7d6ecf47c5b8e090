package tls

import (
	"bytes"
	"encoding/hex"
)

// extension is one extension of a message.
type extension struct {
	typ  uint16
	data []byte
}

// clientHello is what netscope keeps of a ClientHello (RFC 8446 §4.1.2).
type clientHello struct {
	version  uint16
	random   [32]byte
	session  []byte
	suites   []uint16
	exts     []extension
	sni      string
	alpn     []string
	versions []uint16
	groups   []uint16
	points   []byte
	sigs     []uint16
	shares   []uint16
	early    bool
	psk      bool
	bad      bool
}

// serverHello is what netscope keeps of a ServerHello or HelloRetryRequest
// (RFC 8446 §4.1.3).
type serverHello struct {
	version uint16
	random  [32]byte
	session []byte
	suite   uint16
	exts    []extension
	chosen  uint16 // by supported_versions, else the version above
	alpn    string
	share   uint16
	hasPSK  bool
	retry   bool
	etm     bool
	bad     bool
}

// retryRandom marks a ServerHello as a HelloRetryRequest (RFC 8446 §4.1.3).
var retryRandom = [32]byte{
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
}

// parseExtensions reads a vector of extensions. Whoever has none may leave the
// vector out.
func parseExtensions(r *reader) []extension {
	if r.left() == 0 {
		return nil
	}
	e := reader{b: r.vec(2)}
	var out []extension
	for e.left() > 0 && !e.bad {
		out = append(out, extension{uint16(e.num(2)), e.vec(2)})
	}
	r.bad = r.bad || e.bad
	return out
}

// parseClientHello reads the body of a ClientHello.
func parseClientHello(body []byte) clientHello {
	r := reader{b: body}
	h := clientHello{version: uint16(r.num(2))}
	copy(h.random[:], r.take(32))
	h.session = r.vec(1)
	h.suites = numbers(r.vec(2))
	r.vec(1)
	h.exts = parseExtensions(&r)
	for _, e := range h.exts {
		h.extension(e)
	}
	h.bad = r.bad
	return h
}

func (h *clientHello) extension(e extension) {
	r := reader{b: e.data}
	switch e.typ {
	case extServerName:
		list := reader{b: r.vec(2)}
		for list.left() > 0 && !list.bad {
			if typ, name := list.num(1), list.vec(2); typ == 0 && h.sni == "" {
				h.sni = string(name)
			}
		}
	case extGroups:
		h.groups = numbers(r.vec(2))
	case extPoints:
		h.points = r.vec(1)
	case extSignatures:
		h.sigs = numbers(r.vec(2))
	case extALPN:
		h.alpn = parseALPN(&r)
	case extVersions:
		h.versions = numbers(r.vec(1))
	case extKeyShare:
		list := reader{b: r.vec(2)}
		for list.left() > 0 && !list.bad {
			h.shares = append(h.shares, uint16(list.num(2)))
			list.vec(2)
		}
	case extEarlyData:
		h.early = true
	case extPSK:
		h.psk = true
	}
}

// parseALPN reads a list of protocol names (RFC 7301 §3.1).
func parseALPN(r *reader) (names []string) {
	list := reader{b: r.vec(2)}
	for list.left() > 0 && !list.bad {
		names = append(names, string(list.vec(1)))
	}
	return names
}

// best is the highest version offered; values that only test tolerance do not
// count.
func (h *clientHello) best() uint16 {
	if len(h.versions) == 0 {
		return h.version
	}
	v := uint16(0)
	for _, w := range h.versions {
		if !isGrease(w) {
			v = max(v, w)
		}
	}
	return v
}

// parseServerHello reads the body of a ServerHello or HelloRetryRequest.
func parseServerHello(body []byte) serverHello {
	r := reader{b: body}
	h := serverHello{version: uint16(r.num(2))}
	copy(h.random[:], r.take(32))
	h.retry = h.random == retryRandom
	h.session = r.vec(1)
	h.suite = uint16(r.num(2))
	r.num(1)
	h.exts = parseExtensions(&r)
	h.chosen = h.version
	for _, e := range h.exts {
		x := reader{b: e.data}
		switch e.typ {
		case extVersions:
			h.chosen = uint16(x.num(2))
		case extALPN:
			if names := parseALPN(&x); len(names) > 0 {
				h.alpn = names[0]
			}
		case extKeyShare:
			h.share = uint16(x.num(2))
		case extPSK:
			h.hasPSK = true
		case extEncryptThenMAC:
			h.etm = true
		}
	}
	h.bad = r.bad
	if v := h.chosen; v>>8 == 0x7f { // the drafts of TLS 1.3, the last of which are as the RFC
		h.chosen = tls13
	}
	return h
}

// parseV2Hello reads an SSL 2.0 compatible ClientHello (RFC 5246 appendix E.2),
// without the two bytes of its length. The challenge stands for the random.
func parseV2Hello(b []byte) clientHello {
	r := reader{b: b}
	r.num(1)
	h := clientHello{version: uint16(r.num(2))}
	suites, session, challenge := r.num(2), r.num(2), r.num(2)
	for list := r.take(suites); len(list) >= 3; list = list[3:] {
		if list[0] == 0 { // the others are cipher kinds of SSL 2.0
			h.suites = append(h.suites, uint16(be16(list[1:])))
		}
	}
	h.session = r.take(session)
	c := r.take(challenge)
	copy(h.random[max(0, 32-len(c)):], c)
	h.bad = r.bad
	return h
}

// small is h without what lies in the stream's bytes.
func (h clientHello) small() clientHello {
	h.session, h.exts, h.points = nil, nil, nil
	return h
}

// small is h without what lies in the stream's bytes.
func (h serverHello) small() serverHello {
	h.session, h.exts = bytes.Clone(h.session), nil
	return h
}

func hexString(b []byte) string { return hex.EncodeToString(b) }
