package run

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
)

// recorder is a sink that keeps everything.
type recorder struct {
	mu      sync.Mutex
	packets []capture.Packet
	metas   []capture.Meta
	seen    chan capture.Meta // told of metas, if set
}

func (r *recorder) Packet(p capture.Packet) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.Data = append([]byte(nil), p.Data...)
	r.packets = append(r.packets, p)
	return nil
}

func (r *recorder) Meta(m capture.Meta) error {
	r.mu.Lock()
	r.metas = append(r.metas, m)
	r.mu.Unlock()
	if r.seen != nil {
		r.seen <- m
	}
	return nil
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.packets)
}

// digest depends on every byte and every time.
func (r *recorder) digest() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := sha256.New()
	for _, p := range r.packets {
		arrived := int64(0)
		if p.Loss == capture.NotLost {
			arrived = p.Arrived.UnixNano()
		}
		binary.Write(h, binary.LittleEndian, []int64{p.At.UnixNano(), arrived, int64(p.Loss), int64(p.Tap), int64(p.Length)})
		h.Write(p.Data)
	}
	return fmt.Sprintf("%d packets %x", len(r.packets), h.Sum(nil)[:8])
}

func metas[T capture.Meta](r *recorder) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []T
	for _, m := range r.metas {
		if x, ok := m.(T); ok {
			out = append(out, x)
		}
	}
	return out
}

