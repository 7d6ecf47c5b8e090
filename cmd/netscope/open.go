package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/live"
	"netscope/decoders"
	"netscope/decoders/lines"
	"netscope/decoders/timeline"
)

// open does what netscope does without a command: the start page, a file, or a
// live capture; on a terminal in the interface, else as lines.
func (a *app) open(ctx context.Context, f *rootFlags) error {
	if f.iface == "-" {
		f.file, f.iface = "-", ""
	}
	switch {
	case f.list:
		return a.listInterfaces()
	case f.captureF != "":
		return errors.New("capture filters are not there yet: let tcpdump filter and pipe to netscope, as in: tcpdump -w - 'port 80' | netscope")
	case f.file != "" && f.iface != "":
		return errors.New("take either -r or -i, not both")
	case f.file == "" && f.iface == "" && !isTerminal(a.in) && piped(a.in):
		f.file = "-"
	}
	if f.write != "" && f.file != "" {
		return a.convert(ctx, f)
	}
	if f.write != "" && f.iface == "" {
		return errors.New("-w needs something to write: name a file with -r or an interface with -i")
	}
	if isTerminal(a.out) && !f.json && !f.quiet && len(f.fields) == 0 {
		return a.interactive(ctx, f)
	}
	switch {
	case f.iface != "":
		src, err := live.Open(f.iface, f.live())
		if err != nil {
			return err
		}
		defer src.Close()
		return a.stream(ctx, f, src, nil, f.iface)
	case f.file != "":
		src, r, done, err := openSource(f.file)
		if err != nil {
			return err
		}
		defer done()
		return a.stream(ctx, f, src, r, f.file)
	}
	return errors.New("standard output is not a terminal: name a file or an interface to print its messages, or run netscope --help")
}

func (f *rootFlags) live() live.Options {
	return live.Options{Promiscuous: !f.noPromisc, SnapLen: f.snapLen}
}

// stream prints messages as they are completed, while a source goes on.
func (a *app) stream(ctx context.Context, f *rootFlags, src capture.Source, r *file.Reader, name string) error {
	b, free, err := f.builder(r)
	if err != nil {
		return err
	}
	defer free()
	sink := capture.Sink(b)
	var out *file.File
	if f.write != "" {
		out, err = file.Create(f.write, file.CreateOptions{Live: true, Force: f.replace, Options: file.Options{Application: application()}})
		if err != nil {
			return err
		}
		defer out.Close()
		sink = &copier{b, out}
	}
	p := &printer{f: &f.outputFlags, w: bufio.NewWriterSize(a.out, 64<<10)}
	done := make(chan error, 1)
	go func() { done <- src.Run(ctx, f.limited(sink)) }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case err = <-done:
			if errors.Is(err, errCount) || errors.Is(err, context.Canceled) && f.iface != "" {
				err = nil
			}
			b.Finish(err)
			if perr := p.print(b.Snapshot()); perr != nil {
				return perr
			}
			if out != nil {
				if err := out.Commit(); err != nil {
					return err
				}
			}
			a.reportDrops(b.Snapshot())
			return broken(name, b.Snapshot())
		case <-tick.C:
			if err := p.print(b.Snapshot()); err != nil {
				return err
			}
			if out != nil && n%10 == 9 {
				_ = out.Flush() // a full disk is reported when the next packet is written
			}
		}
	}
}

func (a *app) reportDrops(s *timeline.Snapshot) {
	if d := s.Drops(); d.Kernel > 0 {
		fmt.Fprintf(a.err, "netscope: %d packets came faster than they could be taken and are missing\n", d.Kernel)
	}
}

// copier writes what it passes on.
type copier struct {
	capture.Sink
	out *file.File
}

func (c *copier) Packet(p capture.Packet) error {
	if err := c.out.Packet(p); err != nil {
		return err
	}
	return c.Sink.Packet(p)
}

func (c *copier) Meta(m capture.Meta) error {
	if err := c.out.Meta(m); err != nil {
		return err
	}
	return c.Sink.Meta(m)
}

// printer prints what is new in a timeline.
type printer struct {
	f     *outputFlags
	w     *bufio.Writer
	begun bool
	next  uint64
	pkts  capture.PacketID
}

func (p *printer) print(s *timeline.Snapshot) error {
	if p.f.quiet {
		return nil
	}
	src := lines.Source{Snap: s}
	keep, err := p.f.keep(s)
	if err != nil {
		return err
	}
	enc, text := lines.NewEncoder(p.w), lines.NewText(p.w)
	if _, end := s.PacketRange(); p.f.json {
		if !p.begun && (end > 0 || s.Done()) {
			p.begun = true
			if err := enc.Epoch(s.Epoch()); err != nil {
				return err
			}
		}
		for ; p.f.packets && p.pkts < end; p.pkts++ {
			if err := enc.Packet(src, p.pkts); err != nil {
				return err
			}
		}
	}
	ids, next := s.Completions(p.next)
	p.next = next
	for _, id := range ids {
		switch {
		case keep != nil && !keep(id):
			continue
		case p.f.json:
			err = enc.Message(src, id)
		case len(p.f.fields) > 0:
			err = text.Fields(src, id, p.f.fields)
		case s.Message(id).Level == decoders.MessageLevel:
			err = text.Message(src, id)
		}
		if err != nil {
			return err
		}
	}
	return p.w.Flush()
}

// convert writes a file in another format, complete or not at all.
func (a *app) convert(ctx context.Context, f *rootFlags) error {
	r, _, done, err := openSource(f.file)
	if err != nil {
		return err
	}
	defer done()
	out, err := file.Create(f.write, file.CreateOptions{Options: file.Options{Application: application()}})
	if err != nil {
		return err
	}
	defer out.Close()
	cut := &cutter{Sink: out}
	if err := r.Run(ctx, f.limited(cut)); err != nil && !errors.Is(err, errCount) {
		return unreadable(fmt.Errorf("%s: %w; nothing has been written", f.file, err))
	}
	if err := out.Commit(); err != nil {
		return err
	}
	if cut.at != nil {
		return unreadable(fmt.Errorf("%s is cut short at byte %d: %s; what was before it has been written", f.file, cut.at.Offset, cut.at.Reason))
	}
	return nil
}

// cutter remembers where a file broke off.
type cutter struct {
	capture.Sink
	at *capture.Truncated
}

func (c *cutter) Meta(m capture.Meta) error {
	if t, ok := m.(capture.Truncated); ok {
		c.at = &t
	}
	return c.Sink.Meta(m)
}
