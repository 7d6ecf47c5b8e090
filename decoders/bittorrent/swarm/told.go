package swarm

import (
	"encoding/json"
	"slices"

	"netscope/decoders/timeline"
)

// Told is what a note says beside a choker's decision: of a host, what it may
// upload and whether it is there; of a torrent, how long it is; of the tracker,
// whether it answers. What a note does not say is nil or 0.
type Told struct {
	Host    int32  `json:"-"` // index in Log.Hosts
	Note    string `json:"-"` // the note's name: "joined"
	Text    string `json:"-"` // … and sentence
	Torrent int32  `json:"-"` // index in Log.Torrents, -1 none

	Class   string   `json:"class"`
	Up      *float64 `json:"up_Bps"` // limit of what it uploads, bytes a second
	Down    *float64 `json:"down_Bps"`
	Free    *bool    `json:"free"`
	Tracker *bool    `json:"tracker"`

	InfoHash    string `json:"info_hash"` // hexadecimal
	Pieces      int    `json:"pieces"`
	PieceLength int64  `json:"piece_length"` // bytes
	Length      int64  `json:"length"`
}

// HostState is what notes have told of a host.
type HostState struct {
	Class string
	Up    float64 // what it may upload, bytes a second; 0 unknown
	Down  float64
	Free  bool // it uploads nothing
	Gone  bool // it was killed, or has gone away
}

// freeClass is the class of those that come as free riders.
const freeClass = "free rider"

// told reads a note; nil if it is not of this kind.
func (l *Log) told(n *timeline.NoteRow) *Told {
	if n.Proto != "bittorrent" {
		return nil
	}
	switch n.Name {
	case "joined", "killed", "left", "changed", "refused", "torrent", "torrent-known":
	default:
		return nil
	}
	x := &Told{}
	if len(n.Data) > 0 && json.Unmarshal(n.Data, x) != nil {
		return nil
	}
	x.Note, x.Text, x.Host, x.Torrent = n.Name, n.Summary, l.host(n.Host), -1
	if x.Pieces != 0 {
		if x.Pieces < 0 || x.Pieces > maxPieces || x.PieceLength < 0 || len(x.InfoHash) != 40 {
			return nil
		}
		x.Torrent = l.torrent(x.InfoHash)
	}
	return x
}

// maxHosts bounds how many hosts notes can make us keep.
const maxHosts = 1 << 14

func (l *Log) host(name string) int32 {
	i := slices.Index(l.Hosts, name)
	if i < 0 && len(l.Hosts) < maxHosts {
		l.Hosts = append(l.Hosts, name)
		i = len(l.Hosts) - 1
	}
	return int32(i)
}

// tell folds what a note says in.
func (s *State) tell(x *Told) {
	if x.Torrent >= 0 && int(x.Torrent) < len(s.Torrents) {
		t := &s.Torrents[x.Torrent]
		t.Pieces, t.Exact, t.Told = x.Pieces, true, true
		if last := x.Length - int64(x.Pieces-1)*x.PieceLength; x.PieceLength > 0 && last > 0 {
			t.PieceOf, t.LastOf = uint32(min(x.PieceLength, 1<<30)), uint32(min(last, 1<<30))
		}
		return
	}
	if x.Tracker != nil {
		s.TrackerOff = !*x.Tracker
	}
	if x.Host < 0 {
		return
	}
	for int(x.Host) >= len(s.Hosts) {
		s.Hosts = append(s.Hosts, HostState{})
	}
	h := &s.Hosts[x.Host]
	switch x.Note {
	case "joined":
		*h = HostState{Class: x.Class, Free: x.Class == freeClass}
	case "killed", "left":
		h.Gone = true
	}
	if x.Up != nil {
		h.Up = *x.Up
	}
	if x.Down != nil {
		h.Down = *x.Down
	}
	if x.Free != nil {
		h.Free = *x.Free
	}
}

// HostOf is what notes have told of a peer's host.
func (s *State) HostOf(l *Log, node int) HostState {
	if name := l.Nodes[node].Host; name != "" {
		if i := slices.Index(l.Hosts, name); i >= 0 && i < len(s.Hosts) {
			return s.Hosts[i]
		}
	}
	return HostState{}
}

// Capacity is what all who are there may upload together, in bytes a second, as
// far as notes have told it.
func (s *State) Capacity() float64 {
	sum := 0.0
	for i := range s.Hosts {
		if h := &s.Hosts[i]; !h.Gone && !h.Free {
			sum += h.Up
		}
	}
	return sum
}

// grow notes that there are at least n pieces, unless it is known how many.
func (t *TorrentState) grow(n int) {
	if !t.Told {
		t.Pieces = max(t.Pieces, min(n, maxPieces))
	}
}

// asked learns the pieces' lengths from a request.
func (t *TorrentState) asked(e *Event) {
	t.PieceOf = max(t.PieceOf, min(e.Begin+e.Length, 64<<20))
	if int(e.Index)+1 > t.Pieces {
		t.grow(int(e.Index) + 1)
		t.LastOf = 0
	}
	if int(e.Index)+1 == t.Pieces {
		t.LastOf = max(t.LastOf, e.Begin+e.Length)
	}
}

func (l *Log) hostName(i int32) string {
	if i < 0 {
		return ""
	}
	return l.Hosts[i]
}
