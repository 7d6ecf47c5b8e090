package quic

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netscope/decoders"
)

// TestHellosAgainstOracle compares ClientHello, ServerHello and
// EncryptedExtensions in QUIC with tshark's.
func TestHellosAgainstOracle(t *testing.T) {
	for _, path := range captures(t, "quic") {
		if _, err := os.Stat(path + ".oracle/tls_hello.tsv"); err != nil {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			r := read(t, path)
			list := func(m message, name, format string) string {
				var out []string
				for _, kv := range m.Fields {
					if kv.Name == name {
						if kv.Kind == decoders.StrValue {
							out = append(out, kv.Str)
						} else {
							out = append(out, fmt.Sprintf(format, kv.Int))
						}
					}
				}
				return strings.Join(out, "|")
			}
			who := map[string]string{"Client Hello": "client", "Server Hello": "server", "Hello Retry Request": "server", "Encrypted Extensions": "encrypted_extensions"}
			var got, want []string
			for _, h := range r.hits {
				m := r.msg(h)
				if w := who[m.Name]; w != "" && m.Level == decoders.MessageLevel {
					got = append(got, fmt.Sprintf("%d %s sni %s alpn %s ciphers %s ext %s random %s versions %s", h.frame, w, list(m, "tls.handshake.extensions_server_name", ""),
						list(m, "tls.handshake.extensions_alpn_str", ""), list(m, "tls.handshake.ciphersuite", "0x%04x"), list(m, "tls.handshake.extension.type", "%d"),
						list(m, "tls.handshake.random", ""), list(m, "tls.handshake.extensions.supported_version", "0x%04x")))
				}
			}
			for _, w := range table(t, path+".oracle/tls_hello.tsv") {
				if w["transport"] == "quic" {
					want = append(want, fmt.Sprintf("%s %s sni %s alpn %s ciphers %s ext %s random %s versions %s", w["frame"], w["who"], w["sni"], w["alpn"], w["ciphers"], w["extensions"], w["random"], w["supported_versions"]))
				}
			}
			same(t, got, want)
		})
	}
}
