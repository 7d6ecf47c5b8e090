package lookup

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/miekg/dns"

	"netscope/protocols/dns/resolver"
)

// Text writes a report for people: each question with its time, its cause and
// what came back, then the answer, and where the time went.
func (r *Report) Text(w io.Writer) error {
	b := &strings.Builder{}
	fmt.Fprintf(b, "; %s %s, ", r.Name, dns.Type(r.Query.Type))
	switch {
	case r.Query.Walk && r.Query.Server.IsValid():
		fmt.Fprintf(b, "iteratively from %s", r.Query.Server)
	case r.Query.Walk:
		fmt.Fprint(b, "iteratively from the root")
	default:
		fmt.Fprintf(b, "by the resolver %s", r.Query.Server)
	}
	fmt.Fprint(b, "\n")
	for i := range r.Steps {
		r.step(b, i)
	}
	if len(r.Answer) > 0 || r.Rcode == dns.RcodeNameError || r.Rcode == dns.RcodeSuccess {
		fmt.Fprint(b, "\n")
	}
	for _, rr := range r.Answer {
		fmt.Fprintln(b, rr)
	}
	if len(r.Answer) == 0 {
		switch {
		case r.Rcode == dns.RcodeNameError:
			fmt.Fprintf(b, "; there is no such name\n")
		case r.Rcode == dns.RcodeSuccess:
			fmt.Fprintf(b, "; the name has no record of type %s\n", dns.Type(r.Query.Type))
		}
		for _, rr := range r.Authority {
			fmt.Fprintln(b, rr)
		}
	}
	r.summary(b)
	_, err := io.WriteString(w, b.String())
	return err
}

// step writes one exchange: when, whom, what for, and what came back.
func (r *Report) step(b *strings.Builder, i int) {
	s := &r.Steps[i]
	who := s.Addr.Addr().String()
	if s.Server != "" && strings.TrimSuffix(s.Server, ".") != who {
		who = s.Server + " (" + who + ")"
	}
	over := ""
	if s.TCP {
		over = " over TCP"
	}
	fmt.Fprintf(b, "%3d  %8s  %s%s: %s %s?", i+1, span(s.At.Sub(r.Began)), who, over, s.Question.Name, dns.Type(s.Question.Qtype))
	if s.Cause != "" && !strings.Contains(s.Cause, strings.TrimSpace(s.Question.Name+" "+dns.Type(s.Question.Qtype).String())) {
		fmt.Fprintf(b, "   [%s]", s.Cause)
	}
	fmt.Fprint(b, "\n")
	if s.Answer == nil {
		fmt.Fprintf(b, "     %8s  %s\n", span(s.RTT), failure(s.Err))
		return
	}
	fmt.Fprintf(b, "     %8s  %s\n", span(s.RTT), outcome(s))
}

// failure says why there is no answer, without saying twice that there is none.
func failure(err error) string {
	text := fmt.Sprint(err)
	if strings.HasPrefix(text, "no answer") {
		return text
	}
	return "no answer: " + text
}

// outcome says what a response brought.
func outcome(s *resolver.Step) string {
	m := s.Answer
	if m.Truncated && !s.TCP {
		return "truncated: again over TCP"
	}
	if m.Rcode != dns.RcodeSuccess {
		return dns.RcodeToString[m.Rcode]
	}
	if len(m.Answer) > 0 {
		return records(m.Answer)
	}
	zone, servers := "", []string{}
	for _, rr := range m.Ns {
		if ns, ok := rr.(*dns.NS); ok {
			zone = ns.Hdr.Name
			servers = append(servers, ns.Ns)
		}
	}
	if zone == "" {
		return "nothing of this type"
	}
	glue := 0
	for _, rr := range m.Extra {
		if t := rr.Header().Rrtype; t == dns.TypeA || t == dns.TypeAAAA {
			glue++
		}
	}
	more := ""
	if len(servers) > 2 {
		more, servers = fmt.Sprintf(" and %d more", len(servers)-2), servers[:2]
	}
	return fmt.Sprintf("ask the servers of %s: %s%s; %d addresses given", zone, strings.Join(servers, ", "), more, glue)
}

// records are a response's answers in short.
func records(rrs []dns.RR) string {
	var out []string
	for i, v := range resolver.Values(rrs) {
		t := rrs[i].Header().Rrtype
		if t == dns.TypeRRSIG {
			continue
		}
		if len(v) > 48 {
			v = string([]rune(v)[:min(len([]rune(v)), 47)]) + "…"
		}
		out = append(out, dns.Type(t).String()+" "+v)
	}
	if len(out) > 3 {
		out = append(out[:3], fmt.Sprintf("%d more", len(out)-3))
	}
	return strings.Join(out, ", ")
}

// summary writes the last lines: status, and where the time went.
func (r *Report) summary(b *strings.Builder) {
	fmt.Fprintf(b, "\n; %s", dns.RcodeToString[r.Rcode])
	if r.Why != "" {
		fmt.Fprintf(b, " (%s)", r.Why)
	}
	if r.Query.Validate {
		fmt.Fprintf(b, ", %s", r.Status)
	}
	var sum time.Duration
	for i := range r.Steps {
		sum += r.Steps[i].RTT
	}
	questions := "questions"
	if len(r.Steps) == 1 {
		questions = "question"
	}
	fmt.Fprintf(b, "; %d %s, %s", len(r.Steps), questions, span(r.Took))
	if len(r.Steps) > 1 {
		fmt.Fprintf(b, ", of which %s waiting for servers", span(sum))
	}
	fmt.Fprint(b, "\n")
}

func span(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d)/1e6)
}
