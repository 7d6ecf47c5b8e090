package swarm

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/client"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker/announce"
	"netscope/protocols/bittorrent/tracker/server"
	"netscope/protocols/lab"
)

// Run implements lab.Lab: the swarm lives until every leecher has the file, or
// for an hour at most; exposed, until ctx is done.
func (Lab) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	if p.Int("scenario") == clusteringScenario {
		return simulate(ctx, w, p)
	}
	s, err := newRun(ctx, w, variant, p)
	if err != nil {
		return err
	}
	s.trackerOn()
	lab.OnAction(w, s.act)
	at := time.Duration(0)
	chance := w.Rand("arrivals")
	for i := range s.peers {
		x := &s.peers[i]
		if x.Spare {
			continue
		}
		x.arrives = at
		if x.Class != seedClass {
			at += time.Duration(chance.ExpFloat64() * p["arrive"] * 1e9)
		}
		if x.Class == seedClass || x.arrives == 0 {
			s.join(x)
			continue
		}
		lab.Go(w, func() {
			if w.Clock().Sleep(ctx, x.arrives) == nil {
				s.join(x)
			}
		})
	}
	if lab.Exposed(w) {
		<-ctx.Done()
		return nil
	}
	const look, most = time.Second, time.Hour
	for t := time.Duration(0); t < most && !s.over(); t += look {
		if err := w.Clock().Sleep(ctx, look); err != nil {
			return err
		}
	}
	// Who has everything stays, as a seed: the last picture is the swarm's own.
	if err := w.Clock().Sleep(ctx, 5*time.Second); err != nil {
		return err
	}
	return s.verdict()
}

// live is the state of a live swarm. What runs in virtual time takes turns at its
// lock: nothing is done under it that waits.
type live struct {
	ctx     context.Context
	world   lab.World
	params  lab.Params
	variant string
	content []byte
	torrent *metainfo.Torrent
	lock    chan struct{}
	peers   []peer
	tracker func() // stops it; nil: it is off
	errs    []error
}

// peer is a member at work.
type peer struct {
	member
	arrives time.Duration
	store   store.Store
	client  *client.Client // nil: not there
	cancel  context.CancelFunc
	gone    bool // for good
	told    bool // that it has finished
}

func newRun(ctx context.Context, w lab.World, variant string, p lab.Params) (*live, error) {
	content := make([]byte, int(p["size"]))
	random := w.Rand("content")
	for i := 0; i < len(content); i += 8 {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], random.Uint64())
		copy(content[i:], b[:])
	}
	scheme, path := "http", "/announce"
	if p.Int("tracker") == 1 {
		scheme, path = "udp", ""
	}
	url := fmt.Sprintf("%s://%s:%d%s", scheme, trackerHost, trackerPort, path)
	t, err := metainfo.FromBytes(content, metainfo.Options{Name: "lecture.mp4", PieceLength: pieceOf(p), Tiers: [][]string{{url}}})
	if err != nil {
		return nil, err
	}
	s := &live{ctx: ctx, world: w, params: p, variant: variant, content: content, torrent: t, lock: make(chan struct{}, 1)}
	for _, m := range members(p) {
		x := peer{member: m, store: store.NewMemory(t, nil)}
		if m.Class == seedClass {
			x.store = store.NewSeed(t, content)
		}
		s.peers = append(s.peers, x)
	}
	return s, nil
}

func (s *live) locked(f func()) {
	s.lock <- struct{}{}
	defer func() { <-s.lock }()
	f()
}

// note says what happened to a host.
func (s *live) note(host, name, text string, data map[string]any) {
	b, _ := json.Marshal(data) // plain values
	s.world.Note(capture.Note{Host: host, Proto: "bittorrent", Name: name, Summary: text, Data: b})
}

