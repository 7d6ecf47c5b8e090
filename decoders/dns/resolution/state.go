package resolution

import (
	"slices"

	"netscope/decoders/timeline"
)

// Entry is an RRset in a cache.
type Entry struct {
	Name, Type string
	Sort       string // "answer", "nodata", "nxdomain" (RFC 2308)
	Rank       string
	Value      []string
	From       timeline.Time // when it was inserted
	Until      timeline.Time // when its TTL runs out
	Secure     bool
	Bogus      bool
	Forged     bool // a forged answer was taken for true
	Stale      bool // the zone says something else since
	Hits       int
	Hit        timeline.Time // the last one; < 0 none
}

// Left is how long it may still be used, in seconds; ≤ 0: it has expired.
func (e *Entry) Left(now timeline.Time) float64 { return (e.Until - now).Seconds() }

// Negative reports whether it says that there is nothing.
func (e *Entry) Negative() bool { return e.Sort == "nodata" || e.Sort == "nxdomain" }

// Asked is a question to a cache.
type Asked struct {
	Name, Type string
	At         timeline.Time
	Hit        bool
}

// Cache is what a resolver remembers.
type Cache struct {
	Host     string
	Entries  []Entry // the oldest first
	Hits     int
	Misses   int
	Rejected int   // datagrams that were not accepted
	Forged   int   // forged answers that were
	Last     Asked // the last question to it
	shared   bool
}

// Validation is what a resolver has found out about the signature of an RRset.
type Validation struct {
	Host, Name, Type, Status, Reason string
	At                               timeline.Time
}

// State is all caches at one place of the timeline.
type State struct {
	Caches []*Cache // in the order in which their hosts first spoke
	Chain  []Validation
	Count  int // events folded

	edited []Event // RRsets that were changed in their zones
}

const (
	maxEntries = 1 << 12 // of a cache
	maxChain   = 128
)

// Clone makes an independent copy; caches are copied when they are written to.
func (s *State) Clone() *State {
	for _, c := range s.Caches {
		c.shared = true
	}
	return &State{Caches: slices.Clone(s.Caches), Chain: slices.Clone(s.Chain), Count: s.Count, edited: slices.Clone(s.edited)}
}

// Cache is the cache of a host, or nil.
func (s *State) Cache(host string) *Cache {
	for _, c := range s.Caches {
		if c.Host == host {
			return c
		}
	}
	return nil
}

// own is a host's cache to be written to.
func (s *State) own(host string) *Cache {
	for i, c := range s.Caches {
		if c.Host != host {
			continue
		}
		if c.shared {
			d := *c
			d.shared, d.Entries = false, slices.Clone(c.Entries)
			s.Caches[i], c = &d, &d
		}
		return c
	}
	c := &Cache{Host: host}
	s.Caches = append(s.Caches, c)
	return c
}

func (c *Cache) find(name, typ string) int {
	for i := len(c.Entries) - 1; i >= 0; i-- {
		if e := &c.Entries[i]; e.Name == name && e.Type == typ {
			return i
		}
	}
	return -1
}

func (c *Cache) drop(i int) { c.Entries = append(c.Entries[:i], c.Entries[i+1:]...) }

// Apply folds one event in.
func (s *State) Apply(e *Event) {
	s.Count++
	if e.Kind == "zone-edited" {
		s.edit(e)
		return
	}
	if e.Kind == "validated" {
		s.Chain = append(s.Chain, Validation{e.Host, e.Name, e.Type, e.Status, e.Reason, e.At})
		if len(s.Chain) > maxChain {
			s.Chain = append([]Validation(nil), s.Chain[maxChain/2:]...)
		}
		return
	}
	c := s.own(e.Host)
	i := c.find(e.Name, e.Type)
	switch e.Kind {
	case "cache-insert":
		if i >= 0 {
			c.drop(i)
		} else if len(c.Entries) >= maxEntries {
			c.drop(0)
		}
		n := Entry{Name: e.Name, Type: e.Type, Sort: e.Sort, Rank: e.Rank, Value: e.Value, From: e.At,
			Until: e.At + timeline.Time(min(max(e.TTL, 0), 1e9)*1e9), Secure: e.Secure, Hit: -1}
		c.Entries = append(c.Entries, n)
	case "cache-hit":
		c.Hits++
		c.Last = Asked{e.Name, e.Type, e.At, true}
		if i >= 0 {
			c.Entries[i].Hits++
			c.Entries[i].Hit = e.At
		}
	case "cache-miss":
		c.Misses++
		c.Last = Asked{e.Name, e.Type, e.At, false}
	case "cache-expire", "cache-evict":
		if i >= 0 {
			c.drop(i)
		}
	case "cache-flush":
		c.Entries = nil
	case "forged-rejected":
		c.Rejected += max(e.Count, 1)
	case "forged-accepted":
		c.Forged++
		if i >= 0 {
			c.Entries[i].Forged = true
		}
	}
}

// edit marks what caches still remember of a zone as it was.
func (s *State) edit(e *Event) {
	s.edited = append(s.edited, *e)
	for i := range s.Caches {
		host := s.Caches[i].Host
		if k := s.Caches[i].find(e.Name, e.Type); k >= 0 && s.Caches[i].Entries[k].Sort == "answer" && !overlap(s.Caches[i].Entries[k].Value, e.Value) {
			s.own(host).Entries[k].Stale = true
		} else if k >= 0 && s.Caches[i].Entries[k].Negative() {
			s.own(host).Entries[k].Stale = true
		}
	}
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}
