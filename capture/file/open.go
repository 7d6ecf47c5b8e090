package file

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
)

// Reader reads one capture file or stream. It is a [capture.Source] that can
// be run once.
type Reader struct {
	// OnPrivate, if set before Run, is called with netscope's private records,
	// between the packets where they stand. An error ends Run.
	OnPrivate func(Private) error

	name   string
	src    io.Reader
	closer io.Closer   // nil if the caller owns src
	at     io.ReaderAt // src, if it can be read at any place
	base   int64       // offset in at of the first byte
	size   int64
	ran    atomic.Bool
	body   func(*runner) error // set once the format is known
	in     *input
	raw    *input // below in if compressed, else the same

	mu     sync.Mutex
	format string
	gzip   bool
}

// Open opens a capture file; "-" is standard input. A file is checked to be a
// capture file at once ([FormatError] if not); of a pipe this is only known
// when it is run.
func Open(path string) (*Reader, error) {
	if path == "-" {
		return open(os.Stdin, "standard input", 0)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, cause(err))
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = fmt.Errorf("%s is a directory; name a capture file in it", path)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	r, err := open(f, path, st.Size())
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	r.closer = f
	return r, nil
}

// cause strips the path that the caller's sentence already names.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// New reads a capture from r, which stays the caller's to close. size is its
// size in bytes, or 0 if unknown. If r is seekable and can be read at any
// place, packets can be read again ([Reader.ReaderAt]); if not, r may be a pipe
// that grows: packets are emitted as they come.
func New(r io.Reader, size int64) (*Reader, error) {
	return open(r, "the input", size)
}

func open(src io.Reader, name string, size int64) (*Reader, error) {
	r := &Reader{name: name, src: src, size: max(size, 0)}
	if !r.seekable() {
		r.size = 0
		return r, nil
	}
	if err := r.prepare(context.Background(), src); err != nil {
		return nil, err
	}
	return r, nil
}

// seekable finds out whether src can be read again, and its size.
func (r *Reader) seekable() bool {
	at, ok := r.src.(io.ReaderAt)
	seek, ok2 := r.src.(io.Seeker)
	if !ok || !ok2 {
		return false
	}
	if f, ok := r.src.(*os.File); ok {
		st, err := f.Stat()
		if err != nil || !st.Mode().IsRegular() {
			return false
		}
		r.size = st.Size()
	}
	base, err := seek.Seek(0, io.SeekCurrent)
	if err != nil {
		return false
	}
	r.at, r.base = at, base
	return true
}

// prepare looks through compression and finds the format.
func (r *Reader) prepare(ctx context.Context, src io.Reader) error {
	r.raw = newInput(ctx, src)
	r.in = r.raw
	b, err := r.raw.peek(2)
	if err != nil && err != io.EOF {
		return r.failed(err)
	}
	packed := len(b) == 2 && b[0] == 0x1f && b[1] == 0x8b
	if packed {
		z, err := gzip.NewReader(r.raw)
		if err != nil && r.raw.sound() {
			return &FormatError{r.name, "a damaged gzip file"}
		}
		if err != nil {
			return r.failed(err)
		}
		r.in = newInput(ctx, z)
	}
	format, body, err := detect(r.in)
	var fe *FormatError
	if errors.As(err, &fe) {
		fe.Name = r.name
		if packed {
			fe.Looks += " (gzip-compressed)"
		}
		return fe
	}
	if packed && r.raw.sound() && err != nil {
		return &FormatError{r.name, "a damaged gzip file"}
	}
	if err != nil {
		return r.failed(err)
	}
	r.mu.Lock()
	r.format, r.gzip = format, packed
	r.mu.Unlock()
	r.body = body
	return nil
}

func (r *Reader) failed(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("cannot read %s: %w", r.name, cause(err))
}

// Format is "pcap", "pcap (nanoseconds)", "pcapng", …, with ", gzip" if
// compressed; empty while unknown. It may be called from any goroutine.
func (r *Reader) Format() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gzip {
		return r.format + ", gzip"
	}
	return r.format
}

// ReaderAt reads the bytes of packets again, at Packet.Ref. It is nil for
// streams and for compressed files, whose packets have Ref -1.
func (r *Reader) ReaderAt() io.ReaderAt {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gzip {
		return nil
	}
	return r.at
}

// Size is the size of the file in bytes, as stored; 0 if unknown.
func (r *Reader) Size() int64 { return r.size }

// Close closes the file if Open opened it. It may be called while Run runs,
// which then fails.
func (r *Reader) Close() error {
	if r.closer == nil {
		return nil
	}
	return r.closer.Close()
}
