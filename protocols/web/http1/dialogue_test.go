package http1

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// pages is a handler with one page.
func pages(r *Request) Reply {
	if r.Path() != "/" {
		return NotFound(r.Target)
	}
	return Reply{Status: 200, Header: Header{{"Content-Type", "text/plain"}}, Size: 5, Body: strings.NewReader("hello")}
}

// serve starts a server on the loopback interface and gives its address.
func serve(t *testing.T, s *Server) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("server ended with %v", err)
		}
	})
	return ln.Addr().String()
}

// Each dialogue sends bytes as they stand and expects these status lines and
// bodies, and that the server closes at the end or not.
func TestDialogues(t *testing.T) {
	addr := serve(t, &Server{Handle: pages})
	const host = "Host: a\r\n"
	for _, c := range []struct {
		name, send string
		want       string // statuses in order
		open       bool   // the connection stays open
	}{
		{"1.1 persists", "GET / HTTP/1.1\r\n" + host + "\r\n", "200", true},
		{"1.1 asks to close", "GET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", "200", false},
		{"1.0 closes", "GET / HTTP/1.0\r\n\r\n", "200", false},
		{"1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "200", true},
		{"pipelined", strings.Repeat("GET / HTTP/1.1\r\n"+host+"\r\n", 20), strings.TrimSpace(strings.Repeat("200 ", 20)), true},
		{"absolute form", "GET http://a/ HTTP/1.1\r\n" + host + "\r\n", "200", true},
		{"index and query", "GET /?q=1 HTTP/1.1\r\n" + host + "\r\n", "200", true},
		{"not found", "GET /nothing HTTP/1.1\r\n" + host + "\r\n", "404", true},
		{"empty line first", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", "200", true},
		{"bare LF", "GET / HTTP/1.1\n" + "Host: a\n\n", "200", true},
		{"1.2 is answered as 1.1", "GET / HTTP/1.2\r\n" + host + "\r\n", "200", true},
		{"body is skipped", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n" + host + "\r\n", "405 200", true},
		{"chunked body is skipped", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", "405 200", true},
		{"unknown method", "BREW / HTTP/1.1\r\n" + host + "\r\n", "501", true},
		{"no Host", "GET / HTTP/1.1\r\n\r\n", "400", false},
		{"two Hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", "400", false},
		{"HTTP/2", "GET / HTTP/2.0\r\n" + host + "\r\n", "505", false},
		{"HTTP/0.9", "GET /\r\n", "400", false},
		{"no version", "hello there\r\n\r\n", "400", false},
		{"two spaces", "GET  / HTTP/1.1\r\n" + host + "\r\n", "400", false},
		{"folded field", "GET / HTTP/1.1\r\n" + host + "A: b\r\n c\r\n\r\n", "400", false},
		{"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400", false},
		{"bare CR", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "400", false},
		{"length and chunked", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", "400", false},
		{"two lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3, 4\r\n\r\n", "400", false},
		{"negative length", "POST / HTTP/1.1\r\n" + host + "Content-Length: -3\r\n\r\n", "400", false},
		{"unknown coding", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", "501", false},
		{"bad chunk", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400", false},
		{"too large", "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999\r\n\r\n", "413", false},
		{"expects 100", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n", "417", false},
		{"long line", "GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\n" + host + "\r\n", "414", false},
		{"giant head", "GET / HTTP/1.1\r\n" + host + strings.Repeat("A: "+strings.Repeat("b", 1000)+"\r\n", 80) + "\r\n", "431", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			go io.WriteString(conn, c.send)
			br := bufio.NewReader(conn)
			for _, want := range strings.Fields(c.want) {
				resp, err := http.ReadResponse(br, nil)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				if err != nil || resp.Status[:3] != want || resp.Header.Get("Date") == "" {
					t.Fatalf("%s %q, want %s (%v)", resp.Status, body, want, err)
				}
			}
			if c.open {
				io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
				if resp, err := http.ReadResponse(br, nil); err != nil || resp.StatusCode != 200 {
					t.Fatalf("the connection should have stayed open: %v", err)
				} else {
					io.ReadAll(resp.Body)
				}
			}
			if b, err := br.ReadByte(); err != io.EOF {
				t.Errorf("the server should have closed, got %q, %v", b, err)
			}
		})
	}
}

func TestHead(t *testing.T) {
	addr := serve(t, &Server{Handle: pages})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := NewConn(conn, Limits{})
	for _, method := range []string{"HEAD", "GET"} {
		var body bytes.Buffer
		r, err := c.Do(&Request{Method: method, Target: "/", Proto: HTTP11, Header: Header{{"Host", "a"}}}, &body)
		if err != nil || r.Status != 200 || r.Header.Get("Content-Length") != "5" || (body.Len() == 5) != (method == "GET") {
			t.Errorf("%s: %+v, %d bytes, %v", method, r, body.Len(), err)
		}
	}
}

// A peer that sends a byte now and then must not hold a connection for ever.
func TestSlowHeadIsGivenUp(t *testing.T) {
	addr := serve(t, &Server{Handle: pages, Head: 50 * time.Millisecond, Idle: time.Minute})
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "GET / HT")
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != 408 {
		t.Fatalf("%v, %v; want 408", resp, err)
	}
}

func TestStandardClient(t *testing.T) {
	addr := serve(t, &Server{Handle: pages})
	for path, want := range map[string]int{"/": 200, "/nothing": 404} {
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != want || len(body) == 0 {
			t.Errorf("%s: %s %q %v", path, resp.Status, body, err)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	addr := serve(t, &Server{Handle: pages})
	for _, c := range [][]string{{"--http1.0"}, {"--http1.1"}, {"--http1.1", "http://" + addr + "/"}} {
		out, err := exec.Command(curl, append(c, "-sS", "--noproxy", "*", "--max-time", "10", "http://"+addr+"/")...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "hello") {
			t.Errorf("curl %v: %q, %v", c, out, err)
		}
	}
}

// Our client against the standard server: every way of framing a response.
func TestStandardServer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/length", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			io.WriteString(w, "hello")
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/early", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(103)
		io.WriteString(w, "hello")
	})
	mux.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: mux}
	go srv.Serve(ln)
	defer srv.Close()

	get := func(proto, path string) *Request {
		return &Request{Method: "GET", Target: path, Proto: proto, Header: Header{{"Host", "a"}}}
	}
	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := NewConn(conn, Limits{})
	defer c.Close()
	var bodies [4]bytes.Buffer
	rs := []*Request{get(HTTP11, "/length"), get(HTTP11, "/chunked"), get(HTTP11, "/early"), get(HTTP11, "/none")}
	err = c.Pipeline(rs, func(i int) io.Writer { return &bodies[i] }, func(int, *Response) error { return nil })
	if err != nil || !c.Persists() {
		t.Fatal(err, c.Persists())
	}
	for i, want := range []string{"hello", "hellohellohello", "hello", ""} {
		if bodies[i].String() != want {
			t.Errorf("%s: %q, want %q", rs[i].Target, bodies[i].String(), want)
		}
	}
	conn, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	old := NewConn(conn, Limits{})
	defer old.Close()
	var body bytes.Buffer
	if _, err := old.Do(get(HTTP10, "/chunked"), &body); err != nil || body.String() != "hellohellohello" || old.Persists() {
		t.Errorf("HTTP/1.0 until close: %q, %v", body.String(), err)
	}
}

// What a hostile server can send must end in an error, not in a wait or a crash.
func TestBadResponses(t *testing.T) {
	for _, c := range []string{
		"", "HTTP/1.1", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 2000 x\r\n\r\n", "FTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
		strings.Repeat("HTTP/1.1 103 Early\r\n\r\n", 100),
		"HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 1<<20),
	} {
		client, server := net.Pipe()
		go func() {
			defer server.Close()
			go io.Copy(io.Discard, server)
			io.WriteString(server, c)
		}()
		conn := NewConn(client, Limits{})
		if r, err := conn.Do(&Request{Method: "GET", Target: "/", Proto: HTTP11}, io.Discard); err == nil {
			t.Errorf("%.40q was accepted: %+v", c, r)
		}
		conn.Close()
	}
}

func FuzzHeads(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ReadRequest(bufio.NewReader(bytes.NewReader(b)), Limits{}); err == nil {
			again, err := ReadRequest(bufio.NewReader(bytes.NewReader(r.Append(nil))), Limits{})
			if err != nil || again.Method != r.Method || again.Target != r.Target || len(again.Header) != len(r.Header) {
				t.Errorf("%q was read as %+v, which reads back as %+v, %v", b, r, again, err)
			}
			r.Path()
			_, _ = requestFraming(r)
		}
		br := bufio.NewReader(bytes.NewReader(b))
		if r, err := ReadResponse(br, Limits{}); err == nil {
			if f, err := responseFraming("GET", r); err == nil {
				_, _ = f.read(br, io.Discard, 1<<20)
			}
		}
	})
}
