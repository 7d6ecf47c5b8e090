package torrent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"

	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
)

// CheckPort says in a sentence why peers cannot be accepted at an address and
// port, so that it is known before anything begins. Port 0 is always fine.
func CheckPort(bind netip.Addr, port uint16) error {
	if port == 0 && !bind.IsValid() {
		return nil
	}
	at := fmt.Sprintf(":%d", port)
	if bind.IsValid() {
		at = netip.AddrPortFrom(bind, port).String()
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return explainListen(port, err)
	}
	return l.Close()
}

// Checked is what Check has found.
type Checked struct {
	Torrent *metainfo.Torrent
	Dir     string
	Files   []store.Checked
	Right   int // pieces
}

// Check verifies what is there of a torrent file's files below dir, and changes
// nothing.
func Check(ctx context.Context, source, dir string) (Checked, error) {
	t, _, err := Load(source)
	if err != nil {
		return Checked{}, err
	}
	if t == nil {
		return Checked{}, errors.New("a magnet link has no hashes of pieces to check by: name the torrent file")
	}
	dir = cmp.Or(dir, ".")
	files, have, err := store.Check(ctx, dir, t, store.Options{})
	return Checked{t, dir, files, have.Count()}, err
}

// Lines says of each file how it is, in a line.
func (c Checked) Lines() []string {
	var out []string
	for _, f := range c.Files {
		state := "complete, all hashes are right"
		switch {
		case !f.There:
			state = "is not there"
		case f.Misfit:
			state = "has another length than the torrent says"
		case !f.Whole():
			state = fmt.Sprintf("%d of %d pieces are there and right", f.Right, f.Pieces)
		}
		out = append(out, fmt.Sprintf("%s   %s   %s", f.Name, FormatBytes(float64(f.Length)), state))
	}
	return out
}

// Err is nil if everything is complete, else what is not, in a sentence.
func (c Checked) Err() error {
	n := 0
	for _, f := range c.Files {
		if !f.Whole() {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%s is not complete: %d of %d pieces are there and right; the same command without --check fetches the rest",
		filepath.Join(c.Dir, c.Torrent.Name), c.Right, c.Torrent.NumPieces())
}
