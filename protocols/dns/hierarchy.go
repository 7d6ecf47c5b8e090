package dns

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"netscope/capture"
	"netscope/protocols/dns/dnssec"
	"netscope/protocols/dns/server"
	"netscope/protocols/dns/zone"
	"netscope/protocols/lab"
)

// hierarchy is a lab's zones and the servers that have them. Zones can be
// edited while the servers answer, and are signed if the lab wants that.
type hierarchy struct {
	w    lab.World
	book book
	sign dnssec.Algorithm // 0: not signed

	mu    sync.Mutex
	plain map[string]*zone.Zone // by origin, without signatures
	home  map[string][]string   // the hosts that serve a zone
	sets  map[string]*zone.Set  // by host
	keys  map[string]dnssec.Keys
	order []string // origins as they were added
}

func newHierarchy(w lab.World, b book, sign dnssec.Algorithm) *hierarchy {
	return &hierarchy{
		w: w, book: b, sign: sign,
		plain: map[string]*zone.Zone{}, home: map[string][]string{}, sets: map[string]*zone.Set{}, keys: map[string]dnssec.Keys{},
	}
}

// signing is the parameter of labs whose zones can be signed.
func signing() lab.Param {
	return lab.Param{Name: "dnssec", Label: "DNSSEC", Doc: "sign every zone, and have the local server check", Kind: lab.Choice, Choices: []string{"off", "Ed25519", "ECDSA"}, Max: 2}
}

func algorithm(p lab.Params) dnssec.Algorithm {
	return [...]dnssec.Algorithm{0, dnssec.Ed25519, dnssec.ECDSA}[min(max(p.Int("dnssec"), 0), 2)]
}

// add gives a zone to hosts. Zones are added from the root downwards.
func (h *hierarchy) add(origin, text string, hosts ...string) error {
	z, err := h.book.zone(origin, text)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sign != 0 {
		k, err := dnssec.NewKeys(z.Origin(), h.sign, h.w.Rand("keys/"+z.Origin()))
		if err != nil {
			return err
		}
		h.keys[z.Origin()] = k
	}
	h.plain[z.Origin()], h.home[z.Origin()] = z, hosts
	h.order = append(h.order, z.Origin())
	for _, host := range hosts {
		if h.sets[host] == nil {
			h.sets[host] = zone.NewSet()
		}
	}
	return nil
}

// start publishes all zones and starts a server for each host: the one that make
// gives, none if that is nil. options may be nil.
func (h *hierarchy) start(ctx context.Context, make func(host string, zs *zone.Set) *server.Server, options func(host string) server.Options) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	started := map[string]bool{}
	for _, origin := range h.order {
		if err := h.publish(origin); err != nil {
			return err
		}
		for _, host := range h.home[origin] {
			if started[host] {
				continue
			}
			started[host] = true
			s := &server.Server{Zones: h.sets[host]}
			if make != nil {
				s = make(host, h.sets[host])
			}
			if s == nil {
				continue
			}
			o := server.Options{}
			if options != nil {
				o = options(host)
			}
			if err := serveWith(ctx, h.w, host, s, o); err != nil {
				return err
			}
		}
	}
	if h.sign != 0 {
		k := h.keys["."]
		data, err := json.Marshal(map[string]string{"ds": k.DS().String(), "dnskey": k.Anchor().String()})
		if err != nil {
			return err
		}
		h.w.Note(capture.Note{Host: h.home["."][0], Proto: "dns", Name: "trust-anchor", Summary: "whoever checks signatures trusts this key of the root: " + k.DS().String(), Data: data})
	}
	return nil
}

// publish signs a zone and hands it to its servers.
func (h *hierarchy) publish(origin string) error {
	z := h.plain[origin]
	if h.sign != 0 {
		var ds []dns.RR
		for child, k := range h.keys {
			if child != origin && len(z.RRset(child, dns.TypeNS)) > 0 {
				ds = append(ds, k.DS())
			}
		}
		with, err := zone.New(origin, append(z.Records(), ds...))
		if err != nil {
			return err
		}
		now := h.w.Clock().Now()
		const valid = 30 * 24 * time.Hour
		if z, err = dnssec.Sign(with, h.keys[origin], now.Add(-time.Hour), now.Add(valid)); err != nil {
			return err
		}
	}
	for _, host := range h.home[origin] {
		h.sets[host].Replace(z)
	}
	return nil
}

// edit changes a zone while its servers answer.
func (h *hierarchy) edit(origin string, remove []zone.Key, add ...dns.RR) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	z := h.plain[dns.CanonicalName(origin)]
	if z == nil {
		return fmt.Errorf("there is no zone %q: the lab has %s", origin, strings.Join(h.order, " "))
	}
	z, err := z.Edit(remove, add)
	if err != nil {
		return err
	}
	h.plain[z.Origin()] = z
	if err := h.publish(z.Origin()); err != nil {
		return err
	}
	text := "serial " + fmt.Sprint(z.SOA().Serial)
	for _, rr := range add {
		text += "; added " + strings.Join(strings.Fields(rr.String()), " ")
	}
	for _, k := range remove {
		text += "; removed " + k.Name + " " + dns.Type(k.Type).String()
	}
	say(h.w, h.home[z.Origin()][0], "zone-edited", "zone "+z.Origin()+" was edited: "+text)
	return nil
}

// act carries out an action of kind "param" whose name is a zone's:
//
//	com.      add NAME [TTL] TYPE DATA
//	ibm.com.  delete NAME TYPE
func (h *hierarchy) act(a lab.Action) error {
	verb, rest, _ := strings.Cut(strings.TrimSpace(a.Text), " ")
	switch verb {
	case "add":
		rr, err := zone.ParseRecord(rest)
		if err != nil {
			return err
		}
		return h.edit(a.Name, nil, rr)
	case "delete":
		f := strings.Fields(rest)
		if len(f) == 2 {
			if t, ok := dns.StringToType[strings.ToUpper(f[1])]; ok {
				return h.edit(a.Name, []zone.Key{{Name: dns.Fqdn(f[0]), Type: t}})
			}
		}
	}
	return fmt.Errorf("%q does not say how to edit %s: write \"add www.example.com. 3600 A 192.0.2.1\" or \"delete www.example.com. A\"", a.Text, a.Name)
}
