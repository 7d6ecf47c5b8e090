package zone

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/miekg/dns"
)

// Bounds of a master file: a lab's zones have dozens of records.
const (
	maxFile    = 16 << 20
	maxRecords = 100_000
)

// DefaultTTL is the TTL, in seconds, of records before any $TTL (RFC 2308 §4).
const DefaultTTL = 3600

// Parse reads a master file (RFC 1035 §5). $ORIGIN and $TTL are known;
// $INCLUDE is refused, as a zone that a person types must not read files. name
// is what errors call the file.
func Parse(r io.Reader, origin, name string) (*Zone, error) {
	p := dns.NewZoneParser(io.LimitReader(r, maxFile), dns.Fqdn(origin), name)
	p.SetDefaultTTL(DefaultTTL)
	var rrs []dns.RR
	for rr, ok := p.Next(); ok; rr, ok = p.Next() {
		if len(rrs) == maxRecords {
			return nil, fmt.Errorf("%s has more than %d records: split it into zones", name, maxRecords)
		}
		rrs = append(rrs, rr)
	}
	if err := p.Err(); err != nil {
		var pe *dns.ParseError
		if errors.As(err, &pe) {
			return nil, fmt.Errorf("the zone cannot be read: %s", strings.TrimPrefix(pe.Error(), "dns: "))
		}
		return nil, fmt.Errorf("the zone %s cannot be read: %w", name, err)
	}
	return New(origin, rrs)
}

// ParseText is Parse of a string.
func ParseText(text, origin string) (*Zone, error) {
	return Parse(strings.NewReader(text), origin, dns.Fqdn(origin))
}
