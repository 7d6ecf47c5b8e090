package web

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	decoders "netscope/decoders/all"
	"netscope/decoders/lines"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// The test binary is its own child, as the program is.
func TestMain(m *testing.M) {
	if run.IsChild() {
		os.Exit(run.Child([]lab.Lab{NewMultiplexing(), NewRace()}))
	}
	os.Exit(m.Run())
}

// exposed starts a lab on the wall clock and gives the address of its service
// over TLS, and a function that ends it and returns what was captured: the
// timeline, and a file.
func exposed(t *testing.T, id, variant string) (addr string, end func() (*timeline.Snapshot, []byte)) {
	t.Helper()
	r, err := run.Start(t.Context(), run.Request{Lab: id, Variant: variant, Wall: true, Params: lab.Params{"rtt": 0.001}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	for _, e := range r.Hello().Exposed {
		if e.Service == "https" {
			addr = e.Addr
		}
	}
	b := timeline.NewBuilder(timeline.Options{Decoders: decoders.List(), Lab: true})
	var written bytes.Buffer
	w := file.NewWriter(&written, file.PCAPNG, file.Options{Application: "netscope"})
	done := make(chan error, 1)
	go func() { done <- r.Run(context.Background(), both{b, w}) }()
	return addr, func() (*timeline.Snapshot, []byte) {
		r.Stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.Finish(nil)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		return b.Snapshot(), written.Bytes()
	}
}

// both passes everything on twice.
type both [2]capture.Sink

func (s both) Packet(p capture.Packet) error {
	if err := s[0].Packet(p); err != nil {
		return err
	}
	return s[1].Packet(p)
}

func (s both) Meta(m capture.Meta) error {
	if err := s[0].Meta(m); err != nil {
		return err
	}
	return s[1].Meta(m)
}

func need(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err == nil {
		return
	}
	if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
}

// The programs that people have speak HTTP/2 over TLS with the exposed labs,
// and its frames are in the timeline, the JSON and the file.
func TestProgramsOverTLS(t *testing.T) {
	for _, c := range []struct {
		lab, variant string
		command      []string // URL at the place of "…"
		said         string   // by the program
		json         []string // each in some line
	}{
		{"http2", "round-robin", []string{"curl", "-sSkv", "--http2", "…/o2", "-o", os.DevNull}, "< HTTP/2 200",
			[]string{`"name":"HEADERS"`, `"name":"DATA"`, `"name":"SETTINGS"`, `"kind":"request","name":"GET"`, `"http2.streamid":1`}},
		{"http2", "first-come", []string{"curl", "-sSkv", "--http1.1", "…/o2", "-o", os.DevNull}, "< HTTP/1.1 200",
			[]string{`"proto":"HTTP/1.1","kind":"request","name":"GET"`}},
		{"http2", "priority", []string{"nghttp", "-nv", "…/o1", "…/o2"}, "recv DATA frame", []string{`"name":"DATA"`, `"name":"GOAWAY"`}},
		{"http2", "round-robin", []string{"h2load", "-n", "20", "-c", "2", "-m", "5", "…/o2"}, "20 succeeded, 0 failed", []string{`"name":"DATA"`}},
		{"page-race", "http2", []string{"curl", "-sSkv", "--http2", "…/o2", "-o", os.DevNull}, "< HTTP/2 200", []string{`"name":"HEADERS"`}},
	} {
		t.Run(strings.Join([]string{c.lab, c.command[0], c.variant}, " "), func(t *testing.T) {
			need(t, c.command[0])
			addr, end := exposed(t, c.lab, c.variant)
			if addr == "" {
				t.Fatal("there is no service over TLS")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			var args []string
			for _, a := range c.command[1:] {
				args = append(args, strings.Replace(a, "…", "https://"+addr, 1))
			}
			out, err := exec.CommandContext(ctx, c.command[0], args...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.said) {
				t.Fatalf("%s %q: %v, no %q in\n%.3000s", c.command[0], args, err, c.said, out)
			}
			snap, pcapng := end()
			var json bytes.Buffer
			if err := lines.NewEncoder(&json).Messages(lines.Source{Snap: snap}); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.json {
				if !strings.Contains(json.String(), want) {
					t.Errorf("no line has %s", want)
				}
			}
			decrypts(t, pcapng)
		})
	}
}

// decrypts checks that tshark finds requests in a file that we have written,
// with the secrets in it.
func decrypts(t *testing.T, pcapng []byte) {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil && os.Getenv("NETSCOPE_REQUIRE_PEERS") == "" {
		return
	}
	name := filepath.Join(t.TempDir(), "x.pcapng")
	if err := os.WriteFile(name, pcapng, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tshark", "-r", name, "-T", "fields", "-e", "http2.headers.path", "-e", "http.request.uri").Output()
	if err != nil || !strings.Contains(string(out), "/o") {
		t.Errorf("tshark: %v, no request in\n%.1000s", err, out)
	}
}
