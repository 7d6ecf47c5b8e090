package resolver

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"

	"netscope/capture"
)

type data map[string]any

// note says what the resolver decided; see the package's comment.
func (r *Resolver) note(name, summary string, d data) {
	raw, err := json.Marshal(d)
	if err != nil {
		raw = nil
	}
	r.cfg.Note(capture.Note{Host: r.cfg.Host.Name(), Proto: "dns", Name: name, Summary: summary, Data: raw})
}

func (k key) String() string {
	if k.t == 0 {
		return k.name
	}
	return k.name + " " + typeName(k.t)
}

// data are the note's fields that name the key.
func (k key) data() data { return data{"name": k.name, "type": typeName(k.t)} }

func typeName(t uint16) string {
	if t == 0 {
		return "ANY"
	}
	return dns.Type(t).String()
}

// Values are the data of records in text, without owners and TTLs.
func Values(rrs []dns.RR) []string {
	out := make([]string, 0, len(rrs))
	for _, rr := range rrs {
		out = append(out, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return out
}

func (e *entry) what() string {
	switch e.kind {
	case noData:
		return "none of this type"
	case nxDomain:
		return "no such name"
	}
	return strings.Join(Values(e.rrs), ", ")
}

func (e *entry) data(left time.Duration) data {
	d := e.key.data()
	d["ttl"], d["value"], d["kind"] = left.Seconds(), Values(e.rrs), e.kind.String()
	return d
}

func (r *Resolver) noteInsert(e *entry) {
	d := e.data(e.ttl)
	d["rank"], d["secure"] = e.rank.String(), e.status == Secure
	r.note("cache-insert", fmt.Sprintf("%s is remembered for %v: %s", e.key, e.ttl, e.what()), d)
}

func (r *Resolver) noteHit(e *entry, left time.Duration) {
	r.note("cache-hit", fmt.Sprintf("%s is in the cache for another %v: %s", e.key, left.Round(time.Millisecond), e.what()), e.data(left))
}
