package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders/all"
	"netscope/decoders/lines"
	"netscope/decoders/qlogout"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/run"
)

// runFlags are the flags of netscope run.
type runFlags struct {
	labFlags
	json     bool
	packets  bool
	messages bool
	write    string
	replace  bool
	speed    float64
	expose   []string
	reach    []string
	lasts    time.Duration
	tap      string
	qlog     qlogFlags
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run ID",
		Short: "Run a lab without the interface",
		Long: `Run runs a lab in virtual time and prints what was predicted, what was measured,
and what the difference is made of, for each variant. The same seed gives the
same messages at the same times.

With --expose the lab's services can be reached from this machine, on the wall
clock: one variant runs until Ctrl-C, or for as long as --for says, and each
message is printed when it is complete.`,
		Example: `  netscope run http-connections
  netscope run http-connections --set rtt=20ms --set rate=10Mbit/s --variant pipelined --json
  netscope run http-connections -w connections.pcapng
  netscope run http3 --variant http3 --qlog page.qlog
  netscope run http-connections --variant pipelined --action drop@0.412s:server:client
  netscope run bittorrent --act '30s kill alice' --act '40s tracker off'
  netscope run http-connections --variant persistent --expose=8080=server:80`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l, err := findLab(args[0])
			if err != nil {
				return err
			}
			f.exposed(cmd, args[1:])
			if len(args) > 1 && len(f.expose) == 0 {
				return fmt.Errorf("run takes one lab; %q is one too many", args[1])
			}
			return a.run(cmd.Context(), l, &f)
		},
	}
	f.add(cmd)
	fl := cmd.Flags()
	fl.BoolVar(&f.json, "json", false, "one JSON object a line: lab, messages, notes, measures")
	fl.BoolVar(&f.packets, "packets", false, "with --json: packets, too")
	fl.BoolVar(&f.messages, "messages", false, "without --json: messages, too")
	fl.StringVarP(&f.write, "write", "w", "", "write the packets to a new file (pcapng, or pcap by its name)")
	fl.BoolVar(&f.replace, "force", false, "with -w or --qlog: replace the file if there is one")
	fl.Float64Var(&f.speed, "speed", 0, "virtual seconds a second; 0 is as fast as possible")
	fl.StringArrayVar(&f.expose, "expose", nil, "let this machine reach the lab: [[ADDR:]PORT=]HOST:PORT; alone: every service")
	fl.Lookup("expose").NoOptDefVal = exposeAll
	fl.StringArrayVar(&f.reach, "reach", nil, "with --expose: let the lab reach this machine: HOST:PORT=ADDR:PORT")
	fl.DurationVar(&f.lasts, "for", 0, "with --expose: end after this time")
	fl.StringVar(&f.tap, "tap", "sender", "what is seen, by -w and by the measures: sender, all for every link, or one host by its name")
	f.qlog.add(fl)
	return cmd
}

// isHost reports whether a topology has a host or router of this name.
func isHost(t lab.Topology, name string) bool {
	return slices.ContainsFunc(t.Nodes, func(n lab.Node) bool { return n.Name == name && n.Kind != lab.SwitchNode })
}

const exposeAll = "all"

// keyLogEnv names the file to which labs append their TLS secrets, as it does for
// browsers and curl.
const keyLogEnv = "SSLKEYLOGFILE"

// exposed accepts --expose MAPPING with a space, which a flag with an optional
// value leaves among the arguments.
func (f *runFlags) exposed(cmd *cobra.Command, rest []string) {
	if cmd.Flags().Changed("expose") && len(rest) > 0 {
		var list []string
		for _, e := range append(f.expose, rest...) {
			if e != exposeAll {
				list = append(list, e)
			}
		}
		f.expose = list
	}
}

