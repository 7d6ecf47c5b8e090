package timeline_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"netscope/capture/file"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

func list() []decoders.Decoder { return []decoders.Decoder{plain{}} }

// corpus is the folder of given captures; without it the test is skipped.
func corpus(t testing.TB) string {
	dir := os.Getenv("NETSCOPE_CAPTURES")
	if dir == "" {
		t.Skip("NETSCOPE_CAPTURES does not name a folder of captures")
	}
	return dir
}

func load(t testing.TB, path string, o timeline.Options) *timeline.Snapshot {
	t.Helper()
	r, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	o.Decoders = list()
	if at := r.ReaderAt(); at != nil {
		o.File = at
	}
	b := timeline.NewBuilder(o)
	b.Finish(r.Run(context.Background(), b))
	return b.Snapshot()
}

func captures(t testing.TB) []string {
	var out []string
	for _, pat := range []string{"*/*.pcap", "*/*.pcapng", "*/*.pcap.gz", "*/*.pcapng.gz"} {
		m, _ := filepath.Glob(filepath.Join(corpus(t), pat))
		out = append(out, m...)
	}
	if len(out) == 0 {
		t.Fatal("no captures")
	}
	return out
}
