package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"netscope/capture"
)

// anyWorks says whether all interfaces can be captured at once.
const anyWorks = true

// Source is a capture on one interface, or on all. It is a [capture.Source]
// that can run once.
type Source struct {
	name    string
	desc    string
	loops   map[int32]bool // indexes of loopback interfaces
	link    capture.LinkType
	cooked  bool
	snap    int
	count   int
	fd      int
	wake    int // eventfd that ends a poll
	ring    []byte
	next    int // the block to be read next
	scratch []byte

	mu      sync.Mutex
	drops   capture.Drops
	running bool
	closed  bool
	done    chan struct{} // closed when Run has ended
}

// Run emits the interface as a [capture.Tap], then packets as they come, and
// every second [capture.Drops] if there is something new to tell. It returns
// nil when Count packets have been emitted, ctx's error when ctx is done,
// [ErrClosed] after Close, the sink's error, or an [Error] when the interface
// goes away. Data is valid only during the call.
func (s *Source) Run(ctx context.Context, sink capture.Sink) error {
	if err := s.begin(); err != nil {
		return err
	}
	defer s.finish()
	stop := context.AfterFunc(ctx, s.interrupt)
	defer stop()
	if err := sink.Meta(capture.Tap{Name: s.name, Description: s.desc, Link: s.link, SnapLen: s.snap}); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	told := capture.Drops{}
	tell := func() error {
		if err := s.readStatistics(); err != nil || s.Drops() == told {
			return err
		}
		told = s.Drops()
		return sink.Meta(told)
	}
	r := reader{s: s, sink: sink}
	for {
		err := r.blocks(ctx)
		if errors.Is(err, errEnough) {
			return tell()
		}
		if err != nil {
			_ = tell() // the first error is the one to report
			return err
		}
		select {
		case <-tick.C:
			if err := tell(); err != nil {
				return err
			}
		default:
		}
		if err := s.wait(ctx); err != nil {
			_ = tell()
			return err
		}
	}
}

// errEnough says that Count packets have been emitted.
var errEnough = errors.New("enough packets")

// wait sleeps until the kernel has filled a block, at most a quarter second.
func (s *Source) wait(ctx context.Context) error {
	fds := []unix.PollFd{
		{Fd: int32(s.fd), Events: unix.POLLIN | unix.POLLERR},
		{Fd: int32(s.wake), Events: unix.POLLIN},
	}
	_, err := unix.Poll(fds, 250)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return failed(s.name, "waiting for packets", err)
	}
	if err := s.ended(ctx); err != nil {
		return err
	}
	if fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) == 0 {
		return nil
	}
	code, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	switch {
	case err != nil:
		return failed(s.name, "asking for the socket's error", err)
	case code == int(unix.ENETDOWN) && s.name == Any || code == 0:
		return nil
	case code == int(unix.ENETDOWN), code == int(unix.ENODEV), code == int(unix.ENXIO):
		return wentDown(s.name)
	}
	return failed(s.name, "receiving", unix.Errno(code))
}

// ended says whether the run is to end.
func (s *Source) ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	return nil
}

// Drops is how many packets the kernel could not keep so far.
func (s *Source) Drops() capture.Drops {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drops
}

// Link is the link type of the packets.
func (s *Source) Link() capture.LinkType { return s.link }

// readStatistics adds the kernel's counters, which reading sets to zero.
func (s *Source) readStatistics() error {
	st, err := unix.GetsockoptTpacketStatsV3(s.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return failed(s.name, "reading the drop counter", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops.Kernel += uint64(st.Drops)
	return nil
}

func (s *Source) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.running {
		return &Error{text: "this capture runs already; open the interface again for another"}
	}
	s.running = true
	s.done = make(chan struct{})
	return nil
}

// finish ends a run. The source is used up: its ring is given back.
func (s *Source) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.release()
	close(s.done)
}

// interrupt wakes a waiting Run.
func (s *Source) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wake >= 0 {
		_, _ = unix.Write(s.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // full only if woken already
	}
}

// Close ends the capture, waits for Run to return, and frees the ring. It must
// not be called from the sink; return an error there instead.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	if !s.running {
		s.release()
		s.mu.Unlock()
		return nil
	}
	done := s.done
	s.mu.Unlock()
	s.interrupt()
	<-done
	return nil
}

// release frees what the kernel lent. The caller holds the lock.
func (s *Source) release() {
	if s.ring != nil {
		_ = unix.Munmap(s.ring)
		s.ring = nil
	}
	for _, fd := range []*int{&s.fd, &s.wake} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
			*fd = -1
		}
	}
}
