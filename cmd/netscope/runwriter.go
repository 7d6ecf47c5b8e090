package main

import (
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/store"
)

// runWriter writes what the runs send to one file. A single run is written as
// it goes on; several share one clock, so their packets are put in order when
// all have ended. Its methods work on a nil file, for runs without -w.
type runWriter struct {
	file    *file.File
	direct  bool
	flushed time.Time
	runs    []*recording
}

// recording is one run that waits to be merged with the others.
type recording struct {
	items []recorded
	data  capture.Store
	taps  capture.TapID // added to the numbers of this run's taps
	names string
}

type recorded struct {
	at     time.Time
	meta   capture.Meta // nil: a packet
	packet capture.Packet
	ref    int64
	n      int
}

func (f *runFlags) writer(variants int) (*runWriter, error) {
	w := &runWriter{direct: variants == 1}
	if f.write == "" {
		return w, nil
	}
	var err error
	w.file, err = file.Create(f.write, file.CreateOptions{Live: true, Force: f.replace, Options: file.Options{Application: application()}})
	return w, err
}

// tee passes on to sink what is written, too.
func (w *runWriter) tee(sink capture.Sink, variant string) capture.Sink {
	if w.file == nil {
		return sink
	}
	if w.direct {
		return &tee{sink, w, nil}
	}
	r := &recording{data: store.New(0), names: variant}
	if n := len(w.runs); n > 0 {
		r.taps = w.runs[n-1].taps + w.runs[n-1].count()
	}
	w.runs = append(w.runs, r)
	return &tee{sink, w, r}
}

func (r *recording) count() capture.TapID {
	n := capture.TapID(0)
	for _, i := range r.items {
		if t, ok := i.meta.(capture.Tap); ok {
			n = max(n, t.ID-r.taps+1)
		}
	}
	return n
}

// tee writes and passes on.
type tee struct {
	capture.Sink
	w *runWriter
	r *recording // nil: written at once
}

func (t *tee) Packet(p capture.Packet) error {
	if err := t.w.packet(t.r, p); err != nil {
		return err
	}
	return t.Sink.Packet(p)
}

func (t *tee) Meta(m capture.Meta) error {
	if err := t.w.meta(t.r, m); err != nil {
		return err
	}
	return t.Sink.Meta(m)
}

func (w *runWriter) packet(r *recording, p capture.Packet) error {
	if r == nil {
		return w.file.Packet(p)
	}
	ref, err := r.data.Put(p.Data)
	n := len(p.Data)
	p.Data, p.Tap = nil, p.Tap+r.taps
	r.items = append(r.items, recorded{at: p.At, packet: p, ref: ref, n: n})
	return err
}

func (w *runWriter) meta(r *recording, m capture.Meta) error {
	if r == nil {
		return w.file.Meta(m)
	}
	i := recorded{meta: m}
	switch m := m.(type) {
	case capture.Tap:
		m.ID += r.taps
		m.Name = r.names + " " + m.Name
		i.meta = m
	case capture.Note:
		i.at = m.At
	case capture.Name, capture.Secrets, capture.Comment:
	default:
		return nil
	}
	r.items = append(r.items, i)
	return nil
}

// flush makes the file complete up to now, once a second.
func (w *runWriter) flush() {
	if w.file != nil && w.direct && time.Since(w.flushed) >= time.Second {
		w.flushed = time.Now()
		_ = w.file.Flush() // a full disk is reported when the next packet is written
	}
}

// close merges what waits, completes the file, and returns err or its own.
func (w *runWriter) close(err error) error {
	if w.file == nil {
		return err
	}
	werr := w.merge()
	if cerr := w.file.Commit(); werr == nil {
		werr = cerr
	}
	if err == nil {
		err = werr
	}
	return err
}

func (w *runWriter) merge() error {
	for _, r := range w.runs {
		defer r.data.Close()
	}
	for {
		var first *recording
		for _, r := range w.runs {
			if len(r.items) > 0 && (first == nil || r.items[0].at.Before(first.items[0].at)) {
				first = r
			}
		}
		if first == nil {
			return nil
		}
		i := first.items[0]
		first.items = first.items[1:]
		if i.meta != nil {
			if err := w.file.Meta(i.meta); err != nil {
				return err
			}
			continue
		}
		i.packet.Data = make([]byte, i.n)
		if err := first.data.ReadAt(i.packet.Data, i.ref); err != nil {
			return err
		}
		if err := w.file.Packet(i.packet); err != nil {
			return err
		}
	}
}

// application is the program's name as files carry it.
func application() string { return "netscope " + version() }
