package dns

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// The test binary is its own child, as the program is.
func TestMain(m *testing.M) {
	if run.IsChild() {
		os.Exit(run.Child([]lab.Lab{Resolve{}, Records{}, Cache{}, Security{}}))
	}
	os.Exit(m.Run())
}

// exposed is a lab on the wall clock whose servers can be reached.
type exposed struct {
	t    *testing.T
	port map[string]string // by host
	mu   sync.Mutex
	seen map[string]string // data of notes by name
	note chan struct{}
}

func (e *exposed) Packet(capture.Packet) error { return nil }

func (e *exposed) Meta(m capture.Meta) error {
	if n, ok := m.(capture.Note); ok {
		e.mu.Lock()
		e.seen[n.Name] = string(n.Data)
		e.mu.Unlock()
		select {
		case e.note <- struct{}{}:
		default:
		}
	}
	return nil
}

// expose runs a lab whose round trips are short.
func expose(t *testing.T, id, variant string, p lab.Params) *exposed {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := run.Start(ctx, run.Request{Lab: id, Variant: variant, Params: p, Seed: 1, Wall: true})
	if err != nil {
		t.Fatal(err)
	}
	e := &exposed{t: t, port: map[string]string{}, seen: map[string]string{}, note: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Run(ctx, e) }()
	t.Cleanup(func() { cancel(); _ = r.Close(); <-done })
	for _, x := range r.Hello().Exposed {
		_, port, _ := net.SplitHostPort(x.Addr)
		if was := e.port[x.Host]; was != "" && was != port {
			t.Errorf("%s has the ports %s and %s: dig knows one", x.Host, was, port)
		}
		e.port[x.Host] = port
	}
	return e
}

// anchor waits for the lab's trust anchor.
func (e *exposed) anchor() (ds, dnskey string) {
	e.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		e.mu.Lock()
		text := e.seen["trust-anchor"]
		e.mu.Unlock()
		if text != "" {
			var a struct{ DS, DNSKEY string }
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				e.t.Fatal(err)
			}
			return a.DS, a.DNSKEY
		}
		select {
		case <-e.note:
		case <-limit:
			e.t.Fatal("the lab names no trust anchor")
		}
	}
}

func have(t *testing.T, program string) bool {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Errorf("%s is not installed, and NETSCOPE_REQUIRE_PEERS is set", program)
		}
		t.Logf("%s is not installed", program)
		return false
	}
	return true
}

// says runs a program and looks for words in what it prints.
func says(t *testing.T, words []string, program string, args ...string) {
	t.Helper()
	if !have(t, program) {
		return
	}
	var out []byte
	for range 3 { // the machine may be too busy for a program's patience
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		out, _ = exec.CommandContext(ctx, program, args...).CombinedOutput()
		cancel()
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(string(out), w)
		}
		if !missing {
			return
		}
	}
	t.Errorf("%s %s: not all of %q in\n%s", program, strings.Join(args, " "), words, out)
}

var quick = lab.Params{"rtt": 0.004, "rtt-local": 0.002}

func TestPrograms(t *testing.T) {
	e := expose(t, "dns-resolve", iterative, lab.Params{"rtt-local": 0.002, "rtt-root": 0.004, "rtt-tld": 0.004, "rtt-auth": 0.004})
	says(t, []string{gaiaAddr, "NOERROR", "flags: qr rd ra;"}, "dig", "@127.0.0.1", "-p", e.port[localDNS], "gaia.cs.umass.edu")
	says(t, []string{"dns.cs.umass.edu", "AUTHORITY: 1"}, "dig", "@127.0.0.1", "-p", e.port[tldDNS], "+norec", "gaia.cs.umass.edu")
	says(t, []string{gaiaAddr, " aa "}, "dig", "@127.0.0.1", "-p", e.port[authDNS], "+tcp", "gaia.cs.umass.edu")
	says(t, []string{gaiaAddr}, "kdig", "@127.0.0.1", "-p", e.port[localDNS], "gaia.cs.umass.edu")
	says(t, []string{gaiaAddr}, "drill", "-p", e.port[localDNS], "gaia.cs.umass.edu", "@127.0.0.1")
	says(t, []string{"NXDOMAIN", "SOA"}, "dig", "@127.0.0.1", "-p", e.port[localDNS], "nosuch.umass.edu")
	says(t, []string{"REFUSED"}, "dig", "@127.0.0.1", "-p", e.port[authDNS], "version.bind", "TXT", "CH")

	rec := expose(t, "dns-resolve", recursive, lab.Params{"rtt-local": 0.002, "rtt-root": 0.004, "rtt-root-tld": 0.004, "rtt-tld-auth": 0.004})
	says(t, []string{gaiaAddr, "flags: qr rd ra;"}, "dig", "@127.0.0.1", "-p", rec.port[rootDNS], "gaia.cs.umass.edu")
}

