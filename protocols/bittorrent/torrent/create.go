package torrent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"netscope/protocols/bittorrent/metainfo"
)

// Making says how a torrent is made.
type Making struct {
	Path        string   // of the file or directory
	Trackers    []string // each a tier of its own; several of one tier are divided by commas
	PieceLength int64    // bytes; 0: chosen by the length
	Private     bool
	Comment     string
}

// minPiece is the shortest piece that clients take.
const minPiece = metainfo.BlockSize

// Make reads the files and makes a torrent of them. Errors are one sentence.
func Make(o Making) (*metainfo.Torrent, error) {
	full, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, reason(o.Path, err)
	}
	info, err := os.Stat(full)
	switch {
	case err != nil:
		return nil, reason(o.Path, err)
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is neither a plain file nor a directory", o.Path)
	case filepath.Dir(full) == full:
		return nil, fmt.Errorf("%s has no name that a torrent could have: name a file or directory in it", o.Path)
	case o.PieceLength != 0 && (o.PieceLength < minPiece || o.PieceLength > metainfo.MaxPieceLength || o.PieceLength&(o.PieceLength-1) != 0):
		return nil, fmt.Errorf("a piece length of %d bytes is not a power of two from %d KiB to %d MiB", o.PieceLength, minPiece>>10, metainfo.MaxPieceLength>>20)
	}
	var tiers [][]string
	for _, text := range o.Trackers {
		var tier []string
		for u := range strings.SplitSeq(text, ",") {
			if u = strings.TrimSpace(u); !trackerURL(u) {
				return nil, fmt.Errorf("%q is no tracker: its address begins with http://, https:// or udp://, as in http://127.0.0.1:6969/announce", u)
			}
			tier = append(tier, u)
		}
		tiers = append(tiers, tier)
	}
	return metainfo.FromFS(os.DirFS(filepath.Dir(full)), filepath.Base(full), metainfo.Options{
		PieceLength: o.PieceLength, Tiers: tiers, Private: o.Private, Comment: o.Comment, CreatedBy: "netscope",
	})
}

func trackerURL(s string) bool {
	for _, p := range []string{"http://", "https://", "udp://"} {
		if rest, ok := strings.CutPrefix(s, p); ok && rest != "" && rest[0] != '/' {
			return true
		}
	}
	return false
}

// WriteNew writes a file that must not be there yet, unless it is to be
// replaced; it is there whole, or not at all.
func WriteNew(path string, data []byte, replace bool) error {
	if _, err := os.Lstat(path); err == nil && !replace {
		return fmt.Errorf("%s is already there: choose another name with -o, or replace it with --force", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".torrent-*")
	if err != nil {
		return reason(path, err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.Write(data)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return reason(path, err)
	}
	return nil
}