func start(t *testing.T, req Request) *Run {
	t.Helper()
	req.Lab = "test"
	r, err := Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// whole runs a child to its end.
func whole(t *testing.T, req Request) (*recorder, *Run) {
	t.Helper()
	r := start(t, req)
	rec := &recorder{}
	if err := r.Run(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	return rec, r
}

func TestChild(t *testing.T) {
	rec, r := whole(t, Request{Seed: 1, Params: lab.Params{"size": 20e3}})
	h := r.Hello()
	if h.Variant != "fetch" || h.Index != 1 || len(h.Hosts) != 2 || len(h.Links) != 1 || h.Links[0].RTT() != 100*time.Millisecond {
		t.Errorf("hello %+v", h)
	}
	if h.Hosts[1].Addrs[0].String() != "10.1.0.2" || h.Params["delay"] != 0.05 {
		t.Errorf("hello %+v", h)
	}
	if first := rec.packets[0]; !first.At.Equal(h.Start) || first.Arrived.Sub(first.At) <= 50*time.Millisecond {
		t.Errorf("first packet %v, arrived %v; start %v", first.At, first.Arrived, h.Start)
	}
	if n := len(metas[capture.Note](rec)); n != 3 {
		t.Errorf("%d notes, want 3", n)
	}
	if len(metas[capture.Secrets](rec)) != 1 || len(metas[capture.Tap](rec)) != 1 || len(metas[capture.Name](rec)) != 4 {
		t.Errorf("metas %v", rec.metas)
	}
	end, ok := r.End()
	last := rec.packets[len(rec.packets)-1]
	if !ok || end.Err != "" || h.Start.Add(end.At).Before(last.Arrived) {
		t.Errorf("end %v, last packet arrived %v", end, last.Arrived)
	}
}

func TestSameSeedSameRun(t *testing.T) {
	req := Request{Seed: 7, Params: lab.Params{"loss": 0.05}}
	first, _ := whole(t, req)
	want := first.digest()
	for range 5 {
		if rec, _ := whole(t, req); rec.digest() != want {
			t.Errorf("child: %s, want %s", rec.digest(), want)
		}
	}
	for range 30 {
		rec := &recorder{}
		if _, end := InBubble(t, testLab{}, req, rec); end.Err != "" || rec.digest() != want {
			t.Fatalf("in process: %v %s, want %s", end, rec.digest(), want)
		}
	}
	req.Seed = 8
	if rec, _ := whole(t, req); rec.digest() == want {
		t.Error("another seed, and yet the same run")
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct{ variant, want string }{
		{"crash", "panic: the lab fell over"},
		{"fail", "the server said no"},
		{"stuck", stuck},
	} {
		err := start(t, Request{Variant: c.variant}).Run(t.Context(), &recorder{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", c.variant, err, c.want)
		}
	}
	for _, c := range []struct {
		req  Request
		want string
	}{
		{Request{Lab: "none"}, "no lab"},
		{Request{Lab: "test", Variant: "none"}, "no variant"},
		{Request{Lab: "test", Params: lab.Params{"none": 1}}, "no parameter"},
		{Request{Lab: "test", Params: lab.Params{"loss": 2}}, "probabilities"},
		{Request{Lab: "test", Index: 300}, "index"},
	} {
		if _, err := Start(t.Context(), c.req); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.req, err, c.want)
		}
	}
	whole(t, Request{Variant: "chatter"})
}

// await reads metas until the clock stands at a time.
func await(t *testing.T, r *Run, rec *recorder, at time.Duration) {
	t.Helper()
	for {
		select {
		case m := <-rec.seen:
			if c, ok := m.(capture.Clock); ok && c.At.Sub(r.Hello().Start) == at {
				return
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("the clock never came to %v", at)
		}
	}
}

func TestPaceAndAct(t *testing.T) {
	const limit = 170 * time.Millisecond
	r := start(t, Request{Seed: 1, Until: limit, Params: lab.Params{"size": 1e6}})
	rec := &recorder{seen: make(chan capture.Meta, 1000)}
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context(), rec) }()
	await(t, r, rec, limit)
	n := rec.count()
	for _, p := range rec.packets {
		if p.At.Sub(r.Hello().Start) > limit {
			t.Errorf("a packet at %v, past the limit", p.At.Sub(r.Hello().Start))
		}
	}
	r.Allow(200 * time.Millisecond)
	await(t, r, rec, 200*time.Millisecond)
	if rec.count() <= n {
		t.Error("nothing happened from one limit to the next")
	}
	slow := lab.Path{Delay: time.Second, Rate: 1e6}
	for _, a := range []lab.Action{
		{Kind: "path", From: "server", To: "client", Path: &slow},
		{Kind: "drop", From: "server", To: "client", Text: "3"},
		{Kind: "param", Name: "x", Text: "hello"},
	} {
		if err := r.Act(a); err != nil {
			t.Fatal(err)
		}
	}
	r.Allow(Forever)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if end, _ := r.End(); end.At < 8*time.Second {
		t.Errorf("over after %v: the link did not become slow", end.At)
	}
	lost := 0
	for _, p := range rec.packets {
		if p.Loss == capture.LostWire {
			lost++
		}
	}
	if lost != 1 {
		t.Errorf("%d packets lost, want the chosen one", lost)
	}
	journal := r.Journal()
	if len(journal) != 3 || journal[0].At != 200*time.Millisecond+1 {
		t.Fatalf("journal %+v", journal)
	}
	again, _ := whole(t, Request{Seed: 1, Journal: journal, Params: lab.Params{"size": 1e6}})
	if again.digest() != rec.digest() {
		t.Errorf("replayed: %s, want %s", again.digest(), rec.digest())
	}
	if err := r.Act(lab.Action{Kind: "drop"}); err == nil {
		t.Error("acted on a run that has ended")
	}
}

// children counts this process's child processes, or skips.
func children(t *testing.T) int {
	t.Helper()
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	if runtime.GOOS != "linux" || len(stats) == 0 {
		t.Skip("only Linux lists processes in /proc")
	}
	n := 0
	for _, s := range stats {
		b, err := os.ReadFile(s)
		if err != nil {
			continue
		}
		var state string
		var parent int
		rest := string(b[strings.LastIndexByte(string(b), ')')+1:])
		if fmt.Sscan(rest, &state, &parent); parent == os.Getpid() {
			n++
		}
	}
	return n
}

func TestCloseLeavesNothing(t *testing.T) {
	before, procs := runtime.NumGoroutine(), children(t)
	for _, paused := range []bool{true, false} {
		req := Request{Lab: "test", Params: lab.Params{"size": 100e6}}
		if paused {
			req.Until = time.Nanosecond
		}
		r, err := Start(context.Background(), req)
		if err != nil {
			t.Fatal(err)
		}
		rec := &recorder{seen: make(chan capture.Meta, 1000)}
		done := make(chan error, 1)
		go func() { done <- r.Run(context.Background(), rec) }()
		<-rec.seen
		r.Close()
		if err := <-done; err == nil {
			t.Error("a closed run ended well")
		}
		r.Close()
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before || children(t) > procs {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before %d; %d processes, before %d\n%s", runtime.NumGoroutine(), before,
				children(t), procs, buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(time.Millisecond)
	}
}

func TestContextEndsRun(t *testing.T) {
	r := start(t, Request{Until: time.Nanosecond})
	ctx, cancel := context.WithCancel(t.Context())
	rec := &recorder{seen: make(chan capture.Meta, 100)}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, rec) }()
	<-rec.seen
	cancel()
	if err := <-done; err != context.Canceled {
		t.Error(err)
	}
}

// A child whose parent has died reads the end of its input.
func TestChildEndsWithItsInput(t *testing.T) {
	r := start(t, Request{Until: time.Nanosecond})
	r.Stop()
	err := r.Run(t.Context(), &recorder{})
	if err == nil || r.cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("%v, state %v", err, r.cmd.ProcessState)
	}
}

// A run that is under way stands still when it is told so, and goes on.
func TestPause(t *testing.T) {
	r := start(t, Request{Params: lab.Params{"size": 20e6}})
	rec := &recorder{seen: make(chan capture.Meta, 1000)}
	done := make(chan error, 1)
	go func() { done <- r.Run(t.Context(), rec) }()
	r.Allow(time.Nanosecond) // long past, or nearly
	var stood time.Time
	for stood.IsZero() {
		if c, ok := (<-rec.seen).(capture.Clock); ok {
			stood = c.At
		}
	}
	at := stood.Sub(r.Hello().Start)
	r.Allow(at + time.Second)
	await(t, r, rec, at+time.Second)
	for _, p := range rec.packets {
		if p.At.After(stood.Add(time.Second)) {
			t.Errorf("a packet at %v, past the limit", p.At)
		}
	}
	r.Allow(Forever)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
