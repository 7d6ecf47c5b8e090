package session

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/tui/view/viewtest"
)

// sample writes a small capture and returns its path.
func sample(t *testing.T, r Real) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.pcapng")
	if err := r.write(context.Background(), viewtest.HTTP(decs.List()...), path, false); err != nil {
		t.Fatal(err)
	}
	return path
}

func real(t *testing.T) Real {
	return Real{Config{Decoders: decs.List(), State: filepath.Join(t.TempDir(), "state"), Now: func() time.Time { return viewtest.Epoch }}}
}

// done waits until a session's source has ended.
func done(t *testing.T, s *Session) *timeline.Snapshot {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if s.Snapshot().Done() {
			return s.Snapshot()
		}
	}
	t.Fatal("the source has not ended")
	return nil
}

func TestAFileOpensAndIsWrittenAgain(t *testing.T) {
	r := real(t)
	path := sample(t, r)
	s, err := r.OpenFile(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	snap := done(t, s)
	want := viewtest.HTTP(decs.List()...)
	_, n := snap.PacketRange()
	if _, m := want.PacketRange(); n != m || n == 0 {
		t.Fatalf("%d packets, want %d", n, m)
	}
	_, got := snap.MessageRange()
	if _, m := want.MessageRange(); got < m-1 || got == 0 { // a file knows no arrivals: the lost one counts
		t.Errorf("%d messages, want %d", got, m)
	}
	again := path + ".2"
	if err := s.Write(context.Background(), again, false); err != nil {
		t.Fatal(err)
	}
	if a, b := packets(t, path), packets(t, again); !bytes.Equal(a, b) {
		t.Error("the packets differ when written again")
	}
	if err := s.Write(context.Background(), again, false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an existing file must be refused, got %v", err)
	}
	if err := s.Write(context.Background(), again, true); err != nil {
		t.Errorf("replacing: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Write(ctx, path+".3", false); !errors.Is(err, errStopped) {
		t.Errorf("a stopped write says %v", err)
	}
	if left, _ := filepath.Glob(filepath.Dir(path) + "/*.3*"); len(left) > 0 {
		t.Errorf("a stopped write leaves %v", left)
	}
}

// collect is a sink that keeps all bytes and times.
type collect struct{ bytes.Buffer }

func (c *collect) Packet(p capture.Packet) error {
	c.WriteString(p.At.String())
	c.Write(p.Data)
	return nil
}
func (c *collect) Meta(capture.Meta) error { return nil }

func packets(t *testing.T, path string) []byte {
	t.Helper()
	f, err := file.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var c collect
	if err := f.Run(context.Background(), &c); err != nil {
		t.Fatal(err)
	}
	return c.Bytes()
}

func TestRecentFiles(t *testing.T) {
	r := real(t)
	if got := r.Recent(); len(got) != 0 {
		t.Fatalf("%v", got)
	}
	a, b := sample(t, r), sample(t, r)
	for _, p := range []string{a, b, a} {
		s, err := r.OpenFile(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error("closing twice:", err)
		}
	}
	got := r.Recent()
	if len(got) != 2 || got[0].Path != a || got[1].Path != b {
		t.Errorf("%v", got)
	}
	if err := os.Remove(b); err != nil {
		t.Fatal(err)
	}
	if got := r.Recent(); len(got) != 1 {
		t.Errorf("a file that is gone is still offered: %v", got)
	}
}

func TestAMissingFileIsASentence(t *testing.T) {
	if _, err := real(t).OpenFile(context.Background(), "/no/such.pcap"); err == nil {
		t.Error("no error")
	}
}

func TestPacerIsQuickAndSparing(t *testing.T) {
	got := make(chan time.Duration, 10)
	p := pacer(func(d time.Duration) { got <- d }, firstPace)
	for i := range 1000 {
		p(firstPace + time.Duration(i)*time.Millisecond)
	}
	p(2 * firstPace)
	if d := <-got; d != 2*firstPace {
		t.Errorf("allowed %v", d)
	}
	if len(got) != 0 {
		t.Error("small advances must not be passed on")
	}
}
