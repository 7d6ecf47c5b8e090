package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/all"
	"netscope/decoders/keylog"
	"netscope/decoders/timeline"
)

// decodeFlags are the flags that say how packets are decoded.
type decodeFlags struct {
	as    []string // -d layer==value,proto
	count int64    // -c
	keys  string   // --keylog
}

// force makes the timeline's choice of decoder from the -d flags.
func (f *decodeFlags) force() (func(decoders.Hint) string, error) {
	type rule struct {
		transport decoders.Transport
		port      uint16
		decoder   string
	}
	var rules []rule
	for _, text := range f.as {
		layer, rest, ok := strings.Cut(text, "==")
		value, proto, ok2 := strings.Cut(rest, ",")
		port, err := strconv.ParseUint(value, 10, 16)
		r := rule{port: uint16(port), decoder: decoderName(proto)}
		switch layer {
		case "tcp.port":
			r.transport = decoders.TCP
		case "udp.port":
			r.transport = decoders.UDP
		}
		if !ok || !ok2 || err != nil || r.transport == decoders.NoTransport {
			return nil, fmt.Errorf("-d %s: write it as tcp.port==8080,http or udp.port==5353,dns", text)
		}
		if r.decoder == "" {
			return nil, fmt.Errorf("-d %s: there is no decoder %q: take one of %s", text, proto, strings.Join(decoderNames(), ", "))
		}
		rules = append(rules, r)
	}
	return func(h decoders.Hint) string {
		for _, r := range rules {
			if h.Transport == r.transport && (h.A.Port() == r.port || h.B.Port() == r.port) {
				return r.decoder
			}
		}
		return ""
	}, nil
}

func decoderNames() []string {
	var names []string
	for _, d := range all.List() {
		names = append(names, d.Name())
	}
	return names
}

// decoderName finds a decoder by its name, or by Wireshark's name for the
// protocol without the version ("http").
func decoderName(proto string) string {
	for _, n := range decoderNames() {
		if n == proto || strings.TrimRight(n, "0123456789") == proto {
			return n
		}
	}
	return ""
}

// builder makes a timeline for a source; reader may be nil.
func (f *decodeFlags) builder(r *file.Reader) (*timeline.Builder, func(), error) {
	force, err := f.force()
	if err != nil {
		return nil, nil, err
	}
	secrets, err := f.secrets()
	if err != nil {
		return nil, nil, err
	}
	o := timeline.Options{Decoders: all.List(), Force: force, Secrets: secrets, Store: store.New(0), Details: store.New(0)}
	if r != nil {
		if at := r.ReaderAt(); at != nil {
			o.File = at
		}
	}
	free := func() {
		o.Store.Close()
		o.Details.Close()
	}
	return timeline.NewBuilder(o), free, nil
}

// maxKeyLog is how large a key log may be.
const maxKeyLog = 64 << 20

// secrets reads the key log that --keylog names; nil if it names none.
func (f *decodeFlags) secrets() (decoders.SecretSource, error) {
	if f.keys == "" {
		return nil, nil
	}
	file, err := os.Open(f.keys)
	if err != nil {
		return nil, unreadable(fmt.Errorf("--keylog: %w", err))
	}
	defer file.Close()
	log := &keylog.Log{}
	if _, err := io.Copy(log, io.LimitReader(file, maxKeyLog)); err != nil {
		return nil, unreadable(fmt.Errorf("--keylog: %w", err))
	}
	if _, err := log.Write([]byte("\n")); err != nil { // the last line may lack its end
		return nil, err
	}
	if log.Len() == 0 {
		return nil, unreadable(fmt.Errorf("--keylog %s holds no secrets: it must be what SSLKEYLOGFILE makes browsers and curl write", f.keys))
	}
	return log, nil
}

// errCount ends a source after -c packets.
var errCount = errors.New("enough packets")

// limiter passes on at most n packets.
type limiter struct {
	capture.Sink
	left int64
}

func (l *limiter) Packet(p capture.Packet) error {
	if l.left <= 0 {
		return errCount
	}
	l.left--
	return l.Sink.Packet(p)
}

// limited applies -c to a sink.
func (f *decodeFlags) limited(s capture.Sink) capture.Sink {
	if f.count <= 0 {
		return s
	}
	return &limiter{s, f.count}
}

// loadFile reads a whole file into a timeline. What was read before a failure
// is kept: the error is in the snapshot.
func (f *decodeFlags) loadFile(ctx context.Context, path string) (*timeline.Snapshot, func(), error) {
	src, r, done, err := openSource(path)
	if err != nil {
		return nil, nil, err
	}
	b, free, err := f.builder(r)
	if err != nil {
		done()
		return nil, nil, err
	}
	err = src.Run(ctx, f.limited(b))
	if errors.Is(err, errCount) {
		err = nil
	}
	b.Finish(err)
	return b.Snapshot(), func() { free(); done() }, nil
}
