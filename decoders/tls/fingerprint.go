package tls

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ja3 is the fingerprint of a client (Althouse and others, 2017): MD5 of
// version, suites, extensions, groups and point formats as decimal numbers.
func (h *clientHello) ja3() string {
	points := make([]uint16, len(h.points))
	for i, p := range h.points {
		points[i] = uint16(p)
	}
	text := strings.Join([]string{
		strconv.Itoa(int(h.version)), decimals(h.suites), decimals(extensionTypes(h.exts)), decimals(h.groups), decimals(points),
	}, ",")
	return fmt.Sprintf("%x", md5.Sum([]byte(text)))
}

// ja3s is the fingerprint of a server's answer.
func (h *serverHello) ja3s() string {
	var types []string
	for _, e := range h.exts {
		types = append(types, strconv.Itoa(int(e.typ)))
	}
	text := fmt.Sprintf("%d,%d,%s", h.version, h.suite, strings.Join(types, "-"))
	return fmt.Sprintf("%x", md5.Sum([]byte(text)))
}

// decimals joins numbers with dashes, without those of RFC 8701.
func decimals(list []uint16) string {
	var out []string
	for _, v := range list {
		if !isGrease(v) {
			out = append(out, strconv.Itoa(int(v)))
		}
	}
	return strings.Join(out, "-")
}

func extensionTypes(exts []extension) []uint16 {
	out := make([]uint16, len(exts))
	for i, e := range exts {
		out[i] = e.typ
	}
	return out
}

// ja4 is the fingerprint of a client by JA4 (FoxIO, 2023): what can be read in
// front, hashes of the sorted suites and extensions behind. transport is 't'
// for TCP, 'q' for QUIC.
func (h *clientHello) ja4(transport byte) string {
	suites := hexes(h.suites, true)
	exts := hexes(extensionTypes(h.exts), false)
	name := byte('i')
	var hashed []string
	for _, e := range exts {
		switch e {
		case "0000":
			name = 'd'
		case "0010":
		default:
			hashed = append(hashed, e)
		}
	}
	slices.Sort(hashed)
	text := strings.Join(hashed, ",")
	if len(h.sigs) > 0 {
		text += "_" + strings.Join(hexes(h.sigs, false), ",")
	}
	if len(exts) == 0 {
		text = ""
	}
	return fmt.Sprintf("%c%s%c%02d%02d%s_%s_%s", transport, ja4Version(h.best()), name, min(len(suites), 99), min(len(exts), 99),
		h.ja4ALPN(), short(strings.Join(suites, ",")), short(text))
}

func hexes(list []uint16, sorted bool) []string {
	var out []string
	for _, v := range list {
		if !isGrease(v) {
			out = append(out, fmt.Sprintf("%04x", v))
		}
	}
	if sorted {
		slices.Sort(out)
	}
	return out
}

func ja4Version(v uint16) string {
	switch v {
	case tls13:
		return "13"
	case tls12:
		return "12"
	case tls11:
		return "11"
	case tls10:
		return "10"
	case ssl3:
		return "s3"
	case ssl2:
		return "s2"
	}
	return "00"
}

// ja4ALPN is the first and last character of the first protocol.
func (h *clientHello) ja4ALPN() string {
	if len(h.alpn) == 0 || h.alpn[0] == "" {
		return "00"
	}
	a := h.alpn[0]
	first, last := a[0], a[len(a)-1]
	if !isAlnum(first) || !isAlnum(last) {
		return fmt.Sprintf("%x%x", first>>4, last&0xf)
	}
	return string([]byte{first, last})
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// short is the beginning of the SHA-256 of a text, zeros for an empty one.
func short(s string) string {
	if s == "" {
		return "000000000000"
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(s)))[:12]
}
