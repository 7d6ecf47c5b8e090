package dns_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	lib "github.com/miekg/dns"

	"netscope/decoders"
	dt "netscope/decoders/decodertest"
	"netscope/decoders/dns"
	"netscope/decoders/http1"
)

// TestOverHTTP finds the messages of a GET and of a POST and pairs the answers.
func TestOverHTTP(t *testing.T) {
	m := new(lib.Msg)
	m.SetQuestion("gaia.cs.umass.edu.", lib.TypeA)
	m.Id = 0
	q, _ := m.Pack()
	rr, _ := lib.NewRR("gaia.cs.umass.edu. 60 IN A 128.119.245.12")
	r := new(lib.Msg)
	r.SetReply(m)
	r.Answer = []lib.RR{rr}
	a, _ := r.Pack()
	post := func(start string, b []byte) string {
		return fmt.Sprintf("%s\r\nHost: a\r\nContent-Type: application/dns-message\r\nContent-Length: %d\r\n\r\n%s", start, len(b), b)
	}
	d := dns.OverHTTP{HTTP: http1.Decoder{}}
	p := d.NewParser(decoders.Hint{Transport: decoders.TCP}, decoders.Env{})
	var got []string
	var offs [2]int64
	inner := map[int64]decoders.Parser{}
	var bufs [2][]byte
	feed := func(dir decoders.Dir, text string) {
		bufs[dir] = append(bufs[dir], text...)
		for len(bufs[dir]) > 0 {
			st, err := p.Next(decoders.Chunk{Dir: dir, Off: offs[dir], Buf: bufs[dir]})
			if err != nil {
				t.Fatal(err)
			}
			if st.Advance == 0 && len(st.Events) == 0 {
				return
			}
			for _, in := range st.Inner {
				if inner[in.Stream] == nil {
					inner[in.Stream] = dns.Content{}.NewParser(decoders.Hint{Transport: decoders.TCP}, decoders.Env{})
				}
				s, _ := inner[in.Stream].Next(decoders.Chunk{Dir: in.Dir, Buf: in.Data, End: in.End})
				for _, e := range s.Events {
					if e.Op == decoders.Open {
						got = append(got, fmt.Sprintf("%s %s to %d", e.Name, e.Summary, e.ReplyTo))
					}
				}
			}
			bufs[dir] = bufs[dir][st.Advance:]
			offs[dir] += int64(st.Advance)
		}
	}
	feed(0, "GET /dns-query?dns="+base64.RawURLEncoding.EncodeToString(q)+" HTTP/1.1\r\nHost: a\r\n\r\n")
	for _, c := range []byte(post("HTTP/1.1 200 OK", a)) {
		feed(1, string([]byte{c}))
	}
	feed(0, post("POST /dns-query HTTP/1.1", q))
	feed(1, post("HTTP/1.1 200 OK", a))
	var want []string
	for range 2 {
		want = append(want, "query A gaia.cs.umass.edu to 0", "response A 128.119.245.12 (ttl 60) to 1")
	}
	for n := 1; n < 300; n += 7 { // pieces that end one message and begin the next
		feed(0, post("POST /dns-query HTTP/1.1", q)+post("POST /dns-query HTTP/1.1", q))
		for two := post("HTTP/1.1 200 OK", a) + post("HTTP/1.1 200 OK", a); two != ""; {
			piece := two[:min(n, len(two))]
			feed(1, piece)
			two = two[len(piece):]
		}
		want = append(want, want[0], want[0], want[1], want[1])
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	dt.Battery(t, d, map[string][]dt.Turn{"doh": {dt.A(post("POST / HTTP/1.1", q)), dt.B(post("HTTP/1.1 200 OK", a)), dt.EndA(), dt.EndB()}})
}
