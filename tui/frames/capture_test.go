package frames

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/keylog"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// load decodes a given capture, with its key log if there is one.
func load(t *testing.T, name string) *timeline.Snapshot {
	t.Helper()
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("set NETSCOPE_CAPTURES to the folder with the captures")
	}
	path := filepath.Join(dir, name)
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	o := timeline.Options{Decoders: all.List(), Store: store.New(0), Details: store.New(0)}
	if b, err := os.ReadFile(path + ".keys"); err == nil {
		log := &keylog.Log{}
		_, _ = log.Write(append(b, '\n'))
		o.Secrets = log
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), capture.Sink(b)))
	return b.Snapshot()
}

// Captures of other programs, in clear text, inside TLS, and over QUIC.
func TestCaptures(t *testing.T) {
	for _, c := range []struct{ name, short string }{
		{"http2/local-curl-nginx-h2c.pcap", "h2c"},
		{"http2/wireshark-http2-data-reassembly.pcap", "tls"},
		{"http2/wireshark-http2_follow_multistream.pcapng", "multi"},
		{"http3/local-curl-nginx-http3.pcap", "h3"},
	} {
		t.Run(c.short, func(t *testing.T) {
			s := load(t, c.name)
			v, f := New(), viewtest.Frame(s)
			in, _ := v.load(&f)
			if in == nil || len(in.Lanes) == 0 {
				t.Fatal("no streams")
			}
			for p := timeline.Position(0); p <= s.End(); p += 1 + s.End()/40 {
				g := viewtest.At(f, p)
				for _, z := range []viewtest.Size{{W: 50, H: 15}, {W: 120, H: 36}} {
					g.Width, g.Height = z.W, z.H
					viewtest.Exact(t, v.Render(g), z.W, z.H)
				}
			}
			picture(t, c.short, v, f)
		})
	}
}

var _ view.View = (*View)(nil)
