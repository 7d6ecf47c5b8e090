package announce

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"netscope/protocols/bittorrent/tracker"
	"netscope/protocols/bittorrent/tracker/server"
)

// machine is this machine, or a host whose dials a test answers.
type machine struct {
	dial func(network, addr string) (net.Conn, error)
}

func (m machine) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if m.dial != nil {
		return m.dial(network, addr)
	}
	return new(net.Dialer).DialContext(ctx, network, addr)
}

type wall struct{}

func (wall) Now() time.Time { return time.Now() }
func (wall) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func said(port uint16, left int64) tracker.Announce {
	return tracker.Announce{InfoHash: tracker.Hash{1}, PeerID: tracker.PeerID{byte(port)}, Port: port, Left: left,
		Event: tracker.Started, NumWant: tracker.DefaultNumWant, Compact: true}
}

// TestOurTracker talks to our own server, over HTTP and UDP, IPv4 and IPv6.
func TestOurTracker(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		s := server.New(server.Config{Clock: wall{}, Rand: random(), Interval: time.Minute})
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			t.Logf("no %s here: %v", host, err)
			continue
		}
		p, err := net.ListenPacket("udp", host+":0")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 2)
		go func() { ended <- s.Serve(ctx, l) }()
		go func() { ended <- s.ServePacket(ctx, p) }()
		c := New(Config{Host: machine{}, Clock: wall{}, Rand: random()})
		for i, url := range []string{
			fmt.Sprintf("http://%s/announce", l.Addr()), fmt.Sprintf("http://%s/announce?key=x", l.Addr()),
			fmt.Sprintf("udp://%s/announce", p.LocalAddr()), fmt.Sprintf("udp://%s", p.LocalAddr()),
		} {
			a, err := c.Announce(ctx, url, said(uint16(100+i), 5))
			if err != nil || len(a.Peers) != i || a.Incomplete != i+1 || a.Interval != time.Minute {
				t.Errorf("%s: %+v, %v", url, a, err)
			}
			got, err := c.Scrape(ctx, url, []tracker.Hash{{9}, {1}})
			if err != nil || !reflect.DeepEqual(got, []tracker.Scrape{{InfoHash: tracker.Hash{9}}, {InfoHash: tracker.Hash{1}, Incomplete: i + 1}}) {
				t.Errorf("scrape %s: %+v, %v", url, got, err)
			}
			bad := said(0, 1)
			var refused *Refused
			if _, err := c.Announce(ctx, url, bad); !errors.As(err, &refused) {
				t.Errorf("%s: %v", url, err)
			}
		}
		cancel()
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
}

func TestHTTPTrouble(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/big":
			_, _ = w.Write(make([]byte, 2*tracker.MaxAnswer))
		case "/404":
			http.Error(w, "no", http.StatusNotFound)
		case "/reason":
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write(tracker.Answer{Failure: "not you"}.Encode(true, true))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/html":
			_, _ = w.Write([]byte("<html>"))
		case "/slow":
			<-release
		}
	}))
	defer srv.Close()
	defer close(release)
	c := New(Config{Host: machine{}, Clock: wall{}, Rand: random(), Timeout: 300 * time.Millisecond})
	for path, want := range map[string]string{
		"/big": "longer than", "/404": "404 Not Found", "/reason": "not you", "/loop": "redirects", "/html": "not bencoded", "/slow": "no answer in time",
	} {
		_, err := c.Announce(t.Context(), srv.URL+path+"?passkey=secret", said(1, 1))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, url := range []string{"", "ws://a/b", "udp://a", "http:///x", "udp://:1", "%"} {
		if _, err := c.Announce(t.Context(), url, said(1, 1)); err == nil {
			t.Errorf("%q is a tracker", url)
		}
	}
}

// log is what a test's tracker was sent, in one line.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(format string, a ...any) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, a...))
	return len(l.lines)
}

func (l *log) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := strings.Join(l.lines, ", ")
	l.lines = nil
	return s
}

