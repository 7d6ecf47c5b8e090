// Package all is the one explicit list of decoders. Adding a protocol is one
// folder beside this one and one line here.
package all

import (
	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/dns"
	"netscope/decoders/http1"
	"netscope/decoders/http2"
	"netscope/decoders/quic"
	"netscope/decoders/tls"
)

// List gives all decoders in the order in which they are asked. The last one
// accepts everything.
func List() []decoders.Decoder {
	return []decoders.Decoder{
		tls.Decoder{},
		http2.Decoder{}, // before http1, to which the preface is a bad request
		http1.Decoder{},
		quic.Decoder{},
		dns.Decoder{},
		data.Decoder{},
	}
}
