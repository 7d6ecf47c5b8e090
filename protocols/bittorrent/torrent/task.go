package torrent

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/client"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker/announce"
	"netscope/protocols/lab"
)

// Task is one torrent that is downloaded or seeded.
type Task struct {
	opt     Options
	torrent *metainfo.Torrent // nil: a magnet link
	magnet  metainfo.Magnet

	note    func(capture.Note) // the run's
	name    string             // of this machine
	client  atomic.Pointer[client.Client]
	checked atomic.Int64 // pieces on disk looked at so far
	before  atomic.Int64 // pieces that were there already, −1: not known
}

// New reads what Options.Source names. Nothing is opened or written yet. Errors
// are one sentence.
func New(o Options) (*Task, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	t := &Task{opt: o}
	t.opt.Dir = cmp.Or(o.Dir, ".")
	t.before.Store(-1)
	var err error
	if t.torrent, t.magnet, err = Load(o.Source); err != nil {
		return nil, err
	}
	t.opt.Peers = append(append([]string(nil), o.Peers...), t.magnet.Peers...)
	if t.torrent == nil && len(t.magnet.Trackers) == 0 && len(t.opt.Peers) == 0 {
		return nil, errors.New("the magnet link names neither tracker nor peer, and netscope does not use the DHT: name a peer with --peer")
	}
	return t, nil
}

// Title is a short name.
func (t *Task) Title() string {
	if t.torrent != nil {
		return t.torrent.Name
	}
	return cmp.Or(t.magnet.Name, fmt.Sprintf("%x", t.magnet.InfoHash))
}

// Work takes part in the swarm until ctx ends or it is time to leave; then
// trackers are told. It is what package realnet does. An end that was asked for
// is no error.
func (t *Task) Work(ctx context.Context, w lab.World) error {
	h, clock := w.Host(""), w.Clock()
	t.note, t.name = w.Note, h.Name()
	trackers := announce.New(announce.Config{Host: h, Clock: clock, Rand: w.Rand("tracker")})
	c, err := client.New(client.Config{
		Host: host{h, t.opt.Port}, Name: h.Name(), Clock: clock, Rand: w.Rand("client"), Note: w.Note,
		Torrent: t.torrent, Magnet: t.magnet, Open: t.open, Announce: trackers.Announce, Peers: t.opt.Peers,
		Listen: net.JoinHostPort("", strconv.Itoa(int(t.opt.Port))),
		Policy: t.opt.Policy, UpRate: t.opt.UpRate, DownRate: t.opt.DownRate, NoPex: t.opt.NoPex, MaxPeers: t.opt.MaxPeers,
	})
	if err != nil {
		return err
	}
	t.client.Store(c)
	// The end of ctx is to be told to trackers, which takes a little longer.
	over, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, c.Stop)()
	go t.watch(over, c, clock)
	return c.Run(over)
}

// watch leaves when it is time to.
func (t *Task) watch(ctx context.Context, c *client.Client, clock lab.Clock) {
	for clock.Sleep(ctx, 250*time.Millisecond) == nil {
		s := c.Status()
		if s.DoneAt >= 0 && s.Torrent != nil && t.opt.Until.Over(s.Now-s.DoneAt, s.Uploaded, s.Torrent.Length) {
			c.Stop()
			return
		}
	}
}

// open opens the files.
func (t *Task) open(ctx context.Context, x *metainfo.Torrent) (store.Store, error) {
	d, err := store.OpenDisk(ctx, t.opt.Dir, x, store.Options{Progress: func(done, _ int) { t.checked.Store(int64(done)) }})
	if err != nil {
		return nil, err
	}
	t.before.Store(int64(d.Have().Count()))
	// Peers that have everything need not say how much that is (BEP 6).
	data, err := json.Marshal(map[string]any{"info_hash": hex.EncodeToString(x.InfoHash[:]), "pieces": x.NumPieces(), "bytes": x.Length, "private": x.Private})
	if err == nil {
		t.note(capture.Note{Proto: "bittorrent", Name: "torrent", Host: t.name, Data: data,
			Summary: fmt.Sprintf("%s has %s in %s, %d of them are here", x.Name, FormatBytes(float64(x.Length)), count(x.NumPieces(), "piece"), d.Have().Count())})
	}
	return d, nil
}

// Status is what can be said at this moment. It may be called at any time, from
// any goroutine.
func (t *Task) Status() Status {
	s := Status{Status: client.Status{State: client.Starting, Torrent: t.torrent, DoneAt: -1}, Checked: int(t.checked.Load()), Before: int(t.before.Load())}
	if c := t.client.Load(); c != nil {
		s.Status = c.Status()
	}
	if s.Torrent != nil {
		s.Pieces = s.Torrent.NumPieces()
		s.Path = filepath.Join(t.opt.Dir, s.Torrent.Name)
	}
	return s
}

// host explains why peers cannot be listened for.
type host struct {
	lab.Host
	port uint16
}

// Listen implements client.Host.
func (h host) Listen(network, addr string) (net.Listener, error) {
	l, err := h.Host.Listen(network, addr)
	return l, explainListen(h.port, err)
}

// explainListen says why a port cannot be listened on, and what to do.
func explainListen(port uint16, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return &sentence{fmt.Sprintf("another program uses port %d: choose another one with --port, or 0 for any", port), err}
	case errors.Is(err, syscall.EACCES):
		return &sentence{fmt.Sprintf("port %d may not be used without privileges: choose one above 1023 with --port", port), err}
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return &sentence{"this machine does not have the address that --bind names", err}
	}
	return err
}

// sentence is an error that says it in its own words.
type sentence struct {
	text string
	err  error
}

func (s *sentence) Error() string { return s.text }
func (s *sentence) Unwrap() error { return s.err }
