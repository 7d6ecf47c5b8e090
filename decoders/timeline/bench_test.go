package timeline_test

import (
	"runtime"
	"testing"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/timeline"
)

// nothing is a file that is never read.
type nothing struct{}

func (nothing) ReadAt(p []byte, _ int64) (int, error) { return len(p), nil }

// options are those of a capture file.
func options(t testing.TB) timeline.Options {
	o := timeline.Options{Decoders: all.List(), Store: store.New(0), Details: store.New(0), File: nothing{}}
	t.Cleanup(func() { o.Store.Close(); o.Details.Close() })
	return o
}

// BenchmarkBuild decodes made-up traffic into a timeline. Making it up is part
// of the time; it is measured alone, too.
func BenchmarkBuild(b *testing.B) {
	type traffic struct {
		name string
		fill func(m *maker, packets int) error
	}
	for _, tr := range []traffic{
		{"web", func(m *maker, n int) error { return m.web(int64(n) * 767) }},
		{"dns", func(m *maker, n int) error { return m.dns(n, 50) }},
		{"dns-ports", func(m *maker, n int) error { return m.dns(n, 1) }},
		{"download", func(m *maker, n int) error { return m.download(int64(n) * 800) }},
	} {
		run := func(b *testing.B, s capture.Sink) {
			m := newMaker(s)
			if err := m.tap(); err != nil {
				b.Fatal(err)
			}
			if err := tr.fill(m, b.N); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(tr.name+"/made", func(b *testing.B) { run(b, discard{}) })
		b.Run(tr.name+"/built", func(b *testing.B) {
			b.ReportAllocs()
			t := timeline.NewBuilder(options(b))
			run(b, t)
			t.Finish(nil)
			b.StopTimer()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			b.ReportMetric(float64(m.HeapAlloc)/float64(b.N), "held-B/packet")
			runtime.KeepAlive(t)
		})
	}
}

type discard struct{}

func (discard) Packet(capture.Packet) error { return nil }
func (discard) Meta(capture.Meta) error     { return nil }
