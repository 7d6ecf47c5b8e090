// Package progress charts a BitTorrent swarm over time: how much of the file
// each peer has, and how fast content flows in all, beside what the peers may
// upload together.
//
// It takes samples of the fold of decoders/bittorrent/swarm as the playhead
// goes on, each once, and keeps a bounded number of them.
package progress

import (
	"math"
	"sort"

	fold "netscope/decoders/bittorrent/swarm"
	"netscope/decoders/timeline"
	"netscope/tui/chart"
	"netscope/tui/view"
	"netscope/tui/view/grid"
)

// firstStep is between two samples; it doubles when there are too many.
const firstStep timeline.Time = 500e6

const (
	maxSamples = 512
	maxPeers   = 60 // that have a line
)

// Source is a [chart.Source]. It is not safe for concurrent use; each view has
// its own.
type Source struct {
	tr      fold.Tracker
	epoch   int64
	step    timeline.Time
	samples []sample
	behind  bool // there are more samples to take than one frame had time for
}

// sample is the swarm at a time.
type sample struct {
	at       timeline.Time
	has      []float64 // of each node, in percent; NaN: not there yet
	rate     float64   // bytes a second that arrive, in all
	capacity float64
}

// New makes the source.
func New() *Source { return &Source{tr: fold.Tracker{Budget: budget}} }

const (
	budget = 1500 // messages that are read for one frame: about 10 ms
	batch  = 64   // samples that are taken for one frame
)

// Behind implements chart.Gradual.
func (s *Source) Behind() bool { return s.behind }

// Plots implements chart.Source.
func (s *Source) Plots(f *view.Frame) []chart.Plot {
	if f.Timeline == nil {
		return nil
	}
	now := max(f.Head.Time, f.Timeline.TimeOf(f.Head.Pos))
	s.follow(f.Timeline, now)
	n := sort.Search(len(s.samples), func(i int) bool { return s.samples[i].at > now })
	if n < 2 || len(s.tr.Log.Nodes) < 2 {
		return nil
	}
	return []chart.Plot{s.downloads(s.samples[:n], now), s.rates(s.samples[:n], now)}
}

// follow takes the samples up to now that were not taken yet.
func (s *Source) follow(t *timeline.Snapshot, now timeline.Time) {
	if e := t.Epoch().UnixNano(); s.step == 0 || s.epoch != e || len(s.samples) > 0 && t.Now() < s.samples[len(s.samples)-1].at {
		*s = Source{epoch: e, step: firstStep, tr: fold.Tracker{Budget: budget}}
	}
	s.behind = false
	taken := 0
	for at := timeline.Time(len(s.samples)) * s.step; at <= now; at += s.step {
		p := t.PositionAt(at)
		if p < t.Oldest() {
			p = t.Oldest()
		}
		st := s.tr.At(t, p)
		if taken++; s.tr.Behind() || taken > batch {
			s.behind = true
			return
		}
		s.samples = append(s.samples, s.sample(st, at))
		if len(s.samples) < maxSamples {
			continue
		}
		for i := 0; 2*i < len(s.samples); i++ {
			s.samples[i] = s.samples[2*i]
		}
		s.samples = s.samples[:(len(s.samples)+1)/2]
		s.step *= 2
		at = timeline.Time(len(s.samples)-1) * s.step
	}
}

// sample is what is kept of a state.
func (s *Source) sample(st *fold.State, at timeline.Time) sample {
	x := sample{at: at, has: make([]float64, min(len(st.Nodes), 4*maxPeers)), capacity: st.Capacity()}
	for i := range st.Nodes {
		n := &st.Nodes[i]
		x.rate += n.Flow[1].PerSecond(at)
		if i >= len(x.has) {
			continue
		}
		x.has[i] = math.NaN()
		if !n.Seen {
			continue
		}
		of := 0
		if t := s.tr.Log.Nodes[i].Torrent; int(t) < len(st.Torrents) && t >= 0 {
			of = st.Torrents[t].Pieces
		}
		switch {
		case n.Seed:
			x.has[i] = 100
		case of > 0:
			x.has[i] = 100 * float64(n.Pieces(of)) / float64(of)
		}
	}
	return x
}

// torrent is the one with most peers, as in the swarm view.
func (s *Source) torrent() int32 {
	n := make([]int, len(s.tr.Log.Torrents))
	best := int32(0)
	for i := range s.tr.Log.Nodes {
		if t := s.tr.Log.Nodes[i].Torrent; t >= 0 && int(t) < len(n) {
			if n[t]++; n[t] > n[best] {
				best = t
			}
		}
	}
	return best
}

// downloads has a line for each peer that has not had everything from the start.
func (s *Source) downloads(xs []sample, now timeline.Time) chart.Plot {
	p := chart.Plot{Title: "what each peer has", XName: "time", XUnit: "s", YUnit: "%", At: now.Seconds()}
	torrent, row := s.torrent(), -1
	for i := range s.tr.Log.Nodes {
		node := &s.tr.Log.Nodes[i]
		if node.Torrent != torrent {
			continue
		}
		row++ // letters as in the swarm view
		l := chart.Line{Letter: grid.Letters(row), Name: node.Name(), Kind: chart.Steps, Series: row}
		lacks := false
		for _, x := range xs {
			if i >= len(x.has) || math.IsNaN(x.has[i]) {
				continue
			}
			lacks = lacks || x.has[i] < 100
			l.Points = append(l.Points, chart.Point{X: x.at.Seconds(), Y: x.has[i]})
		}
		if lacks && len(p.Lines) < maxPeers {
			p.Lines = append(p.Lines, l)
		}
	}
	return p
}

// rates are what flows in all, and what could.
func (s *Source) rates(xs []sample, now timeline.Time) chart.Plot {
	p := chart.Plot{Title: "all peers together", XName: "time", XUnit: "s", YUnit: "kB/s", At: now.Seconds(),
		Lines: []chart.Line{
			{Name: "content that arrives", Kind: chart.Steps, Series: 0},
			{Name: "upload limits of those who are there, free riders not counted", Kind: chart.Steps, Series: 1},
		},
		Note: "The rate is taken over 20 s. Capacity is what notes tell of upload limits.",
	}
	told := false
	for _, x := range xs {
		p.Lines[0].Points = append(p.Lines[0].Points, chart.Point{X: x.at.Seconds(), Y: x.rate / 1e3})
		p.Lines[1].Points = append(p.Lines[1].Points, chart.Point{X: x.at.Seconds(), Y: x.capacity / 1e3})
		told = told || x.capacity > 0
	}
	if !told {
		p.Lines, p.Note = p.Lines[:1], "The rate is taken over 20 s."
	}
	return p
}
