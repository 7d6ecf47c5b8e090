package distribution

import (
	"context"
	"fmt"
	"time"

	"netscope/protocols/bittorrent/choker"
	"netscope/protocols/bittorrent/client"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker/announce"
	"netscope/protocols/bittorrent/tracker/server"
	"netscope/protocols/lab"
)

const (
	trackerPort = 6969
	peerPort    = 6881
)

// pieceOf is the piece length of the real swarm: about 256 pieces, a power of
// two from 16 KiB on.
func pieceOf(size float64) int64 {
	n := int64(16 << 10)
	for float64(n)*256 < size && n < 1<<20 {
		n *= 2
	}
	return n
}

// overSwarm has n peers download the file in a swarm with the server as seed
// and tracker. With n = 0 the server is there until ctx is done.
func overSwarm(ctx context.Context, w lab.World, p lab.Params, n int) (took time.Duration, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	file := content(w, p, n)
	// Each swarm has ports of its own: those of the last one still linger in
	// TCP's TIME-WAIT.
	url := fmt.Sprintf("http://server:%d/announce", trackerPort+n)
	t, err := metainfo.FromBytes(file, metainfo.Options{Name: "file", PieceLength: pieceOf(p["size"]), Tiers: [][]string{{url}}})
	if err != nil {
		return 0, err
	}
	ln, err := w.Host("server").Listen("tcp", fmt.Sprintf(":%d", trackerPort+n))
	if err != nil {
		return 0, err
	}
	ended := make(chan error, n+2)
	srv := server.New(server.Config{Clock: w.Clock(), Rand: w.Rand("tracker"), Interval: 2 * time.Minute})
	lab.Go(w, func() { _ = srv.Serve(ctx, ln); ended <- nil })
	going := 1
	var clients []*client.Client
	start := func(name string, up float64, st store.Store) error {
		h := w.Host(name)
		key := fmt.Sprintf("%s/%d", name, n)
		tell := announce.New(announce.Config{Host: h, Clock: w.Clock(), Rand: w.Rand("announce/" + key), Go: func(f func()) { lab.Go(w, f) }})
		c, err := client.New(client.Config{
			Host: h, Name: name, Clock: w.Clock(), Rand: w.Rand("client/" + key), Note: w.Note,
			Go: func(f func()) { lab.Go(w, f) }, Torrent: t, Announce: tell.Announce, Listen: fmt.Sprintf(":%d", peerPort+n),
			Open:   func(context.Context, *metainfo.Torrent) (store.Store, error) { return st, nil },
			Policy: choker.Mainline4(), UpRate: up / 8,
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		clients = append(clients, c)
		going++
		lab.Go(w, func() { ended <- c.Run(ctx) })
		return nil
	}
	began := w.Clock().Now()
	up := measuredUp(p)
	err = start("server", up*p["us"], store.NewSeed(t, file))
	var stores []*store.Memory
	for i := 0; i < n && err == nil; i++ {
		st := store.NewMemory(t, nil)
		stores = append(stores, st)
		err = start(peerName(i), up, st)
	}
	if err == nil && n == 0 {
		<-ctx.Done()
	} else if err == nil {
		err = await(ctx, w, stores, began.Add(time.Duration(20*bound(peerToPeer, p, n)*p["scaled"]/p["hour"]*1e9)))
		took = w.Clock().Now().Sub(began)
	}
	for _, c := range clients {
		c.Stop()
	}
	for ; going > 1; going-- {
		if e := <-ended; e != nil && err == nil {
			err = e
		}
	}
	cancel()
	<-ended
	return took, err
}

// await sleeps until every store is complete. It looks ten times a second,
// which is as exact as the time can be known.
func await(ctx context.Context, w lab.World, stores []*store.Memory, until time.Time) error {
	for i := 0; i < len(stores); {
		if stores[i].Complete() {
			i++
			continue
		}
		if w.Clock().Now().After(until) {
			return fmt.Errorf("%s does not get the file: choose a larger file or a longer F/u", peerName(i))
		}
		if err := w.Clock().Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
