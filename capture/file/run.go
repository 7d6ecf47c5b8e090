package file

import (
	"context"
	"errors"
	"fmt"
	"io"

	"netscope/capture"
)

// Bounds on what a file may claim. tcpdump and Wireshark refuse packets above
// 262,144 bytes; ours are wide enough for anything that has been captured and
// small enough for memory.
const (
	maxPacket = 16 << 20          // bytes of a packet
	maxParsed = maxPacket + 4<<20 // a pcapng block that is looked into
	maxBlock  = 64 << 20          // a pcapng block that is skipped
	maxTaps   = 1 << 16           // interfaces of a file
)

// How often progress is told.
const (
	progressBytes   = 1 << 20
	progressPackets = 4096
)

// runner is the state of one Run.
type runner struct {
	in        *input
	raw       *input
	sink      capture.Sink
	base      int64 // added to offsets for Packet.Ref; -1: not re-readable
	total     int64
	private   func(Private) error
	next      capture.PacketID
	taps      capture.TapID
	told      int64            // raw offset at the last progress
	toldCount capture.PacketID // packets at the last progress
}

// Run emits everything in the file, in file order: time stamps out of order
// are kept. It returns nil at the end, also if the file is cut short or broken
// somewhere (after a [capture.Truncated]); a [FormatError] if it is not a
// capture file; the sink's error; or ctx's.
func (r *Reader) Run(ctx context.Context, sink capture.Sink) error {
	if r.ran.Swap(true) {
		return fmt.Errorf("%s has been read already; open it again", r.name)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.body == nil {
		if err := r.prepare(ctx, newPump(ctx, r.src)); err != nil {
			return err
		}
	}
	r.in.ctx, r.raw.ctx = ctx, ctx
	x := &runner{in: r.in, raw: r.raw, sink: sink, base: -1, total: r.size, private: r.OnPrivate}
	if r.ReaderAt() != nil {
		x.base = r.base
	}
	err := r.body(x)
	var c *cut
	if errors.As(err, &c) {
		err = sink.Meta(capture.Truncated{Offset: c.off, Reason: c.reason})
	}
	if err == nil {
		err = sink.Meta(x.progress())
	}
	return err
}

func (x *runner) progress() capture.Progress {
	x.told, x.toldCount = x.raw.off, x.next
	return capture.Progress{Done: x.raw.off, Total: x.total}
}

// packet numbers and emits a packet whose data start skip bytes after the
// window's front.
func (x *runner) packet(p *capture.Packet, skip int) error {
	p.ID = x.next
	x.next++
	p.Ref = -1
	if x.base >= 0 {
		p.Ref = x.base + x.in.off + int64(skip)
	}
	if err := x.sink.Packet(*p); err != nil {
		return err
	}
	if x.raw.off-x.told >= progressBytes || x.next-x.toldCount >= progressPackets {
		return x.sink.Meta(x.progress())
	}
	return nil
}

// tap announces an interface and gives its number.
func (x *runner) tap(t capture.Tap) (capture.TapID, error) {
	t.ID = x.taps
	x.taps++
	return t.ID, x.sink.Meta(t)
}

// ended turns the end of the stream in the middle of a record into a cut, and
// lets read errors through. got is how much of the record there was.
func (x *runner) ended(err error, got int, what string) error {
	switch {
	case x.in.ctx.Err() != nil:
		return x.in.ctx.Err()
	case err == io.EOF && got == 0:
		return io.EOF
	case err == io.EOF:
		return x.in.cut("the capture ends in the middle of %s", what)
	case x.in != x.raw && x.raw.sound():
		return x.in.cut("the compressed data end early or are damaged (%v)", err)
	}
	return err
}

// detect finds the format by the first bytes.
func detect(in *input) (format string, body func(*runner) error, err error) {
	b, err := in.peek(4)
	if err != nil && err != io.EOF {
		return "", nil, err
	}
	if h, ok := pcapMagic(b); ok {
		return h.detect(in)
	}
	if isNg(b) {
		return detectNg(in)
	}
	if string(b) == "snoo" {
		return detectSnoop(in)
	}
	// What has arrived must do: a pipe may stay open without another byte.
	return "", nil, &FormatError{Looks: look(in.buf[in.lo:in.hi])}
}

// short is the error of a file that ends within its first header.
func short(format string) error {
	return &FormatError{Looks: "the first bytes of a " + format + " file that has been cut off"}
}
