package resolution

import (
	"fmt"
	"slices"
	"testing"

	"netscope/capture/store"
	"netscope/decoders"
	dnsdecoder "netscope/decoders/dns"
	"netscope/decoders/timeline"
	"netscope/protocols/dns"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

func emulate(t *testing.T, l lab.Lab, variant string, set lab.Params) *timeline.Snapshot {
	t.Helper()
	p := lab.Defaults(l.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	b := timeline.NewBuilder(timeline.Options{Lab: true, Store: store.New(0), Details: store.New(0), Decoders: []decoders.Decoder{dnsdecoder.Decoder{}}})
	if _, end := run.InBubble(t, l, run.Request{Variant: variant, Params: p, Seed: 1}, b); end.Err != "" {
		t.Fatal(end.Err)
	}
	b.Finish(nil)
	return b.Snapshot()
}

// The eight messages of the textbook's figure, either way, and the two of the
// second lookup.
func TestEightMessages(t *testing.T) {
	for variant, want := range map[string][]string{
		"iterative": {"engineering.nyu.edu>dns.nyu.edu", "dns.nyu.edu>root", "root>dns.nyu.edu", "dns.nyu.edu>tld-edu", "tld-edu>dns.nyu.edu",
			"dns.nyu.edu>dns.cs.umass.edu", "dns.cs.umass.edu>dns.nyu.edu", "dns.nyu.edu>engineering.nyu.edu"},
		"recursive": {"engineering.nyu.edu>dns.nyu.edu", "dns.nyu.edu>root", "root>tld-edu", "tld-edu>dns.cs.umass.edu", "dns.cs.umass.edu>tld-edu",
			"tld-edu>root", "root>dns.nyu.edu", "dns.nyu.edu>engineering.nyu.edu"},
	} {
		s := emulate(t, dns.Resolve{}, variant, nil)
		var l Log
		l.Read(s)
		if len(l.Resolutions) != 2 {
			t.Fatalf("%s: %d resolutions", variant, len(l.Resolutions))
		}
		var got []string
		sum := timeline.Time(0)
		for _, i := range l.Upto(0, s.End()) {
			m := &l.Msgs[i]
			got = append(got, l.Nodes[m.From].Name()+">"+l.Nodes[m.To].Name())
			if d, ok := l.Own(i, s.End()); ok {
				sum += d
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%v\nwant\n%v", variant, got, want)
		}
		if sum != 130e6 {
			t.Errorf("%s: the round trips add up to %v s", variant, sum.Seconds())
		}
		if n := len(l.Upto(1, s.End())); n != 2 {
			t.Errorf("%s: the second lookup has %d messages", variant, n)
		}
	}
}

// Who waits for whom after the fourth message has arrived.
func TestWaits(t *testing.T) {
	for variant, want := range map[string]string{
		"iterative": "[engineering.nyu.edu:dns.nyu.edu dns.nyu.edu:tld-edu]",
		"recursive": "[engineering.nyu.edu:dns.nyu.edu dns.nyu.edu:root root:tld-edu tld-edu:dns.cs.umass.edu]",
	} {
		s := emulate(t, dns.Resolve{}, variant, nil)
		var l Log
		l.Read(s)
		p := l.Msgs[l.Upto(0, s.End())[3]].Done
		var got []string
		for _, w := range l.Waits(p, s.TimeOf(p)) {
			got = append(got, l.Nodes[w.From].Name()+":"+l.Nodes[w.To].Name())
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", variant, got, want)
		}
	}
}

// Servers are known by what they answer.
func TestZones(t *testing.T) {
	s := emulate(t, dns.Records{}, "query", nil)
	var l Log
	l.Read(s)
	for host, zone := range map[string]string{"root": ".", "tld-com": "com", "dns.ibm.com": "ibm.com", "local": ""} {
		k := slices.IndexFunc(l.Nodes, func(n Node) bool { return n.Host == host })
		if k < 0 || l.Nodes[k].Zone != zone {
			t.Errorf("%s has %+v, want %q", host, l.Nodes[max(k, 0)], zone)
		}
	}
}

// A cache remembers the old address until its TTL runs out.
func TestStale(t *testing.T) {
	s := emulate(t, dns.Cache{}, "change", nil)
	var tr Tracker
	stale := 0
	for p := timeline.Position(0); p <= s.End(); p++ {
		st := tr.At(s, p)
		for _, c := range st.Caches {
			for i := range c.Entries {
				e := &c.Entries[i]
				if e.Stale && e.Left(s.TimeOf(p)) > 0 {
					stale++
					if e.Name != "www.example.com" || !slices.Contains(e.Value, "192.0.2.1") {
						t.Fatalf("%+v is called stale", e)
					}
				}
			}
		}
	}
	if stale == 0 {
		t.Error("nobody sees the old address")
	}
}

// Going back gives the same caches as going forwards.
func TestBack(t *testing.T) {
	s := emulate(t, dns.Cache{}, "change", nil)
	var tr Tracker
	text := func(p timeline.Position) (out string) {
		for _, c := range tr.At(s, p).Caches {
			out += fmt.Sprintf("%s %d %d %d %v\n", c.Host, c.Hits, c.Misses, c.Forged, c.Entries)
		}
		return out
	}
	var there []string
	for p := timeline.Position(0); p <= s.End(); p += 7 {
		there = append(there, text(p))
	}
	for i := len(there) - 1; i >= 0; i-- {
		if text(timeline.Position(7*i)) != there[i] {
			t.Fatalf("position %d differs going back", 7*i)
		}
	}
}

// Forged answers that were taken for true are in the cache as such.
func TestForged(t *testing.T) {
	s := emulate(t, dns.Security{}, "fixed-port", nil)
	var tr Tracker
	forged := 0
	tr.At(s, s.End())
	for i := range tr.Log.Events {
		if e := &tr.Log.Events[i]; e.Kind == "forged-accepted" {
			c := tr.At(s, e.Pos).Cache(e.Host)
			if k := c.find(e.Name, e.Type); k < 0 || !c.Entries[k].Forged {
				t.Errorf("%s %s is not marked", e.Name, e.Type)
			}
			forged++
		}
	}
	if forged == 0 {
		t.Error("no forged answer was accepted")
	}
}
