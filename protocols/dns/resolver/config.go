package resolver

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/miekg/dns"

	"netscope/capture"
	"netscope/protocols/lab"
)

// Config is all that a resolver is told. Host, Clock and Rand are needed.
type Config struct {
	Host  lab.Host
	Clock lab.Clock
	Rand  *rand.Rand         // the resolver's own from now on
	Go    func(func())       // starts goroutines; nil: the go statement
	Note  func(capture.Note) // may be nil
	Trace func(Step)         // told of every exchange with a server; may be nil

	Roots []Hint // where the search begins
	// Forward, if not nil, names servers that do the work: they are asked with
	// RD set, and give the whole answer. None for a name: SERVFAIL.
	Forward func(name string) []netip.AddrPort
	Port    uint16 // where name servers listen; 0: 53

	Prime    bool // ask the root for its own servers first (RFC 8109)
	Minimise bool // tell each server only as much of the name as it needs (RFC 9156)
	IPv6     bool // use name servers' IPv6 addresses, too
	NoIPv4   bool
	UDPSize  uint16 // offered with EDNS; 0: no EDNS unless validating
	TCP      bool   // never ask over UDP

	Validate bool     // check signatures (RFC 4035 §5)
	Anchors  []dns.RR // DS or DNSKEY records that are trusted, of the root or any zone

	CacheSize   int           // RRsets; 0: 10,000; < 0: no cache
	MaxTTL      time.Duration // 0: a day
	MaxNegative time.Duration // 0: three hours (RFC 2308 §5)

	Timeout time.Duration // of the first attempt at a server; 0: 1.5 s. It doubles.
	Tries   int           // attempts at each server; 0: 3
	Random  bool          // choose among a zone's servers at random, not by RTT

	Guard  Guard
	Forged func(dns.RR) bool // the lab's knowledge of what is false; may be nil
}

// Guard says how hard it is to forge an answer (RFC 5452). The zero value is
// how a resolver should be, but for source ports, which are the host's choice.
type Guard struct {
	Port     uint16 // fixed source port; 0: not fixed
	Ports    int    // choose at random among so many from port 1024 on; 0: the host chooses
	IDs      int    // how many IDs there are; 0: 65,536
	MixCase  bool   // 0x20: random case in names, which the answer must repeat
	Naive    bool   // believe records about other people's names
	Birthday bool   // ask again for each of several equal questions
}

// Hint is a name server and its addresses.
type Hint struct {
	Name  string
	Addrs []netip.Addr
}

// Step is one exchange with a server, as told to Config.Trace.
type Step struct {
	Zone     string // whose server was asked
	Server   string // its name, "" if unknown
	Addr     netip.AddrPort
	Question dns.Question
	TCP      bool
	At       time.Time
	RTT      time.Duration
	Answer   *dns.Msg // nil if there was none
	Err      error
	Cause    string // why this question: "for gaia.cs.umass.edu. A", "address of ns1.example.net."
}

// Result is the answer to a question.
type Result struct {
	Rcode     int
	Answer    []dns.RR // aliases, then the records
	Authority []dns.RR // the SOA and the proof of what does not exist
	Status    Status
	Hit       bool   // everything came from the cache
	Why       string // of a failure, one sentence
}

// Bounds on the work for one question: whoever controls a zone controls what a
// resolver does for it.
const (
	maxQueries   = 100 // messages sent
	maxAliases   = 12
	maxReferrals = 24
	maxDepth     = 6 // name servers' addresses that need other name servers' addresses
	maxServers   = 13
	maxFlights   = 2048 // questions under way
)

func (c Config) normal() Config {
	if c.Go == nil {
		c.Go = func(f func()) { go f() }
	}
	if c.Note == nil {
		c.Note = func(capture.Note) {}
	}
	if c.Port == 0 {
		c.Port = 53
	}
	if c.CacheSize == 0 {
		c.CacheSize = 10_000
	}
	if c.MaxTTL == 0 {
		c.MaxTTL = 24 * time.Hour
	}
	if c.MaxNegative == 0 {
		c.MaxNegative = 3 * time.Hour
	}
	if c.Timeout == 0 {
		c.Timeout = 1500 * time.Millisecond
	}
	if c.Tries == 0 {
		c.Tries = 3
	}
	if c.Guard.IDs <= 0 || c.Guard.IDs > 1<<16 {
		c.Guard.IDs = 1 << 16
	}
	if c.Guard.Ports > 1<<16-1024 {
		c.Guard.Ports = 1<<16 - 1024
	}
	if c.Validate && c.UDPSize == 0 {
		c.UDPSize = 1232
	}
	return c
}
