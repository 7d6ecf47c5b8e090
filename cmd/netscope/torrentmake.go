package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"netscope/protocols/bittorrent/torrent"
	"netscope/protocols/bittorrent/tracker"
	"netscope/protocols/lab"
	"netscope/protocols/realnet"
)

func (a *app) torrentCreateCommand() *cobra.Command {
	var m torrent.Making
	var out, piece string
	var replace bool
	cmd := &cobra.Command{
		Use:   "create PATH",
		Short: "Make a torrent file of a file or directory",
		Long: `Create makes a torrent file (version 1) of a file, or of all plain files below a
directory, and prints its magnet link. The same files and flags make the same
torrent.`,
		Example: `  netscope torrent create lecture.mp4 -a http://127.0.0.1:6969/announce
  netscope torrent create DIR -a udp://tracker.example:6969 --private -o dir.torrent`,
		Args: exactly(1, "name the file or directory to make a torrent of"),
		RunE: func(cmd *cobra.Command, args []string) error {
			m.Path = args[0]
			n, err := torrent.ParseBytes(piece)
			if err != nil {
				return fmt.Errorf("--piece-length: %w", err)
			}
			m.PieceLength = int64(n)
			t, err := torrent.Make(m)
			if err != nil {
				return err
			}
			if out == "" {
				out = filepath.Base(t.Name) + ".torrent"
			}
			if err := torrent.WriteNew(out, t.Encode(), replace); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "made %s: %s, %s in %d pieces of %s\n%s\n", out, t.Name, torrent.FormatBytes(float64(t.Length)), t.NumPieces(),
				torrent.FormatBytes(float64(t.PieceLength)), t.Magnet())
			return nil
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringArrayVarP(&m.Trackers, "announce", "a", nil, "a tracker's address (may be repeated; those of one tier divided by commas)")
	fl.StringVarP(&out, "output", "o", "", "the torrent file (default: NAME.torrent here)")
	fl.BoolVar(&replace, "force", false, "replace the torrent file if there is one")
	fl.BoolVar(&m.Private, "private", false, "peers come from the trackers only (BEP 27)")
	fl.StringVar(&piece, "piece-length", "0", "bytes of a piece, a power of two from 16Ki; 0: chosen by the length")
	fl.StringVar(&m.Comment, "comment", "", "a remark")
	return cmd
}

func (a *app) torrentTrackCommand() *cobra.Command {
	var f realFlags
	var o torrent.Tracking
	var bind string
	var only []string
	cmd := &cobra.Command{
		Use:   "track",
		Short: "Be a tracker, over HTTP and UDP",
		Long: `Track is a tracker: it tells the peers of a torrent of each other, over HTTP
(http://ADDRESS:PORT/announce) and UDP (udp://ADDRESS:PORT/announce), until told
to stop. In a terminal each announce is shown in the interface, else in a line.`,
		Example: `  netscope torrent track
  netscope torrent track --port 8000 --bind 127.0.0.1 --only file.torrent`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Bind, err = bindAddr(bind); err != nil {
				return err
			}
			for _, name := range only {
				t, m, err := torrent.Load(name)
				if err != nil {
					return err
				}
				h := m.InfoHash
				if t != nil {
					h = t.InfoHash
				}
				o.Only = append(o.Only, tracker.Hash(h))
			}
			return a.track(cmd.Context(), &f, o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.Uint16Var(&o.Port, "port", 6969, "port of HTTP and UDP; 0: any that is free")
	fl.StringVar(&bind, "bind", "", "address of this machine to use; default: all")
	fl.DurationVar(&o.Interval, "interval", 2*time.Minute, "how often peers are to announce")
	fl.StringArrayVar(&only, "only", nil, "track this torrent file or magnet link only (may be repeated)")
	f.add(cmd)
	return cmd
}

// track is a tracker until told to stop.
func (a *app) track(ctx context.Context, f *realFlags, o torrent.Tracking) error {
	if err := torrent.CheckPort(o.Bind, o.Port); err != nil {
		return err
	}
	var mu sync.Mutex
	var told []string
	say := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if told = append(told, line); len(told) > 1000 { // nobody reads as fast
			told = told[500:]
		}
	}
	o.Told = say
	o.Ready = func(urls []string) {
		for _, u := range urls {
			say("the tracker is at " + u)
		}
	}
	src := realnet.New(realnet.Options{Seed: seed(), Bind: o.Bind, Name: "tracker", Untold: f.untold(a)}, func(ctx context.Context, w lab.World) error {
		return torrent.Track(ctx, w, o)
	})
	title := "tracker"
	if o.Port != 0 {
		title = "tracker " + torrent.TrackerURLs(o.Bind, o.Port)[0]
	}
	c := &course{title: title, lines: func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := told
		told = nil
		return out
	}}
	return a.follow(ctx, f, c, src)
}
