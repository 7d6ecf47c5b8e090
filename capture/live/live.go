// Package live captures packets from the interfaces of this machine, lists the
// interfaces, and tells whether this process may capture.
//
// On Linux it reads the kernel's packet ring (AF_PACKET, TPACKET_V3), without
// cgo and without libpcap. On other systems [Open] fails with a sentence that
// says how to pipe a capture from another program.
//
// It knows nothing of what packets mean, keeps none of them, and cannot filter.
package live

import (
	"errors"
	"fmt"
)

// DefaultSnapLen is how many bytes of a packet are captured if Options say
// nothing: more than any packet has.
const DefaultSnapLen = 262144

// Any is the name of the pseudo-interface that stands for all interfaces.
const Any = "any"

// Options say how to capture.
type Options struct {
	// Promiscuous asks the interface for packets meant for other hosts too.
	// "any" cannot be promiscuous.
	Promiscuous bool
	// SnapLen is how many bytes of each packet are kept; 0 is DefaultSnapLen.
	SnapLen int
	// Filter is a capture filter. Only the empty one is accepted yet.
	Filter string
	// Count ends the capture after so many packets; 0 is no limit.
	Count int
}

func (o Options) check() error {
	switch {
	case o.Filter != "":
		return &Error{text: "capture filters come later; leave out -f and use a display filter (-Y) instead", kind: errors.ErrUnsupported}
	case o.SnapLen < 0:
		return &Error{text: fmt.Sprintf("a snapshot length of %d bytes is impossible; give 0 or more", o.SnapLen)}
	case o.Count < 0:
		return &Error{text: fmt.Sprintf("%d packets cannot be captured; give 0 (no limit) or more", o.Count)}
	}
	return nil
}

func (o Options) snapLen() int {
	if o.SnapLen == 0 || o.SnapLen > DefaultSnapLen {
		return DefaultSnapLen
	}
	return o.SnapLen
}

// Error is why an interface cannot be captured, in one sentence with what to
// do next. errors.Is finds fs.ErrPermission, fs.ErrNotExist or
// errors.ErrUnsupported where that is the reason.
type Error struct {
	text string
	kind error
}

// Error is the sentence.
func (e *Error) Error() string { return e.text }

// Unwrap is the kind of failure.
func (e *Error) Unwrap() error { return e.kind }

// ErrClosed is what Run returns when the source has been closed.
var ErrClosed = errors.New("the capture has been closed")
