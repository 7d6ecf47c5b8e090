package resolver

import (
	"container/list"
	"time"

	"github.com/miekg/dns"
)

// kind is what an entry of the cache says.
type kind uint8

const (
	answer   kind = iota // there are these records
	noData               // the name has none of this type
	nxDomain             // there is no such name
)

func (k kind) String() string { return [...]string{"answer", "nodata", "nxdomain"}[k%3] }

// rank is how much data is trusted, by where it stood in which message
// (RFC 2181 §5.4.1).
type rank uint8

const (
	fromGlue rank = iota
	fromReferral
	fromAnswer    // not from the zone's own server
	fromAuthority // an authoritative answer
)

func (r rank) String() string { return [...]string{"glue", "referral", "answer", "authority"}[r%4] }

// Status is what validation says.
type Status uint8

// The states of RFC 4033 §5. Unchecked means that nobody has tried.
const (
	Unchecked Status = iota
	Insecure
	Secure
	Bogus
)

// String is the state in lower case.
func (s Status) String() string { return [...]string{"unchecked", "insecure", "secure", "bogus"}[s%4] }

// key names an RRset. Type 0 stands for the absence of a name.
type key struct {
	name string
	t    uint16
}

// entry is an RRset, or the absence of one. Immutable once stored.
type entry struct {
	key    key
	kind   kind
	rank   rank
	rrs    []dns.RR
	sigs   []dns.RR
	proof  []dns.RR // of an absence: SOA and NSEC with signatures
	zone   string   // whose servers said it
	status Status
	ttl    time.Duration
	stored time.Time
}

// left is the TTL at a time; not above 0: expired.
func (e *entry) left(now time.Time) time.Duration { return e.ttl - now.Sub(e.stored) }

// cache keeps a bounded number of entries; the one that was not used for
// longest goes first.
type cache struct {
	max   int
	byKey map[key]*list.Element
	used  *list.List // of *entry, last used first
}

func newCache(max int) *cache {
	return &cache{max: max, byKey: map[key]*list.Element{}, used: list.New()}
}

// get finds an entry that has not expired; old is one that has, and is gone now.
func (c *cache) get(k key, now time.Time) (e, old *entry) {
	el := c.byKey[k]
	if el == nil {
		return nil, nil
	}
	e, _ = el.Value.(*entry)
	if e.left(now) <= 0 {
		c.drop(el)
		return nil, e
	}
	c.used.MoveToFront(el)
	return e, nil
}

// put stores an entry, unless what is there is trusted more. It tells whether
// it did, and which entry had to go.
func (c *cache) put(e *entry, now time.Time) (stored bool, evicted *entry) {
	if c.max < 0 || e.ttl <= 0 {
		return false, nil
	}
	if el := c.byKey[e.key]; el != nil {
		was, _ := el.Value.(*entry)
		if was.left(now) > 0 && (was.rank > e.rank || was.rank == e.rank && was.status > e.status && was.status == Secure) {
			return false, nil
		}
		el.Value = e
		c.used.MoveToFront(el)
		return true, nil
	}
	c.byKey[e.key] = c.used.PushFront(e)
	if c.used.Len() > c.max {
		last := c.used.Back()
		evicted, _ = last.Value.(*entry)
		c.drop(last)
	}
	return true, evicted
}

func (c *cache) drop(el *list.Element) {
	e, _ := el.Value.(*entry)
	delete(c.byKey, e.key)
	c.used.Remove(el)
}

// aged are copies of records with the TTL that is left, in whole seconds.
func aged(rrs []dns.RR, left time.Duration) []dns.RR {
	ttl := uint32(max((left+time.Second-1)/time.Second, 0))
	out := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		out[i] = dns.Copy(rr)
		out[i].Header().Ttl = min(ttl, rr.Header().Ttl)
	}
	return out
}
