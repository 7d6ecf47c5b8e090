package http2

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"netscope/protocols/web/http1"
)

// serve starts a server on a real socket.
func serve(t *testing.T, s *Server) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(ctx, ln)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return ln.Addr().String()
}

// The programs that people have talk to the server: with prior knowledge, by
// upgrade, and over HTTP/1.1.
func TestPrograms(t *testing.T) {
	for _, pick := range []Pick{FirstCome, RoundRobin, ByPriority} {
		addr := serve(t, &Server{Handle: handle, Now: time.Now, Pick: pick, Date: true})
		big, small := "http://"+addr+"/", "http://"+addr+"/small"
		for _, c := range []struct {
			args []string
			want []string
		}{
			{[]string{"nghttp", "-v", big, small}, []string{":status: 200", "recv DATA frame <length=16384", "content-length: 100000", "server: netscope"}},
			{[]string{"nghttp", "-v", "-u", small}, []string{"101 Switching Protocols", ":status: 200"}},
			{[]string{"nghttp", "-v", "-w", "8", big}, []string{":status: 200", "WINDOW_UPDATE"}},
			{[]string{"curl", "-sS", "-v", "--http2-prior-knowledge", small}, []string{"< HTTP/2 200", "hello", "date:"}},
			{[]string{"curl", "-sS", "-v", "--http2", small}, []string{"101 Switching Protocols", "< HTTP/2 200", "hello"}},
			{[]string{"curl", "-sS", "-v", "--http1.1", small}, []string{"< HTTP/1.1 200", "hello"}},
			{[]string{"curl", "-sS", "-v", "-I", "--http2-prior-knowledge", big}, []string{"< HTTP/2 200", "content-length: 100000"}},
			{[]string{"curl", "-sS", "-v", "--http2-prior-knowledge", "-d", strings.Repeat("z", 100_000), small}, []string{"< HTTP/2 405"}},
			{[]string{"h2load", "-n", "60", "-c", "3", "-m", "10", big}, []string{"60 succeeded, 0 failed", "60 2xx"}},
		} {
			name := c.args[0]
			if _, err := exec.LookPath(name); err != nil {
				if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
					t.Errorf("%s is not installed", name)
				}
				t.Logf("%s is not installed", name)
				continue
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			out, err := exec.CommandContext(ctx, name, c.args[1:]...).CombinedOutput()
			cancel()
			if err != nil {
				t.Errorf("%.80s: %v\n%.2000s", c.args, err, out)
				continue
			}
			for _, w := range c.want {
				if !strings.Contains(string(out), w) {
					t.Errorf("%.80s: no %q in\n%.2000s", c.args, w, out)
				}
			}
		}
	}
}

// Go's own client and server are peers too.
func TestStandardLibrary(t *testing.T) {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &protocols}
	defer tr.CloseIdleConnections()
	r, err := (&http.Client{Transport: tr}).Get("http://" + serve(t, &Server{Handle: handle, Now: time.Now}) + "/")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil || len(b) != 100_000 || r.ProtoMajor != 2 {
		t.Errorf("%d bytes over %s: %v", len(b), r.Proto, err)
	}

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Protocols: &protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 300_000))
	})}
	go func() { _ = srv.Serve(ln) }()
	defer srv.Close()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	k := NewClient(c, Config{StreamWindow: 20_000, Frame: 50_000})
	defer k.Close()
	k.Ask(Request{Target: "/a"})
	k.Ask(Request{Target: "/b"})
	if err := k.Receive(2); err != nil {
		t.Error(err)
	}
}

// What is pushed comes with a promise, and both ends agree on it.
func TestPush(t *testing.T) {
	c, s := net.Pipe()
	srv := &Server{Handle: handle, Now: time.Now, Pushes: func(*http1.Request) []Request { return []Request{{Target: "/small"}, {Target: "/"}} }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.ServeConn(t.Context(), s)
	}()
	k := NewClient(c, Config{StreamWindow: 30_000, Push: true})
	k.Ask(Request{Target: "/"})
	if err := k.Receive(3); err != nil {
		t.Error(err)
	}
	_ = c.Close()
	<-done
}