// request makes the request for one variant.
func (f *runFlags) request(l lab.Lab, v chosenVariant, p lab.Params) (run.Request, error) {
	if f.speed < 0 {
		return run.Request{}, errors.New("--speed must not be negative: take 1 for real time, 0 for as fast as possible")
	}
	journal, err := f.journal(l, v.ID, p)
	if err != nil {
		return run.Request{}, err
	}
	r := run.Request{Lab: l.Spec().ID, Variant: v.ID, Index: v.index, Params: p, Seed: f.seed, Journal: journal, All: f.tap == "all", KeyLog: os.Getenv(keyLogEnv)}
	if !r.All && f.tap != "sender" {
		if !isHost(l.Topology(v.ID, p), f.tap) {
			return r, fmt.Errorf("--tap %s: take sender, all, or a host of the lab", f.tap)
		}
		r.Only = f.tap
	}
	if f.speed > 0 {
		r.Until = time.Nanosecond
	}
	if len(f.expose) == 0 {
		if len(f.reach) > 0 || f.lasts > 0 {
			return r, errors.New("--reach and --for need --expose, which puts the lab on the wall clock")
		}
		return r, nil
	}
	r.Wall, r.Until = true, 0
	for _, e := range f.expose {
		if e == exposeAll {
			continue
		}
		fw, err := run.ParseExpose(e)
		if err != nil {
			return r, err
		}
		r.Expose = append(r.Expose, fw)
	}
	for _, e := range f.reach {
		fw, err := run.ParseReach(e)
		if err != nil {
			return r, err
		}
		r.Reach = append(r.Reach, fw)
	}
	return r, nil
}

// run runs the chosen variants one after the other.
func (a *app) run(ctx context.Context, l lab.Lab, f *runFlags) error {
	spec := l.Spec()
	params, err := f.params(spec)
	if err != nil {
		return err
	}
	chosen, err := f.chosen(spec)
	if err != nil {
		return err
	}
	if len(f.expose) > 0 && len(chosen) > 1 {
		chosen = chosen[:1] // one variant at a time lives on the wall clock
	}
	for _, v := range chosen { // before anything is printed
		if _, err := f.request(l, v, params); err != nil {
			return err
		}
	}
	q, err := f.qlog.writer(f.replace)
	if err != nil {
		return err
	}
	w, err := f.writer(len(chosen))
	if err != nil {
		return err
	}
	out := f.reporter(bufio.NewWriterSize(a.out, 32<<10))
	defer out.flush()
	if err := out.predict(l, chosen, params); err != nil {
		return w.close(err)
	}
	for _, v := range chosen {
		if err = a.variant(ctx, l, f, v, params, out, w, q); err != nil {
			break
		}
	}
	if err == nil {
		err = out.end()
	}
	if err == nil {
		err = q.close()
	}
	return w.close(err)
}

// variant runs one variant and reports it.
func (a *app) variant(ctx context.Context, l lab.Lab, f *runFlags, v chosenVariant, p lab.Params, out reporter, w *runWriter, q *qlogWriter) error {
	req, err := f.request(l, v, p)
	if err != nil {
		return err
	}
	if f.lasts > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.lasts)
		defer cancel()
	}
	r, err := run.Start(ctx, req)
	if err != nil {
		return err
	}
	defer r.Close()
	packets, details := store.New(0), store.New(0)
	defer packets.Close()
	defer details.Close()
	b := timeline.NewBuilder(timeline.Options{Decoders: all.List(), Store: packets, Details: details, Lab: true})
	if err := out.begin(l, v, r.Hello(), req.Journal); err != nil {
		return err
	}
	// Times count from the start of the run, as those of actions do.
	if err := b.Meta(capture.Clock{At: r.Hello().Start}); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx, w.tee(b, v.ID)) }()
	err = f.follow(r, b, out, v, done, w)
	b.Finish(err)
	if req.Wall && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		err = nil // Ctrl-C and --for are how such a run ends
	}
	if err != nil {
		return fmt.Errorf("lab %s, variant %s: %w", l.Spec().ID, v.ID, err)
	}
	if err := q.add(b.Snapshot(), qlogout.Options{Lab: true, Title: "lab " + l.Spec().ID + ", variant " + v.ID}); err != nil {
		return err
	}
	return out.variant(l, v, p, lines.Source{Snap: b.Snapshot(), Variant: v.ID})
}

// follow waits for the run to end; a paced or exposed one is reported as it
// goes on.
func (f *runFlags) follow(r *run.Run, b *timeline.Builder, out reporter, v chosenVariant, done chan error, w *runWriter) error {
	if f.speed == 0 && len(f.expose) == 0 {
		return <-done
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			if f.speed > 0 && len(f.expose) == 0 {
				r.Allow(time.Duration(float64(time.Since(began)) * f.speed))
			}
			if err := out.progress(lines.Source{Snap: b.Snapshot(), Variant: v.ID}); err != nil {
				r.Close()
				<-done
				return err
			}
			w.flush()
		}
	}
}
