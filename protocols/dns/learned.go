package dns

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/protocols/dns/resolver"
	"netscope/protocols/lab"
)

func (h *hierarchy) addrs(host string) []netip.Addr { return []netip.Addr{h.book.four[host]} }

// learnedData is what a note "learned" of a client says: the outcome of one of
// its questions.
type learnedData struct {
	Name  string   `json:"name"`
	Type  string   `json:"type"`
	Rcode string   `json:"rcode"`
	Value []string `json:"value"`
}

// learned tells what the client got to know.
func learned(w lab.World, name string, qtype uint16, res resolver.Result) {
	learnedBy(w, client, name, qtype, res)
}

func learnedBy(w lab.World, host, name string, qtype uint16, res resolver.Result) {
	d := learnedData{Name: name, Type: dns.Type(qtype).String(), Rcode: dns.RcodeToString[res.Rcode], Value: resolver.Values(res.Answer)}
	data, err := json.Marshal(d)
	if err != nil {
		data = nil
	}
	text := fmt.Sprintf("%s %s: %s", strings.TrimSuffix(name, "."), d.Type, outcome(res))
	w.Note(capture.Note{Host: host, Proto: "dns", Name: "learned", Summary: text, Data: data})
}

// lesson is a note "learned" at its time.
type lesson struct {
	at   timeline.Time
	host string
	learnedData
}

// lessons are what clients have learned by a position.
func lessons(s *timeline.Snapshot, at timeline.Position) []lesson {
	var out []lesson
	for _, n := range s.Notes() {
		if n.Position > at || n.Name != "learned" {
			continue
		}
		l := lesson{at: n.At, host: n.Host}
		if json.Unmarshal(n.Data, &l.learnedData) == nil {
			out = append(out, l)
		}
	}
	return out
}