func TestProgramsAndRecords(t *testing.T) {
	p := quick.Clone()
	p["dnssec"] = 2
	e := expose(t, "dns-records", registering, p)
	ds, dnskey := e.anchor()
	for _, c := range []struct {
		host  string
		args  []string
		words []string
	}{
		{local, []string{"www.ibm.com"}, []string{"CNAME", "servereast.backup2.ibm.com.", "192.0.2.80"}},
		{local, []string{"www.ibm.com", "AAAA"}, []string{"2001:db8::80"}},
		{local, []string{"ibm.com", "MX"}, []string{"10 mail.ibm.com.", "20 backup.mail.ibm.com."}},
		{local, []string{"_sip._tcp.pbs.org", "SRV"}, []string{"1 5 5060 sip.pbs.org."}},
		{local, []string{"+dnssec", "www.networkutopia.com"}, []string{"212.212.71.4", " ad;", "RRSIG"}},
		{local, []string{"+dnssec", "what.pbs.org", "TXT"}, []string{"any name below", " ad;", "NSEC"}},
		{local, []string{"+dnssec", "nosuch.ibm.com"}, []string{"NXDOMAIN", " ad;", "NSEC"}},
		{ibmDNS, []string{"big.ibm.com", "TXT"}, []string{"Truncated, retrying in TCP", "line 16 of a long text"}},
		{ibmDNS, []string{"+dnssec", "+norec", "www.ibm.com"}, []string{"RRSIG"}},
		{tldCom, []string{"+dnssec", "+norec", "www.ibm.com"}, []string{"DS", "RRSIG", "dns.ibm.com"}},
	} {
		says(t, c.words, "dig", append([]string{"@127.0.0.1", "-p", e.port[c.host]}, c.args...)...)
	}
	says(t, []string{"line 16 of a long text"}, "kdig", "@127.0.0.1", "-p", e.port[ibmDNS], "big.ibm.com", "TXT")
	says(t, []string{"10 mail.ibm.com."}, "drill", "-p", e.port[local], "ibm.com", "@127.0.0.1", "MX")

	dir := t.TempDir()
	f := strings.Fields(dnskey)
	keys := filepath.Join(dir, "anchors")
	write(t, keys, fmt.Sprintf("trust-anchors { . static-key %s %s %s %q; };\n", f[4], f[5], f[6], strings.Join(f[7:], "")))
	for _, c := range [][]string{{"www.ibm.com", "A", "192.0.2.80"}, {"networkutopia.com", "MX", "mail.networkutopia.com"}, {"www.pbs.org", "A", "192.0.2.100"}, {"what.pbs.org", "TXT", "any name"}} {
		says(t, []string{"; fully validated", c[2]}, "delv", "-a", keys, "+root=.", "@127.0.0.1", "-p", e.port[local], c[0], c[1])
	}
	says(t, []string{"negative response, fully validated"}, "delv", "-a", keys, "+root=.", "@127.0.0.1", "-p", e.port[local], "nosuch.ibm.com", "A")
	unbound(t, dir, ds, e)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// unbound resolves and validates through the lab's servers.
func unbound(t *testing.T, dir, ds string, e *exposed) {
	if !have(t, "unbound") {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	conf := fmt.Sprintf(`server:
  interface: 127.0.0.1@%s
  port: %s
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: %q
  pidfile: ""
  do-not-query-localhost: no
  access-control: 127.0.0.0/8 allow
  module-config: "validator iterator"
  trust-anchor: %q
  num-threads: 1
remote-control:
  control-enable: no
`, port, port, dir, strings.Join(strings.Fields(ds), " "))
	for _, z := range [][2]string{{".", rootDNS}, {"com.", tldCom}, {"org.", tldOrg}, {"ibm.com.", ibmDNS}, {"pbs.org.", pbsDNS}, {"networkutopia.com.", utopiaDNS}} {
		conf += fmt.Sprintf("stub-zone:\n  name: %q\n  stub-addr: 127.0.0.1@%s\n", z[0], e.port[z[1]])
	}
	file := filepath.Join(dir, "unbound.conf")
	write(t, file, conf)
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "unbound", "-d", "-c", file)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	}()
	for _, c := range []struct{ args, words []string }{
		{[]string{"www.ibm.com"}, []string{"192.0.2.80", " ad;"}},
		{[]string{"big.ibm.com", "TXT", "+tcp"}, []string{"line 16 of a long text", " ad;"}},
		{[]string{"networkutopia.com", "MX"}, []string{"mail.networkutopia.com", " ad;"}},
		{[]string{"www.pbs.org"}, []string{"192.0.2.100", " ad;"}},
		{[]string{"nosuch.ibm.com"}, []string{"NXDOMAIN", " ad;"}},
		{[]string{"ibm.com", "SOA"}, []string{"hostmaster.ibm.com.", " ad;"}},
	} {
		says(t, c.words, "dig", append([]string{"@127.0.0.1", "-p", port, "+dnssec", "+tries=3"}, c.args...)...)
	}
}
