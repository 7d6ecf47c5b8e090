// Package all is the one explicit list of decoders. Adding a protocol is one
// folder beside this one and one line here.
package all

import (
	"netscope/decoders"
	"netscope/decoders/bittorrent"
	"netscope/decoders/data"
	"netscope/decoders/dns"
	"netscope/decoders/http1"
	"netscope/decoders/http2"
	"netscope/decoders/qlog"
	"netscope/decoders/quic"
	"netscope/decoders/tls"
)

// List gives all decoders in the order in which they are asked. The last one
// accepts everything.
func List() []decoders.Decoder {
	return []decoders.Decoder{
		qlog.Decoder{}, // only what a qlog file holds
		tls.Decoder{},
		dns.OverHTTP{HTTP: http2.Decoder{}}, // before http1, to which the preface is a bad request
		bittorrent.Decoder{},
		dns.OverHTTP{HTTP: bittorrent.OverHTTP{HTTP: http1.Decoder{}}}, // HTTP/1, with DNS and trackers over it
		quic.Decoder{},
		dns.Decoder{},
		dns.Content{},
		bittorrent.Datagrams{}, // after dns: both are told by content
		bittorrent.Unopened{},
		data.Decoder{},
	}
}
