package session

import (
	"context"
	"errors"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/live"
	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/qlog"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/view"
)

// Config is what real sources need to know.
type Config struct {
	Known       []lab.Lab // the labs to offer
	Decoders    []decoders.Decoder
	Force       func(decoders.Hint) string // see timeline.Options
	Secrets     decoders.SecretSource      // key material that the user named; may be nil
	KeyLog      string                     // file to which labs append their TLS secrets; "": none
	Live        live.Options
	Spool       int64                           // bytes of live packets that are kept; 0: 512 MiB
	MaxPackets  int                             // live packets that are kept; 0: a million
	Tee         func(capture.Sink) capture.Sink // sees what a file or interface emits; nil: nothing
	State       string                          // folder that remembers recent files; "": none are
	Application string                          // as written files carry it
	Now         func() time.Time
}

// Real opens real sources. It implements [Opener].
type Real struct{ Config }

var _ Opener = Real{}

// What is kept of an endless capture if nobody says otherwise.
const (
	defaultSpool   = 512 << 20
	defaultPackets = 1_000_000
)

// Labs implements Opener.
func (r Real) Labs() []lab.Lab { return r.Known }

// Interfaces implements Opener: what can be captured and, if nothing can, why.
func (r Real) Interfaces() ([]Interface, error) {
	found, err := live.Interfaces()
	if err != nil {
		return nil, err
	}
	why := ""
	if access := live.CheckAccess(); !access.Capture {
		why = "Capturing is not allowed here; netscope doctor says how to allow it."
		for _, f := range access.Findings {
			if f.Level == live.Bad {
				why = f.Text
				if f.Remedy != "" {
					why += " " + f.Remedy
				}
				break
			}
		}
	}
	out := make([]Interface, len(found))
	for i, f := range found {
		out[i] = Interface{Name: f.Name, About: about(f), Why: why}
	}
	return out, nil
}

// about is one line about an interface: its state and first addresses.
func about(i live.Interface) string {
	s := i.Description()
	for n, a := range i.Addrs {
		if n == 2 {
			return s + ", …"
		}
		s += ", " + a.Addr().String()
	}
	return s
}

// OpenFile implements Opener.
func (r Real) OpenFile(ctx context.Context, path string) (*Session, error) {
	var src capture.Source
	end := func() error { return nil }
	f, err := file.Open(path)
	if err == nil {
		src, end = f, f.Close
	} else if src, err = qlog.Instead(path, err); err != nil {
		return nil, err
	}
	if r.State != "" && path != "-" {
		r.remember(path)
	}
	o := r.options()
	o.Store, o.Details = store.New(0), store.New(0)
	if f != nil {
		if at := f.ReaderAt(); at != nil {
			o.File = at
		}
	}
	s := r.pump(src, o, end)
	s.Subject = view.Subject{Title: baseName(path), Kind: view.FileSubject, Source: path}
	return s, nil
}

// OpenLive implements Opener.
func (r Real) OpenLive(ctx context.Context, name string) (*Session, error) {
	src, err := live.Open(name, r.Live)
	if err != nil {
		return nil, err
	}
	spool, packets := r.Spool, r.MaxPackets
	if spool == 0 {
		spool = defaultSpool
	}
	if packets == 0 {
		packets = defaultPackets
	}
	o := r.options()
	o.Store, o.Details, o.MaxPackets = store.NewRing(spool), store.NewRing(spool/4), packets
	s := r.pump(src, o, src.Close)
	s.Subject = view.Subject{Title: "capture on " + name, Kind: view.LiveSubject, Source: name}
	return s, nil
}

func (r Real) options() timeline.Options {
	return timeline.Options{Decoders: r.Decoders, Force: r.Force, Secrets: r.Secrets}
}

// pump lets a source fill a timeline until it ends or the session is closed.
func (r Real) pump(src capture.Source, o timeline.Options, end func() error) *Session {
	ctx, cancel := context.WithCancel(context.Background())
	b := timeline.NewBuilder(o)
	sink := capture.Sink(b)
	if r.Tee != nil {
		sink = r.Tee(sink)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := src.Run(ctx, sink)
		if ctx.Err() != nil || errors.Is(err, live.ErrClosed) {
			err = nil // it was ended on purpose
		}
		b.Finish(err)
	}()
	return &Session{
		Snapshot: b.Snapshot,
		Write: func(ctx context.Context, path string, replace bool) error {
			return r.write(ctx, b.Snapshot(), path, replace)
		},
		Close: once(func() error {
			cancel()
			err := end()
			<-done
			return errors.Join(err, closeStores(o))
		}),
	}
}

func closeStores(o timeline.Options) error {
	var errs []error
	for _, s := range []capture.Store{o.Store, o.Details} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}
