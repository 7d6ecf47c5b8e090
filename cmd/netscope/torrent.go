package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"netscope/protocols/bittorrent/torrent"
	"netscope/protocols/lab"
	"netscope/protocols/realnet"
)

// torrentFlags are the flags of netscope torrent.
type torrentFlags struct {
	realFlags
	dir         string
	port        uint16
	bind        string
	down, up    string
	maxPeers    int
	peers       []string
	noPex       bool
	choker      string
	seed        bool
	noSeed      bool
	seedTime    time.Duration
	seedRatio   float64
	check       bool
	interactive bool
}

func (a *app) torrentCommand() *cobra.Command {
	var f torrentFlags
	cmd := &cobra.Command{
		Use:   "torrent FILE|MAGNET",
		Short: "Download and seed with other BitTorrent clients, and see the swarm",
		Long: `Torrent downloads what a torrent file or magnet link names, and seeds it, with
whatever clients others use. In a terminal the swarm is shown in the interface:
who has which piece, who chokes whom, and each message. Else it prints a line of
progress a second at most; with --json, each message.

Nothing is written outside the directory that -o names. A file is called
NAME.part until the hashes of all its pieces are right. Whatever ends the
program, the same command goes on from the pieces that are there.

In the interface it seeds until it is left; else it ends when all is there,
unless told to seed. A limit such as 500k is in bytes per second, 1k being 1000
and 1Ki 1024. What is shown was seen at this program's sockets. Peers come from
trackers, magnet links, --peer and peer exchange, which private torrents do
without; the DHT is not used.`,
		Example: `  netscope torrent debian.torrent -o ~/Downloads
  netscope torrent 'magnet:?xt=urn:btih:…&tr=…' --down-limit 2M --up-limit 500k
  netscope torrent movie.torrent -o DIR --seed          seed what is in DIR
  netscope torrent movie.torrent -o DIR --check         verify only
  netscope torrent file.torrent --json | jq 'select(.name == "unchoke")'

  netscope torrent track --port 6969                    a swarm of one's own: a tracker,
  netscope torrent create DIR/file -a http://127.0.0.1:6969/announce
  netscope torrent file.torrent -o DIR --seed           … and a seed`,
		Args: exactly(1, "name a torrent file or a magnet link, as in: netscope torrent file.torrent"),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.interactive = f.realFlags.interactive(a)
			o, err := f.options(args[0])
			if err != nil {
				return err
			}
			if f.check {
				return a.checkTorrent(cmd.Context(), o)
			}
			return a.torrent(cmd.Context(), &f, o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.dir, "output", "o", ".", "directory of the files")
	fl.Uint16Var(&f.port, "port", 6881, "port to accept peers at; 0: any that is free")
	fl.StringVar(&f.bind, "bind", "", "address of this machine to use; default: all")
	fl.StringVar(&f.down, "down-limit", "0", "most bytes received per second: 500k, 2M; 0: no limit")
	fl.StringVar(&f.up, "up-limit", "0", "most bytes sent per second")
	fl.BoolVar(&f.seed, "seed", false, "seed until told to stop (in the interface: the default)")
	fl.BoolVar(&f.noSeed, "no-seed", false, "leave as soon as all is there (without the interface: the default)")
	fl.DurationVar(&f.seedTime, "seed-time", 0, "seed no longer than this, as in 30m")
	fl.Float64Var(&f.seedRatio, "seed-ratio", 0, "seed no more than this many times the torrent's length")
	fl.StringArrayVar(&f.peers, "peer", nil, "a peer known beforehand, HOST:PORT (may be repeated)")
	fl.IntVar(&f.maxPeers, "max-peers", 55, "connections at a time")
	fl.BoolVar(&f.noPex, "no-pex", false, "no peer exchange (private torrents never have it)")
	fl.StringVar(&f.choker, "choker", "textbook", "who is unchoked: textbook, bep3 or mainline4")
	fl.BoolVar(&f.check, "check", false, "only verify what is there, and change nothing")
	f.realFlags.add(cmd)
	cmd.AddCommand(a.torrentCreateCommand(), a.torrentTrackCommand())
	return cmd
}

// options reads the flags.
func (f *torrentFlags) options(source string) (o torrent.Options, err error) {
	o = torrent.Options{Source: source, Dir: f.dir, Port: f.port, Peers: f.peers, MaxPeers: f.maxPeers, NoPex: f.noPex}
	if o.Bind, err = bindAddr(f.bind); err != nil {
		return o, err
	}
	if o.DownRate, err = torrent.ParseBytes(f.down); err != nil {
		return o, fmt.Errorf("--down-limit: %w", err)
	}
	if o.UpRate, err = torrent.ParseBytes(f.up); err != nil {
		return o, fmt.Errorf("--up-limit: %w", err)
	}
	var ok bool
	if o.Policy, ok = torrent.Policies()[f.choker]; !ok {
		return o, fmt.Errorf("there is no choker %q: take textbook, bep3 or mainline4", f.choker)
	}
	limited := f.seedTime != 0 || f.seedRatio != 0
	switch {
	case f.seed && f.noSeed:
		return o, errors.New("take either --seed or --no-seed, not both")
	case f.noSeed && limited:
		return o, errors.New("--no-seed leaves no time to seed: drop it, or --seed-time and --seed-ratio")
	case f.maxPeers < 1:
		return o, errors.New("--max-peers must be at least 1")
	}
	o.Until = torrent.Until{Leave: f.noSeed || !f.interactive && !f.seed && !limited, For: f.seedTime, Ratio: f.seedRatio}
	return o, nil
}

// bindAddr reads an address of this machine; "" is none.
func bindAddr(s string) (netip.Addr, error) {
	if s == "" {
		return netip.Addr{}, nil
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return a, fmt.Errorf("--bind %s: name an address of this machine, such as 127.0.0.1", s)
	}
	return a, nil
}

// torrent downloads and seeds.
func (a *app) torrent(ctx context.Context, f *torrentFlags, o torrent.Options) error {
	task, err := torrent.New(o)
	if err != nil {
		return err
	}
	if err := torrent.CheckPort(o.Bind, o.Port); err != nil { // so that it is a plain error, not a screen
		return err
	}
	var failed error
	src := realnet.New(realnet.Options{Seed: seed(), Bind: o.Bind, Untold: f.untold(a)}, func(ctx context.Context, w lab.World) error {
		failed = task.Work(ctx, w)
		return failed
	})
	c := &course{
		title: "torrent: " + task.Title(), lines: func() []string { return []string{task.Status().Line()} }, value: func() any { return progressOf(task.Status()) },
		notes: []string{"torrent", "banned", "hash-failed", "metadata", "tracker", "snubbed", "endgame"},
	}
	err = a.follow(ctx, &f.realFlags, c, src)
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	text, err := task.Status().Result()
	if err == nil && !f.json {
		fmt.Fprintln(a.out, text)
	}
	if err != nil && f.interactive { // leaving the interface early is no failure
		fmt.Fprintln(a.out, err)
		return nil
	}
	return err
}

// progressLine is a line of --json.
type progressLine struct {
	Type       string  `json:"type"`
	State      string  `json:"state"`
	Have       int     `json:"have"`
	Pieces     int     `json:"pieces"`
	Left       int64   `json:"left"`
	Down       float64 `json:"down_bytes_per_s"`
	Up         float64 `json:"up_bytes_per_s"`
	Downloaded int64   `json:"downloaded"`
	Uploaded   int64   `json:"uploaded"`
	Peers      int     `json:"peers"`
	Banned     int     `json:"banned"`
	Path       string  `json:"path"`
	Complete   bool    `json:"complete"`
}

func progressOf(s torrent.Status) progressLine {
	return progressLine{"progress", string(s.State), s.Have, s.Pieces, s.Left, s.DownRate, s.UpRate, s.Downloaded, s.Uploaded, len(s.Peers), s.Banned, s.Path, s.Complete()}
}

// checkTorrent verifies what is there.
func (a *app) checkTorrent(ctx context.Context, o torrent.Options) error {
	rep, err := torrent.Check(ctx, o.Source, o.Dir)
	if err != nil {
		return err
	}
	for _, l := range rep.Lines() {
		fmt.Fprintln(a.out, l)
	}
	return rep.Err()
}

// worth reports whether a note is for the terminal of who does not look at all.
func (c *course) worth(name string) bool { return slices.Contains(c.notes, name) }
