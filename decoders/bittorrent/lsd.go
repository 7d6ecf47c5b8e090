package bittorrent

import (
	"strings"

	"netscope/decoders"
)

const (
	protoLSD = "BT-LSD"
	lsdStart = "BT-SEARCH * HTTP/1.1\r\n"
)

// isSearch reports whether a datagram is a local search for peers (BEP 14).
func isSearch(b []byte) bool { return len(b) > len(lsdStart) && string(b[:len(lsdStart)]) == lsdStart }

func searchEvent(b []byte) decoders.Event {
	e := decoders.Event{Proto: protoLSD, Name: "BT-SEARCH", Summary: "BT-SEARCH"}
	for line := range strings.SplitSeq(string(b[:min(len(b), 1400)]), "\r\n") {
		name, v, _ := strings.Cut(line, ":")
		v = clean(strings.TrimSpace(v))
		switch strings.ToLower(name) {
		case "infohash":
			e.Fields = append(e.Fields, decoders.S("bittorrent.info_hash", strings.ToLower(v)))
			e.Summary += ": who on this network has " + strings.ToLower(v) + "?"
		case "port":
			e.Fields = append(e.Fields, decoders.S("bittorrent.port", v))
		}
	}
	return e
}