// datagrams is a connection whose packets a test reads and answers.
func datagrams(answer func(r tracker.UDPRequest, reply func([]byte))) func(network, addr string) (net.Conn, error) {
	return func(string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			buf := make([]byte, 4096)
			for {
				n, err := there.Read(buf)
				if err != nil {
					return
				}
				if r, err := tracker.ParseUDPRequest(buf[:n]); err == nil {
					answer(r, func(b []byte) { _, _ = there.Write(b) })
				}
			}
		}()
		return here, nil
	}
}

// TestRetransmission looks at BEP 15's times: 15·2ⁿ seconds.
func TestRetransmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var sent log
		c := New(Config{Clock: wall{}, Rand: random(), Retries: 8, Host: machine{datagrams(func(r tracker.UDPRequest, _ func([]byte)) {
			sent.add("%d %s", time.Since(start)/time.Second, r.Action)
		})}})
		_, err := c.Announce(t.Context(), "udp://t:1", said(1, 1))
		if err == nil || !strings.Contains(err.Error(), "no answer in time") || time.Since(start) != 511*15*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if got := sent.take(); got != "0 connect, 15 connect, 45 connect, 105 connect, 225 connect, 465 connect, 945 connect, 1905 connect, 3825 connect" {
			t.Error(got)
		}
	})
}

// TestConnectionLife: an announce that is lost for longer than a minute needs a
// new connection ID; one within the minute uses the old one; foreign packets do
// not count.
func TestConnectionLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var sent log
		var again atomic.Bool // the first announces are lost
		c := New(Config{Clock: wall{}, Rand: random(), Retries: 8, Host: machine{datagrams(func(r tracker.UDPRequest, reply func([]byte)) {
			n := sent.add("%d %s", time.Since(start)/time.Second, r.Action)
			resp := tracker.UDPResponse{Action: r.Action, Transaction: r.Transaction + 1, ConnectionID: 5}
			reply(resp.Append(nil, false)) // another's
			reply([]byte{1, 2, 3})
			resp.Transaction--
			if r.Action == tracker.ActionConnect || n > 5 || again.Load() {
				reply(resp.Append(nil, false))
			}
		})}})
		announce := func() {
			if _, err := c.Announce(t.Context(), "udp://t:1", said(1, 1)); err != nil {
				t.Error(err)
			}
		}
		announce()
		if got := sent.take(); got != "0 connect, 0 announce, 15 announce, 45 announce, 105 connect, 105 announce" {
			t.Error(got)
		}
		again.Store(true)
		time.Sleep(30 * time.Second)
		announce()
		time.Sleep(40 * time.Second)
		announce()
		if got := sent.take(); got != "135 announce, 175 connect, 175 announce" {
			t.Error(got)
		}
		synctest.Wait()
	})
}

func TestTiers(t *testing.T) {
	in := [][]string{{"a", "b", "c"}, {}, {"d"}}
	tiers := NewTiers(in, random())
	order := tiers.Order()
	if len(order) != 4 || order[3] != "d" || !reflect.DeepEqual(in[0], []string{"a", "b", "c"}) {
		t.Fatal(order, in)
	}
	works := order[2]
	var asked []string
	ask := func(_ context.Context, url string, _ tracker.Announce) (tracker.Answer, error) {
		asked = append(asked, url)
		if url == works {
			return tracker.Answer{Complete: 1}, nil
		}
		return tracker.Answer{}, fmt.Errorf("%s is down", url)
	}
	if a, u, err := tiers.Announce(t.Context(), ask, said(1, 1)); err != nil || u != works || a.Complete != 1 || !reflect.DeepEqual(asked, order[:3]) {
		t.Error(u, err, asked)
	}
	if want := []string{works, order[0], order[1], "d"}; !reflect.DeepEqual(tiers.Order(), want) {
		t.Errorf("%v, want %v", tiers.Order(), want)
	}
	works = "none"
	if _, _, err := tiers.Announce(t.Context(), ask, said(1, 1)); err == nil || err.Error() != order[2]+" is down" {
		t.Error(err)
	}
	if _, _, err := NewTiers(nil, random()).Announce(t.Context(), ask, said(1, 1)); !errors.Is(err, ErrNoTracker) {
		t.Error(err)
	}
}
