//go:build !linux

package live

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"netscope/capture"
)

// anyWorks says whether all interfaces can be captured at once.
const anyWorks = false

func wireless(string) bool { return false }

// Source is a running capture. On this system there is none.
type Source struct{}

// Open fails: netscope captures by itself on Linux only.
func Open(iface string, o Options) (*Source, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return nil, unsupported(iface)
}

func unsupported(iface string) error {
	if iface == "" {
		iface = "IFACE"
	}
	return &Error{
		text: fmt.Sprintf("netscope does not capture on %s yet; pipe a capture instead: sudo tcpdump -i %s -U -w - | netscope -r -",
			runtime.GOOS, iface),
		kind: errors.ErrUnsupported,
	}
}

// Run fails.
func (*Source) Run(context.Context, capture.Sink) error { return unsupported("") }

// Close does nothing.
func (*Source) Close() error { return nil }

// Drops is zero.
func (*Source) Drops() capture.Drops { return capture.Drops{} }

// Link is meaningless here.
func (*Source) Link() capture.LinkType { return 0 }

// gather says what this system allows.
func gather() facts { return facts{os: runtime.GOOS} }
