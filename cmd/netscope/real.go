package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"io"

	"github.com/spf13/cobra"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/lines"
	"netscope/decoders/timeline"
	"netscope/protocols/realnet"
	"netscope/tui"
	"netscope/tui/session"
)

// realFlags are the flags of commands that work on the real network.
type realFlags struct {
	write   string
	replace bool
	json    bool
	text    bool
	theme   string
}

func (f *realFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVarP(&f.write, "write", "w", "", "write what passed the sockets to a new file (pcapng, or pcap by its name)")
	fl.BoolVar(&f.replace, "force", false, "with -w: replace the file if there is one")
	fl.BoolVar(&f.json, "json", false, "one JSON object a line: messages and notes")
	fl.BoolVar(&f.text, "text", false, "plain text although standard output is a terminal")
	addTheme(cmd, &f.theme)
}

// interactive reports whether the interface is what is wanted.
func (f *realFlags) interactive(a *app) bool { return isTerminal(a.out) && !f.json && !f.text }

// real lets a client work on the real network: in the interface, or until it
// ends, with report telling in text what came of it.
func (a *app) real(ctx context.Context, f *realFlags, title string, src capture.Source, report func(io.Writer) error) error {
	var tee func(capture.Sink) capture.Sink
	if f.write != "" {
		out, err := file.Create(f.write, file.CreateOptions{Live: true, Force: f.replace, Options: file.Options{Application: application()}})
		if err != nil {
			return err
		}
		defer out.Commit()
		tee = func(s capture.Sink) capture.Sink { return &copier{s, out} }
	}
	if f.interactive(a) {
		opener := a.opener()
		opener.Tee = tee
		open := func(context.Context) (*session.Session, error) {
			return opener.OpenSource(title, realnet.Notice, src), nil
		}
		return a.show(ctx, tui.Options{Opener: opener, First: tui.Target{Name: title, Open: open}, Theme: f.theme})
	}
	o := timeline.Options{Decoders: all.List(), Store: store.New(0), Details: store.New(0)}
	defer o.Store.Close()
	defer o.Details.Close()
	b := timeline.NewBuilder(o)
	sink := capture.Sink(b)
	if tee != nil {
		sink = tee(b)
	}
	err := src.Run(ctx, sink)
	b.Finish(err)
	w := bufio.NewWriter(a.out)
	switch {
	case err != nil:
	case f.json:
		enc, s := lines.NewEncoder(w), lines.Source{Snap: b.Snapshot()}
		if err = enc.Epoch(s.Snap.Epoch()); err == nil {
			err = enc.Messages(s)
		}
	default:
		err = report(w)
	}
	if e := w.Flush(); err == nil {
		err = e
	}
	return err
}

// seed is one that nobody can guess: the IDs and ports of real questions come
// from it.
func seed() (b [32]byte) {
	_, _ = rand.Read(b[:]) // it does not fail
	return b
}
