package main

import (
	"bufio"
	"context"
	"fmt"
	"sync"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/lines"
	"netscope/decoders/timeline"
	"netscope/protocols/realnet"
	"netscope/tui"
	"netscope/tui/session"
)

// course is how work that goes on for long is followed.
type course struct {
	title string
	lines func() []string // what there is to say, if it is not what was said last
	value func() any      // the same for --json; nil: none
	notes []string        // names of notes that are printed
}

// What is kept of the timeline while lines of JSON are written: as much as
// exchanges may need to be told whole.
const (
	followedBytes   = 64 << 20
	followedPackets = 50_000
)

// untold reports whether nobody looks at packets.
func (f *realFlags) untold(a *app) bool { return !f.interactive(a) && !f.json && f.write == "" }

// follow lets a client work on the real network until it ends: in the interface,
// or with what happens printed while it happens. Memory is bounded, however long
// it takes.
func (a *app) follow(ctx context.Context, f *realFlags, c *course, src capture.Source) error {
	tee := func(s capture.Sink) capture.Sink { return s }
	if f.write != "" {
		out, err := file.Create(f.write, file.CreateOptions{Live: true, Force: f.replace, Options: file.Options{Application: application()}})
		if err != nil {
			return err
		}
		var mu sync.Mutex
		defer out.Commit()
		defer every(time.Second, func() { mu.Lock(); _ = out.Flush(); mu.Unlock() })() // a full disk is reported by the next packet
		tee = func(s capture.Sink) capture.Sink { return &guarded{&mu, &copier{s, out}} }
	}
	if f.interactive(a) {
		opener := a.opener()
		opener.Tee = tee
		open := func(context.Context) (*session.Session, error) {
			return opener.OpenSource(c.title, realnet.Notice, src), nil
		}
		return a.show(ctx, tui.Options{Opener: opener, First: tui.Target{Name: c.title, Open: open}, Theme: f.theme})
	}
	w := bufio.NewWriterSize(a.out, 64<<10)
	if f.json {
		return followJSON(ctx, w, c, src, tee)
	}
	return followText(ctx, w, c, src, tee)
}

// guarded lets one goroutine at a time through.
type guarded struct {
	mu *sync.Mutex
	capture.Sink
}

func (g *guarded) Packet(p capture.Packet) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Sink.Packet(p)
}

func (g *guarded) Meta(m capture.Meta) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.Sink.Meta(m)
}

// noted is a sink that keeps notes until they are taken, and passes the rest on
// to next, if there is one. It waits when nobody takes what it passes on.
type noted struct {
	next capture.Sink
	most int // packets between two takes; 0: no limit

	mu    sync.Mutex
	taken sync.Cond
	notes []capture.Note
	count int
	over  bool // nobody takes any more
}

func newNoted(next capture.Sink, most int) *noted {
	n := &noted{next: next, most: most}
	n.taken.L = &n.mu
	return n
}

func (n *noted) Packet(p capture.Packet) error {
	if n.next == nil {
		return nil
	}
	n.mu.Lock()
	for n.most > 0 && n.count >= n.most && !n.over {
		n.taken.Wait()
	}
	n.count++
	n.mu.Unlock()
	return n.next.Packet(p)
}

func (n *noted) Meta(m capture.Meta) error {
	if x, ok := m.(capture.Note); ok {
		n.mu.Lock()
		n.notes = append(n.notes, x)
		n.mu.Unlock()
	}
	if n.next == nil {
		return nil
	}
	return n.next.Meta(m)
}

// take gives the notes since it was called last.
func (n *noted) take() []capture.Note {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.notes
	n.notes = nil
	return out
}

// printed lets packets go on.
func (n *noted) printed(over bool) {
	n.mu.Lock()
	n.count, n.over = 0, n.over || over
	n.taken.Broadcast()
	n.mu.Unlock()
}

// pump runs a source and calls show every d and once more when it has ended. If
// show fails, so does the source.
func pump(ctx context.Context, src capture.Source, sink capture.Sink, n *noted, d time.Duration, show func(ended bool, err error) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- src.Run(ctx, sink) }()
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if e := show(true, err); err == nil {
				err = e
			}
			return err
		case <-tick.C:
			if err := show(false, nil); err != nil {
				cancel()
				n.printed(true)
				<-done
				return err
			}
			n.printed(false)
		}
	}
}

// followText prints notes, and how it stands whenever that has changed, once a
// second at most. Nothing is decoded.
func followText(ctx context.Context, w *bufio.Writer, c *course, src capture.Source, tee func(capture.Sink) capture.Sink) error {
	sink := newNoted(nil, 0)
	last := ""
	return pump(ctx, src, tee(sink), sink, time.Second, func(bool, error) error {
		for _, n := range sink.take() {
			if c.worth(n.Name) {
				fmt.Fprintf(w, "%s   %s\n", n.At.Format(time.TimeOnly), lines.Clean(n.Summary))
			}
		}
		for _, line := range c.lines() {
			if line == "" || line == last {
				continue
			}
			last = line
			fmt.Fprintf(w, "%s   %s\n", time.Now().Format(time.TimeOnly), lines.Clean(line))
		}
		return w.Flush()
	})
}

// followJSON prints messages and notes as they are complete, and how it stands
// once a second.
func followJSON(ctx context.Context, w *bufio.Writer, c *course, src capture.Source, tee func(capture.Sink) capture.Sink) error {
	o := timeline.Options{Decoders: all.List(), Store: store.NewRing(followedBytes), Details: store.NewRing(followedBytes), MaxPackets: followedPackets}
	defer o.Store.Close()
	defer o.Details.Close()
	b := timeline.NewBuilder(o)
	sink := newNoted(b, followedPackets/2)
	p := &printer{f: &outputFlags{json: true}, w: w}
	enc := lines.NewEncoder(w)
	var told time.Time
	return pump(ctx, src, tee(sink), sink, 100*time.Millisecond, func(ended bool, err error) error {
		if ended {
			b.Finish(err)
		}
		notes := sink.take() // first: the messages that they follow are then there
		snap := b.Snapshot()
		if err := p.print(snap); err != nil {
			return err
		}
		if !p.begun {
			sink.back(notes)
			return nil
		}
		for _, n := range notes {
			row := timeline.NoteRow{At: timeline.Time(n.At.Sub(snap.Epoch())), Host: n.Host, Proto: n.Proto, Name: n.Name, Summary: n.Summary, Data: n.Data}
			if err := enc.Note(lines.Source{Snap: snap}, row); err != nil {
				return err
			}
		}
		if c.value != nil && (ended || time.Since(told) >= time.Second) {
			told = time.Now()
			if err := enc.Value(c.value()); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}

// back puts notes back that could not be printed yet.
func (n *noted) back(notes []capture.Note) {
	n.mu.Lock()
	n.notes = append(notes, n.notes...)
	n.mu.Unlock()
}
