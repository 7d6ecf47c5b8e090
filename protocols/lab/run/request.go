package run

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// Forever is the limit of a run that nobody paces.
const Forever = time.Duration(1<<63 - 1)

// Request says what to run.
type Request struct {
	Lab     string
	Variant string
	Index   int           // k of 10.k.0.0/16; 0 means 1, the first variant
	Params  lab.Params    // those not named have their defaults
	Seed    uint64        // fixes every random choice
	Journal []lab.Action  // in any order
	Until   time.Duration // first limit of virtual time; 0 means Forever
	Wall    bool          // on the wall clock, for Expose and Reach
	Expose  []Forward     // real → lab; none means every service
	Reach   []Forward     // lab → real
	All     bool          // tell packets on every link, not only the sender's egress
	Only    string        // tell only what this host sends and receives

	// KeyLog is a file to which TLS secrets are appended, as SSLKEYLOGFILE names
	// it; "" none.
	KeyLog string `json:"-"`
}

// Forward joins a port of the real machine and one of a lab host.
type Forward struct {
	Network string // "tcp" or "udp"; "" means what the service uses, or both
	Real    string // "127.0.0.1:8080"; port 0 means any free one
	Host    string // "server"
	Port    uint16 // 80
}

// Hello is the first thing that a run tells.
type Hello struct {
	Lab     string
	Variant string
	Index   int
	Seed    uint64
	Params  lab.Params
	Start   time.Time // time of day at which the run's time is 0
	Hosts   []HostInfo
	Links   []LinkInfo
	Exposed []Exposed
}

// HostInfo is a host or router of the run.
type HostInfo struct {
	Name  string
	Role  string
	Kind  lab.NodeKind
	Addrs []netip.Addr
}

// LinkInfo is a link of the run.
type LinkInfo struct {
	Tap    capture.TapID
	Name   string
	A, B   string
	AB, BA lab.Path
}

// RTT is the time that a packet of no length takes to B and back.
func (l LinkInfo) RTT() time.Duration { return l.AB.Delay + l.BA.Delay }

// Exposed is one real address at which a lab's service can be reached.
type Exposed struct {
	Host    string
	Service string // "http"; empty for a port without a name
	Network string
	Port    uint16 // of the lab host
	Addr    string // "127.0.0.1:34567"
}

// End is the last thing that a run tells.
type End struct {
	Err string        // one sentence; empty when all went well
	At  time.Duration // the run's time
}

// ParseExpose reads [[ADDR:]PORT=]HOST:PORT, the argument of --expose.
func ParseExpose(s string) (Forward, error) {
	realPart, labPart, ok := strings.Cut(s, "=")
	if !ok {
		realPart, labPart = "0", s
	}
	host, port, err := hostPort(labPart)
	if err != nil {
		return Forward{}, fmt.Errorf("--expose %s: %w; write it as 8080=server:80", s, err)
	}
	if !strings.Contains(realPart, ":") {
		realPart = "127.0.0.1:" + realPart
	}
	if _, _, err := hostPort(realPart); err != nil {
		return Forward{}, fmt.Errorf("--expose %s: %w; write it as 8080=server:80", s, err)
	}
	return Forward{Real: realPart, Host: host, Port: port}, nil
}

// ParseReach reads HOST:PORT=ADDR:PORT, the argument of --reach.
func ParseReach(s string) (Forward, error) {
	labPart, realPart, _ := strings.Cut(s, "=")
	host, port, err := hostPort(labPart)
	if err == nil {
		_, _, err = hostPort(realPart)
	}
	if err != nil {
		return Forward{}, fmt.Errorf("--reach %s: %w; write it as server:12000=127.0.0.1:12000", s, err)
	}
	return Forward{Real: realPart, Host: host, Port: port}, nil
}

func hostPort(s string) (string, uint16, error) {
	host, text, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, fmt.Errorf("%q is not HOST:PORT", s)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("%q is not a port number", text)
	}
	return host, uint16(port), nil
}
