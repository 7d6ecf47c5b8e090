package client

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"netscope/protocols/bittorrent/tracker"
)

const (
	announceTimeout = 30 * time.Second // for one tracker
	minInterval     = 15 * time.Second // between announces, whatever the tracker says
	usualInterval   = 30 * time.Minute // where it says nothing
	wantPeers       = 50
)

// trackerState is one tracker as far as we know it.
type trackerState struct {
	TrackerStatus
	id   string // what it wants to be sent back
	told bool   // it knows that we have started
}

// announcing is the conversation with trackers: one at a time is told, of the
// first tier of which one answers (BEP 12).
type announcing struct {
	tiers   [][]*trackerState
	busy    bool
	again   bool          // an event has come meanwhile
	event   tracker.Event // to be told next
	fails   int
	current *trackerState // the last that answered
	next    *timer
	key     uint32
}

// beginAnnouncing tells the trackers that we have started.
func (c *Client) beginAnnouncing() {
	if c.cfg.Announce == nil {
		return
	}
	tiers := c.cfg.Magnet.Tiers()
	if c.cfg.Torrent != nil {
		tiers = c.cfg.Torrent.Tiers
	}
	a := &c.ann
	a.key = uint32(c.rand.IntN(1<<31-1)) + 1
	for _, urls := range tiers {
		var tier []*trackerState
		for _, u := range urls {
			tier = append(tier, &trackerState{TrackerStatus: TrackerStatus{URL: u, Seeds: -1, Leechers: -1}})
		}
		for i := len(tier) - 1; i > 0; i-- {
			j := c.rand.IntN(i + 1)
			tier[i], tier[j] = tier[j], tier[i]
		}
		if len(tier) > 0 {
			a.tiers = append(a.tiers, tier)
		}
	}
	if len(a.tiers) > 0 {
		c.announce(tracker.Started)
	}
}

// announce tells the trackers something, or that we are still there.
func (c *Client) announce(e tracker.Event) {
	a := &c.ann
	if e != tracker.None {
		a.event = e
	}
	if a.busy {
		a.again = true
		return
	}
	c.forget(a.next)
	a.busy, a.again = true, false
	c.tell(0, 0, a.event)
}

// tell tells one tracker; if it does not answer, the next one.
func (c *Client) tell(tier, at int, e tracker.Event) {
	t := c.ann.tiers[tier][at]
	if !t.told && e != tracker.Stopped {
		e = tracker.Started
	}
	ctx, cancel := context.WithCancel(c.ctx)
	limit := c.after(announceTimeout, cancel)
	ask := c.announcement(t, e)
	c.start(func() {
		ans, err := c.cfg.Announce(ctx, t.URL, ask)
		c.do(func() {
			cancel()
			c.forget(limit)
			if err == nil && ans.Failure != "" {
				err = fmt.Errorf("the tracker says: %.200s", ans.Failure)
			}
			c.told(tier, at, e, ans, err)
		})
	})
}

func (c *Client) announcement(t *trackerState, e tracker.Event) tracker.Announce {
	x := tracker.Announce{
		InfoHash: tracker.Hash(c.infoHash), PeerID: tracker.PeerID(c.id), Port: c.port, Event: e, Key: c.ann.key,
		Uploaded: c.uploaded.Total(), Downloaded: c.downloaded.Total(), Left: c.left(),
		NumWant: wantPeers, Compact: true, NoPeerID: true, TrackerID: t.id,
	}
	if x.Port == 0 {
		x.Port = 1 // a tracker refuses 0; nobody listens there
	}
	if e == tracker.Stopped || c.seeding() && len(c.peers) > 0 {
		x.NumWant = 0
	}
	return x
}

// told takes a tracker's answer.
func (c *Client) told(tier, at int, e tracker.Event, ans tracker.Answer, err error) {
	a := &c.ann
	list := a.tiers[tier]
	t := list[at]
	t.Announces++
	t.Last = c.now()
	if err != nil {
		t.Err = err.Error()
		c.note("tracker", fmt.Sprintf("%s does not help: %v", t.URL, err), map[string]any{"url": t.URL, "event": e.String(), "error": t.Err})
		switch {
		case c.stopping:
		case at+1 < len(list):
			c.tell(tier, at+1, e)
			return
		case tier+1 < len(a.tiers):
			c.tell(tier+1, 0, e)
			return
		}
		a.fails++
		c.announceAgain(min(minInterval<<min(a.fails, 7), usualInterval))
		return
	}
	a.fails, a.current = 0, t
	t.Err, t.told, t.Seeds, t.Leechers, t.Peers = "", e != tracker.Stopped, ans.Complete, ans.Incomplete, len(ans.Peers)
	t.id = cmp.Or(ans.TrackerID, t.id)
	copy(list[1:at+1], list[:at])
	list[0] = t // it comes first from now on (BEP 12)
	if a.event == e || e == tracker.Started && a.event != tracker.Completed {
		a.event = tracker.None
	}
	c.note("tracker", fmt.Sprintf("%s knows %d peers", t.URL, len(ans.Peers)), map[string]any{
		"url": t.URL, "event": e.String(), "peers": len(ans.Peers), "seeds": ans.Complete, "leechers": ans.Incomplete, "interval_s": ans.Interval.Seconds(),
	})
	c.announceAgain(max(cmp.Or(ans.Interval, usualInterval), ans.MinInterval, minInterval))
	for _, p := range ans.Peers {
		switch {
		case p.Addr.Addr().IsValid():
			c.learn(p.Addr)
		case p.Host != "":
			c.learnName(net.JoinHostPort(p.Host, strconv.Itoa(int(p.Addr.Port()))))
		}
	}
	c.dialMore()
}

// announceAgain plans the next announce.
func (c *Client) announceAgain(d time.Duration) {
	a := &c.ann
	a.busy = false
	if c.stopping {
		return
	}
	if a.again {
		c.announce(tracker.None)
		return
	}
	a.next = c.after(d, func() { c.announce(tracker.None) })
	for _, tier := range a.tiers {
		for _, t := range tier {
			t.Next = c.now() + d
		}
	}
}

// announceDone tells that the download is complete.
func (c *Client) announceDone() {
	if len(c.ann.tiers) > 0 {
		c.announce(tracker.Completed)
	}
}

// announceStop tells the tracker that knows us that we leave, then calls over.
func (c *Client) announceStop(over func()) {
	t := c.ann.current
	c.forget(c.ann.next)
	if t == nil || !t.told {
		over()
		return
	}
	ask := c.announcement(t, tracker.Stopped)
	c.start(func() {
		_, _ = c.cfg.Announce(c.ctx, t.URL, ask)
		c.do(over)
	})
}

func (c *Client) trackerStatus() []TrackerStatus {
	var out []TrackerStatus
	for _, tier := range c.ann.tiers {
		for _, t := range tier {
			out = append(out, t.TrackerStatus)
		}
	}
	return out
}
