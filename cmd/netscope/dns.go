package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netscope/protocols/dns/lookup"
	"netscope/protocols/lab"
	"netscope/protocols/realnet"
)

// dnsFlags are the flags of netscope dns.
type dnsFlags struct {
	realFlags
	trace, recursive bool
	dnssec, tcp, v6  bool
	reverse          bool
	port             uint16
	tries            int
	timeout          time.Duration
}

func (a *app) dnsCommand() *cobra.Command {
	var f dnsFlags
	cmd := &cobra.Command{
		Use:   "dns NAME [TYPE] [@SERVER]",
		Short: "Resolve a name on the real network, and see who is asked what",
		Long: `Dns resolves a name on the real network. By itself, or with --trace, it walks
from the root servers down, asking one server after the other, as dig +trace
does: each question with its time, its cause and what came back. With
--recursive a resolver is asked to do the work: the one that is named with @,
or this machine's own. In a terminal the walk is shown in the interface, as
messages, ladder and hierarchy with what is in the cache; else as text.

What is shown was seen at this program's sockets. TYPE is A unless given;
dig's +trace, +recurse, +dnssec and +tcp are understood, too.`,
		Example: `  netscope dns gaia.cs.umass.edu
  netscope dns www.example.org AAAA --dnssec
  netscope dns example.org MX @192.0.2.53
  netscope dns -x 192.0.2.1 --recursive | less`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			q, title, err := f.query(cmd.Context(), args)
			if err != nil {
				return err
			}
			return a.lookUp(cmd.Context(), &f, q, title)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.BoolVar(&f.trace, "trace", false, "iteratively, from the root or from @SERVER (the default without @SERVER)")
	fl.BoolVar(&f.recursive, "recursive", false, "let @SERVER, or this machine's resolver, do the work (the default with @SERVER)")
	fl.BoolVar(&f.dnssec, "dnssec", false, "check signatures from the root's keys down; forged answers are refused")
	fl.BoolVar(&f.tcp, "tcp", false, "ask over TCP only")
	fl.BoolVarP(&f.v6, "ipv6", "6", false, "ask servers at their IPv6 addresses")
	fl.BoolVarP(&f.reverse, "reverse", "x", false, "NAME is an address: find its name")
	fl.Uint16VarP(&f.port, "port", "p", 53, "port of the servers")
	fl.IntVar(&f.tries, "tries", 3, "attempts at each server")
	fl.DurationVar(&f.timeout, "timeout", 1500*time.Millisecond, "how long to wait for a server at first; it doubles")
	f.realFlags.add(cmd)
	return cmd
}

// query reads the arguments, in any order after the name.
func (f *dnsFlags) query(ctx context.Context, args []string) (q lookup.Query, title string, err error) {
	name, typ, server := "", "", ""
	for _, s := range args {
		switch {
		case strings.HasPrefix(s, "@"):
			server = s[1:]
		case strings.HasPrefix(s, "+"):
			if err := f.plus(s); err != nil {
				return q, "", err
			}
		case name == "":
			name = s
		case typ == "":
			typ = s
		default:
			return q, "", fmt.Errorf("%q is one argument too many: name, type and @server is all there is", s)
		}
	}
	switch {
	case name == "":
		return q, "", errors.New("name what to resolve, as in: netscope dns www.example.org")
	case f.trace && f.recursive:
		return q, "", errors.New("take either --trace or --recursive, not both")
	case f.tries < 1 || f.tries > 20 || f.timeout <= 0:
		return q, "", errors.New("--tries must be 1 to 20, and --timeout more than nothing")
	}
	q = lookup.Query{Name: name, Port: f.port, Validate: f.dnssec, TCP: f.tcp, IPv6: f.v6, Tries: f.tries, Timeout: f.timeout}
	if f.reverse {
		if q.Name, err = lookup.Reverse(name); err != nil {
			return q, "", err
		}
		if typ == "" {
			typ = "PTR"
		}
	}
	if typ == "" {
		typ = "A"
		if f.v6 {
			typ = "AAAA"
		}
	}
	if q.Type, err = lookup.ParseType(typ); err == nil {
		err = lookup.CheckName(q.Name)
	}
	if err != nil {
		return q, "", err
	}
	q.Walk = f.trace || !f.recursive && server == ""
	switch {
	case server != "":
		q.Server, err = lookup.ServerAddr(ctx, server, f.port)
	case !q.Walk:
		q.Server, err = lookup.SystemServer()
	}
	return q, fmt.Sprintf("%s %s", q.Name, strings.ToUpper(typ)), err
}

// plus is one of dig's options.
func (f *dnsFlags) plus(s string) error {
	switch s {
	case "+trace":
		f.trace = true
	case "+rec", "+recurse":
		f.recursive = true
	case "+dnssec":
		f.dnssec = true
	case "+tcp", "+vc":
		f.tcp = true
	default:
		return fmt.Errorf("of dig's options only +trace, +recurse, +dnssec and +tcp are known, not %s", s)
	}
	return nil
}

// lookUp asks, and shows how it went.
func (a *app) lookUp(ctx context.Context, f *dnsFlags, q lookup.Query, title string) error {
	var rep lookup.Report
	src := realnet.New(realnet.Options{Seed: seed()}, func(ctx context.Context, w lab.World) error {
		rep = lookup.Do(ctx, w, "", q)
		return ctx.Err()
	})
	err := a.real(ctx, &f.realFlags, title, src, func(w io.Writer) error { return rep.Text(w) })
	if err == nil && !f.interactive(a) && !rep.Answered() {
		return fmt.Errorf("%s was not resolved: %s; ask another server with @SERVER, or this one with --tcp", title, rep.Why)
	}
	return err
}
