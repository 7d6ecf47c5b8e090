package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"netscope/protocols/bittorrent/metainfo"
)

// Checked is what Check has found of one file.
type Checked struct {
	Name   string // where it is, under its own name or that of an unfinished file
	There  bool   // else there is nothing of it, and Name is where it belongs
	Length int64  // as the torrent says
	Final  bool   // it has its own name, not that of an unfinished file
	Misfit bool   // it has another length than the torrent says
	Right  int    // of its pieces, those that are verified
	Pieces int
}

// Whole reports whether the file is complete and verified.
func (c Checked) Whole() bool { return c.Final && !c.Misfit && c.Right == c.Pieces }

// Check verifies what there is of a torrent below dir and changes nothing. The
// files are in the torrent's order, without padding.
func Check(ctx context.Context, dir string, t *metainfo.Torrent, o Options) ([]Checked, Bitfield, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, explain("open the directory", dir, err)
	}
	d := &Disk{t: t, dir: dir, root: root, have: NewBitfield(t.NumPieces()), writing: map[int]int{}, verifying: map[int]bool{}}
	d.cond = sync.NewCond(&d.mu)
	defer func() { _ = d.Close() }()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.names(); err != nil {
		return nil, nil, err
	}
	found := make([]Checked, len(d.files))
	for i := range d.files {
		if found[i], err = d.find(i); err != nil {
			return nil, nil, err
		}
	}
	for p := range t.NumPieces() {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if d.onDisk(p) {
			ok, err := d.hash(p)
			if err != nil {
				return nil, nil, err
			}
			if ok {
				d.add(p)
			}
		}
		if o.Progress != nil {
			o.Progress(p+1, t.NumPieces())
		}
	}
	var out []Checked
	for i, c := range found {
		if !t.Files[i].Pad {
			c.Right = c.Pieces - d.files[i].missing
			out = append(out, c)
		}
	}
	return out, d.have, nil
}

// find looks under which name a file is there. d.files[i].done, and not made,
// has it opened for reading only.
func (d *Disk) find(i int) (Checked, error) {
	f := &d.files[i]
	c := Checked{Name: filepath.Join(d.dir, filepath.FromSlash(f.path)), Length: d.t.Files[i].Length, Pieces: f.missing}
	if d.t.Files[i].Pad {
		return c, nil
	}
	for _, name := range []string{f.path, f.part} {
		info, err := d.root.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		full := filepath.Join(d.dir, filepath.FromSlash(name))
		switch {
		case err != nil:
			return c, explain("look at", full, err)
		case !info.Mode().IsRegular():
			return c, fmt.Errorf("%s is not a plain file", full)
		}
		c.Name, c.There, c.Final = full, true, name == f.path
		c.Misfit = info.Size() != c.Length
		f.path, f.done = name, true
		break
	}
	return c, nil
}
