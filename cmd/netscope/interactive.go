package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders/all"
	"netscope/decoders/filter"
	"netscope/decoders/timeline"
	labs "netscope/protocols/all"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
	"netscope/tui"
	views "netscope/tui/all"
	"netscope/tui/session"
)

// interactive opens the interface on what the flags name, or its start page.
func (a *app) interactive(ctx context.Context, f *rootFlags) error {
	force, err := f.force()
	if err != nil {
		return err
	}
	secrets, err := f.secrets()
	if err != nil {
		return err
	}
	opener := a.opener()
	opener.Force, opener.Secrets = force, secrets
	opener.Live = f.live()
	opener.Live.Count = int(f.count)
	if f.write != "" {
		out, err := file.Create(f.write, file.CreateOptions{Live: true, Force: f.replace, Options: file.Options{Application: application()}})
		if err != nil {
			return err
		}
		defer out.Commit()
		defer every(time.Second, func() { _ = out.Flush() })() // a full disk is reported by the next packet
		opener.Tee = func(s capture.Sink) capture.Sink { return &copier{s, out} }
	}
	if f.file != "" && f.file != "-" {
		_, _, done, err := openSource(f.file) // so that a bad name is a plain error, not a screen
		if err != nil {
			return err
		}
		done()
	}
	o := tui.Options{Opener: opener, First: tui.Target{File: f.file, Iface: f.iface}, Theme: f.theme, FilterText: f.filter}
	if f.filter != "" {
		fl, err := filter.Parse(f.filter)
		if err != nil {
			return unreadable(err)
		}
		o.Filter = func(s *timeline.Snapshot) func(timeline.MessageID) bool {
			return func(id timeline.MessageID) bool { return fl.Match(s, id) }
		}
	}
	return a.show(ctx, o)
}

// opener opens real labs, files and interfaces.
func (a *app) opener() session.Real {
	return session.Real{Config: session.Config{Known: labs.List(), Decoders: all.List(), State: stateDir(),
		KeyLog: os.Getenv(keyLogEnv), Application: application(), Now: time.Now}}
}

// show runs the interface until it is left.
func (a *app) show(ctx context.Context, o tui.Options) error {
	if !isTerminal(a.out) {
		return fmt.Errorf("the interface needs a terminal, and standard output is none: take netscope run or netscope read")
	}
	o.Views = views.Views()
	o.NoTint = os.Getenv("NO_COLOR") != ""
	if o.Theme == "" {
		o.Theme = os.Getenv("NETSCOPE_THEME")
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	in := a.in
	if !isTerminal(in) { // a capture comes in there; keys come from the terminal
		name := "/dev/tty"
		if runtime.GOOS == "windows" {
			name = "CONIN$"
		}
		tty, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return fmt.Errorf("there is no terminal to read keys from: %w", err)
		}
		defer tty.Close()
		in = tty
	}
	return tui.Run(ctx, o, in, a.out)
}

// every calls f again and again until the function that it returns is called.
func every(d time.Duration, f func()) (stop func()) {
	t := time.NewTicker(d)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-t.C:
				f()
			case <-done:
				return
			}
		}
	}()
	return func() { t.Stop(); close(done); <-ended }
}

// stateDir is where recent files are remembered (XDG base directories).
func stateDir() string {
	if d := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "netscope")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".local", "state", "netscope")
}

func (a *app) labCommand() *cobra.Command {
	var f labFlags
	var theme string
	var expose []string
	cmd := &cobra.Command{
		Use:   "lab [ID]",
		Short: "Open a lab in the interface",
		Long: `Lab opens a lab in the interface; without ID, the start page.

With --expose real programs can join in: the lab runs on the wall clock and its
services are reached at the addresses that the screen shows.`,
		Example: `  netscope lab http-connections --set rtt=50ms --variant pipelined
  netscope lab http-connections --expose=8080=server:80`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o := tui.Options{Opener: a.opener(), Theme: theme, Seed: f.seed}
			if len(args) == 0 {
				return a.show(cmd.Context(), o)
			}
			l, err := findLab(args[0])
			if err != nil {
				return err
			}
			q, err := f.open(l, expose, args[1:])
			if err != nil {
				return err
			}
			o.First.Lab = q
			return a.show(cmd.Context(), o)
		},
	}
	f.add(cmd)
	addTheme(cmd, &theme)
	cmd.Flags().StringArrayVar(&expose, "expose", nil, "let this machine reach the lab: [[ADDR:]PORT=]HOST:PORT; alone: every service")
	cmd.Flags().Lookup("expose").NoOptDefVal = exposeAll
	return cmd
}

func addTheme(cmd *cobra.Command, theme *string) {
	cmd.Flags().StringVar(theme, "theme", "", "colours: dark, light, … (default: by the terminal's background)")
}

// open makes the interface's request for a lab from the flags.
func (f *labFlags) open(l lab.Lab, expose, rest []string) (*session.LabRequest, error) {
	spec := l.Spec()
	params, err := f.params(spec)
	if err != nil {
		return nil, err
	}
	chosen, err := f.chosen(spec)
	if err != nil {
		return nil, err
	}
	journal, err := f.journal(l, chosen[0].ID, params)
	if err != nil {
		return nil, err
	}
	q := &session.LabRequest{Lab: l, Variant: chosen[0].ID, Index: chosen[0].index, Params: params, Seed: f.seed, Journal: journal, Wall: len(expose) > 0}
	if !q.Wall && len(rest) > 0 {
		return nil, fmt.Errorf("lab takes one lab; %q is one too many", rest[0])
	}
	for _, e := range append(expose, rest...) {
		if e == exposeAll {
			continue
		}
		fw, err := run.ParseExpose(e)
		if err != nil {
			return nil, err
		}
		q.Expose = append(q.Expose, fw)
	}
	return q, nil
}