// trackerOn starts the tracker, which ends with trackerOff or the run.
func (s *live) trackerOn() {
	h := s.world.Host(trackerHost)
	addr := fmt.Sprintf(":%d", trackerPort)
	ln, err := h.Listen("tcp", addr)
	if err != nil {
		return // it is on
	}
	pc, err := h.ListenPacket("udp", addr)
	if err != nil {
		ln.Close()
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	srv := server.New(server.Config{Clock: s.world.Clock(), Rand: s.world.Rand("tracker"), Interval: 2 * time.Minute})
	lab.Go(s.world, func() { _ = srv.Serve(ctx, ln) })
	lab.Go(s.world, func() { _ = srv.ServePacket(ctx, pc) })
	s.locked(func() { s.tracker = cancel })
}

func (s *live) trackerOff() {
	s.locked(func() {
		if s.tracker != nil {
			s.tracker()
			s.tracker = nil
		}
	})
}

// join starts a peer's client.
func (s *live) join(x *peer) {
	w := s.world
	h := w.Host(x.Name)
	ann := announce.New(announce.Config{Host: h, Clock: w.Clock(), Rand: w.Rand("announce/" + x.Name), Go: func(f func()) { lab.Go(w, f) }})
	selfish := x.Class != seedClass && w.Rand("selfish/"+x.Name).Float64() < s.params["selfish"]
	c, err := client.New(client.Config{
		Host: h, Name: x.Name, Clock: w.Clock(), Rand: w.Rand("client/" + x.Name), Note: w.Note,
		Go:      func(f func()) { lab.Go(w, f) },
		Torrent: s.torrent, Announce: ann.Announce, Listen: fmt.Sprintf(":%d", peerPort),
		Open:   func(context.Context, *metainfo.Torrent) (store.Store, error) { return keep{x.store}, nil },
		Policy: policyOf(s.variant), Settle: settle(x.Up), UpRate: x.Up, DownRate: 0, Free: x.Class == freeClass, Leave: selfish,
	})
	if err != nil {
		s.locked(func() { s.errs = append(s.errs, fmt.Errorf("%s: %w", x.Name, err)) })
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	there := false
	s.locked(func() {
		if there = x.client != nil || x.gone; !there {
			x.client, x.cancel = c, cancel
		}
	})
	if there {
		cancel()
		return
	}
	s.note(x.Name, "joined", fmt.Sprintf("%s joins (%s, upload %.0f kbit/s)", x.Name, x.Class, x.Up*8/1e3),
		map[string]any{"class": x.Class, "up_Bps": x.Up, "down_Bps": x.Down})
	lab.Go(w, func() {
		err := c.Run(ctx)
		cancel()
		s.locked(func() {
			x.client = nil
			if err != nil {
				s.errs = append(s.errs, fmt.Errorf("%s: %w", x.Name, err))
			}
		})
	})
	if s.params["churn"] > 0 && x.Class != seedClass {
		lab.Go(w, func() { s.churn(x, c) })
	}
}

// churn lets a leecher go away, and come back with what it has.
func (s *live) churn(x *peer, c *client.Client) {
	w := s.world
	r := w.Rand(fmt.Sprintf("churn/%s/%d", x.Name, w.Clock().Now().UnixNano()))
	stay := time.Duration((0.2 + r.ExpFloat64()) * s.params["churn"] * 1e9)
	if w.Clock().Sleep(s.ctx, stay) != nil || x.store.Complete() {
		return
	}
	c.Stop()
	s.note(x.Name, "left", x.Name+" goes away for a while", nil)
	if w.Clock().Sleep(s.ctx, time.Duration((0.5+r.ExpFloat64())*10e9)) == nil {
		s.join(x)
	}
}

// settle is how long two blocks take on the access link of a peer.
func settle(up float64) time.Duration {
	return time.Duration(2 * 16 << 10 / (access * up) * 1e9)
}

// keep is a store that survives its client: what a leecher has on its disk when
// it comes back.
type keep struct{ store.Store }

func (keep) Close() error { return nil }

// over reports whether all leechers that are to come have the file or are gone,
// and tells of those that have.
func (s *live) over() bool {
	all := true
	for i := range s.peers {
		x := &s.peers[i]
		if x.Class == seedClass {
			continue
		}
		c, spare, gone := (*client.Client)(nil), false, false
		s.locked(func() { c, spare, gone = x.client, x.Spare, x.gone })
		if spare || gone {
			continue
		}
		if !x.store.Complete() {
			all = false
			continue
		}
		if x.told {
			continue
		}
		x.told = true
		sum, err := s.hash(x)
		if err != nil {
			s.locked(func() { s.errs = append(s.errs, err) })
			continue
		}
		data := map[string]any{"sha256": sum, "right": sum == s.wanted()}
		if c != nil {
			st := c.Status()
			data["seconds"], data["uploaded"], data["downloaded"] = st.DoneAt.Seconds(), st.Uploaded, st.Downloaded
		}
		s.note(x.Name, "finished", fmt.Sprintf("%s has the whole file; its SHA-256 is right", x.Name), data)
	}
	return all
}

// hash is the SHA-256 of what a peer has.
func (s *live) hash(x *peer) (string, error) {
	h := sha256.New()
	for i := range s.torrent.NumPieces() {
		b := make([]byte, s.torrent.PieceLen(i))
		if err := x.store.ReadBlock(b, i, 0); err != nil {
			return "", fmt.Errorf("%s cannot read piece %d: %w", x.Name, i, err)
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (s *live) wanted() string {
	sum := sha256.Sum256(s.content)
	return hex.EncodeToString(sum[:])
}

// verdict is the run's error: a client that failed, a leecher without the file,
// or one whose file is another.
func (s *live) verdict() error {
	var errs []error
	s.locked(func() { errs = s.errs })
	if len(errs) > 0 {
		return errs[0]
	}
	want := s.wanted()
	for i := range s.peers {
		x := &s.peers[i]
		if !x.told {
			continue
		}
		if got, err := s.hash(x); err != nil || got != want {
			return fmt.Errorf("%s has another file than the seed", x.Name)
		}
	}
	return nil
}
