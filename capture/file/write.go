package file

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"netscope/capture"
)

// Format is a file format that can be written.
type Format uint8

// The formats.
const (
	PCAPNG Format = iota
	PCAP          // with nanoseconds; one link type, no names, comments or secrets
)

// FormatOf tells by a file's name in which format it is to be written: pcap for
// ".pcap", else pcapng; compressed if ".gz" follows.
func FormatOf(path string) (f Format, compressed bool) {
	path = strings.ToLower(path)
	path, compressed = strings.CutSuffix(path, ".gz")
	if strings.HasSuffix(path, ".pcap") {
		return PCAP, compressed
	}
	return PCAPNG, compressed
}

// Options is what a pcapng section header tells, and what else is written.
type Options struct {
	Hardware    string
	OS          string
	Application string // "netscope 1.0"

	// Private has notes, the clock and [Private] records written as records
	// of netscope's own: for a stream between two of its processes. Without
	// it notes become comments of the next packet, and the others are dropped.
	Private bool
}

// Writer writes packets as a capture file. It is a [capture.Sink]. Its methods
// may be called from different goroutines, so that a timer can flush.
type Writer struct {
	mu  sync.Mutex
	out *bufio.Writer
	enc encoder
	opt Options
	cur capture.Packet // the one being written: kept here so that it costs no allocation
	err error          // first failure; sticky
}

// encoder is one of the formats.
type encoder interface {
	packet(out *bufio.Writer, p *capture.Packet) error
	meta(out *bufio.Writer, m capture.Meta) error
	private(out *bufio.Writer, p Private) error
	// flush writes what must not wait any longer; finish what stands at the end.
	flush(out *bufio.Writer) error
	finish(out *bufio.Writer) error
}

// errClosed is the state of a writer that has been closed.
var errClosed = errors.New("the capture file has been closed already")

// NewWriter makes a writer. Nothing is written before the first packet, meta or
// Flush. Time stamps before 1970 cannot be expressed and are written as 1970.
func NewWriter(w io.Writer, format Format, opt Options) *Writer {
	x := &Writer{out: bufio.NewWriterSize(w, 64<<10), opt: opt}
	if format == PCAP {
		x.enc = &pcapEncoder{}
	} else {
		x.enc = &ngEncoder{opt: opt}
	}
	return x
}

// do runs one step under the lock and keeps its failure.
func (w *Writer) do(step func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = step()
	}
	return w.err
}

// Packet writes a packet. In pcap, a packet of another link type than the first
// is an error.
func (w *Writer) Packet(p capture.Packet) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		if len(p.Data) > maxPacket {
			w.err = fmt.Errorf("packet %d has %d bytes, more than a capture file can hold", p.ID+1, len(p.Data))
		} else {
			w.cur = p
			w.err = w.enc.packet(w.out, &w.cur)
		}
	}
	return w.err
}

// Meta writes what the format can hold of m and drops the rest.
func (w *Writer) Meta(m capture.Meta) error {
	return w.do(func() error {
		if w.opt.Private {
			if p, ok, err := privateMeta(m); ok || err != nil {
				if err != nil {
					return err
				}
				return w.enc.private(w.out, p)
			}
		}
		return w.enc.meta(w.out, m)
	})
}

// privateMeta turns notes and the clock into records.
func privateMeta(m capture.Meta) (p Private, ok bool, err error) {
	var r noteRecord
	switch m := m.(type) {
	case capture.Note:
		p.Kind = kindNote
		r = noteRecord{m.At.UnixNano(), m.Host, m.Proto, m.Name, m.Summary, m.Data}
	case capture.Clock:
		p.Kind = kindClock
		r.At = m.At.UnixNano()
	default:
		return p, false, nil
	}
	p.JSON, err = json.Marshal(r)
	if err != nil {
		err = fmt.Errorf("the data of note %q are not JSON: %w", r.Name, err)
	}
	return p, true, err
}

// WritePrivate writes a record of netscope's own if Options.Private is set, and
// nothing otherwise.
func (w *Writer) WritePrivate(p Private) error {
	if !w.opt.Private {
		return nil
	}
	return w.do(func() error { return w.enc.private(w.out, p) })
}

// Flush writes everything out. What has been written by then is a whole file
// (if compressed: whole but for the compression's own trailer).
func (w *Writer) Flush() error {
	return w.do(func() error {
		if err := w.enc.flush(w.out); err != nil {
			return err
		}
		return w.out.Flush()
	})
}

// Close writes what stands at the end, and flushes. It does not close the
// underlying writer.
func (w *Writer) Close() error {
	err := w.do(func() error {
		if err := w.enc.finish(w.out); err != nil {
			return err
		}
		return w.out.Flush()
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = errClosed
	}
	return err
}

// unixNano is the time in a file: not negative.
func unixNano(t time.Time) uint64 {
	if t.Unix() < 0 {
		return 0
	}
	return uint64(t.Unix())*1e9 + uint64(t.Nanosecond())
}
