package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// begin finds out what is there.
func (d *Disk) begin(ctx context.Context, o Options) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.takeLock(); err != nil {
		return err
	}
	if err := d.names(); err != nil {
		return err
	}
	for i := range d.files {
		if err := d.look(i); err != nil {
			return err
		}
	}
	n := d.t.NumPieces()
	for p := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.onDisk(p) {
			ok, err := d.hash(p)
			if err != nil {
				return err
			}
			if ok {
				d.add(p)
			}
		}
		if o.Progress != nil {
			d.mu.Unlock()
			o.Progress(p+1, n)
			d.mu.Lock()
		}
	}
	for i := range d.files {
		if err := d.settle(i); err != nil {
			return err
		}
	}
	return nil
}

// names decides what every file is called, now and when done.
func (d *Disk) names() error {
	d.files = make([]file, len(d.t.Files))
	taken := make(map[string]bool, 2*len(d.files))
	for i, f := range d.t.Files {
		if f.Pad {
			continue
		}
		p := path.Join(f.Path...)
		// metainfo made the names safe; here a slip would cost somebody's files.
		if !filepath.IsLocal(filepath.FromSlash(p)) || !fs.ValidPath(p) {
			return fmt.Errorf("%w: %.100q", metainfoPath, p)
		}
		d.files[i].path = p
		key := strings.ToLower(p)
		if taken[key] && (runtime.GOOS == "windows" || runtime.GOOS == "darwin") {
			return fmt.Errorf("the torrent has two files that this system calls %q: download it on another system", p)
		}
		taken[key] = true
	}
	for i := range d.files {
		f := &d.files[i]
		from, to := d.t.PiecesOf(i)
		f.missing = to - from
		if d.t.Files[i].Pad {
			continue
		}
		dir, base := path.Split(f.path)
		for k := 0; f.part == ""; k++ { // the torrent may have a file x and a file x.part
			end := ".part"
			if k > 0 {
				end = fmt.Sprintf(".%d.part", k)
			}
			name := dir + base[:min(len(base), 255-len(end))] + end
			if key := strings.ToLower(name); !taken[key] {
				taken[key] = true
				f.part = name
			}
		}
	}
	return nil
}

// look finds a file under one of its names.
func (d *Disk) look(i int) error {
	f := &d.files[i]
	if d.t.Files[i].Pad {
		return nil
	}
	full := filepath.Join(d.dir, filepath.FromSlash(f.path))
	info, err := d.regular(f.path)
	if err != nil {
		return err
	}
	part, err := d.regular(f.part)
	if err != nil {
		return err
	}
	switch {
	case info != nil && part != nil:
		return fmt.Errorf("both %s and its unfinished %s are there: move one of them away", full, path.Base(f.part))
	case info != nil && info.Size() != d.t.Files[i].Length:
		return fmt.Errorf("%s is already there and has %d bytes, not the torrent's %d: move it away or choose another directory", full, info.Size(), d.t.Files[i].Length)
	}
	f.done, f.made = info != nil, part != nil
	if part != nil && part.Size() != d.t.Files[i].Length {
		if part.Size() != 0 { // other programs use such names too
			return fmt.Errorf("%s is already there and has %d bytes, not the torrent's %d: move it away or choose another directory", d.name(i), part.Size(), d.t.Files[i].Length)
		}
		// A kill came between making it and giving it its length.
		if err := d.resize(f.part, d.t.Files[i].Length); err != nil {
			return explain("open", d.name(i), err)
		}
	}
	return nil
}

func (d *Disk) resize(name string, n int64) error {
	h, err := d.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(h.Truncate(n), h.Close())
}

// regular describes a file, nil if there is none. What is there must be a plain
// file: a link or a pipe in its place is refused.
func (d *Disk) regular(name string) (fs.FileInfo, error) {
	info, err := d.root.Lstat(name)
	full := filepath.Join(d.dir, filepath.FromSlash(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, explain("look at", full, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is already there and is not a plain file: move it away or choose another directory", full)
	}
	return info, nil
}

// onDisk says whether all files of a piece are there.
func (d *Disk) onDisk(piece int) bool {
	for _, s := range d.t.Segments(piece, 0, d.t.PieceLen(piece)) {
		if f := &d.files[s.File]; !f.done && !f.made && !d.t.Files[s.File].Pad {
			return false
		}
	}
	return true
}

// settle gives a file the name that its pieces deserve.
func (d *Disk) settle(i int) error {
	f := &d.files[i]
	switch {
	case d.t.Files[i].Pad:
		return nil
	case d.t.Files[i].Length == 0 && !f.done && !f.made:
		return d.makeEmpty(i)
	case f.missing == 0 && !f.done:
		return d.nameFile(i)
	case f.missing > 0 && f.done:
		// It is not what its name says: it is unfinished, and is repaired.
		full := d.name(i)
		if f.handle != nil {
			_ = f.handle.Close()
			f.handle = nil
			for k, j := range d.open {
				if j == i {
					d.open = append(d.open[:k], d.open[k+1:]...)
					break
				}
			}
		}
		if err := d.root.Rename(f.path, f.part); err != nil {
			return explain("mark as unfinished", full, err)
		}
		f.done, f.made = false, true
	}
	return nil
}

func (d *Disk) makeEmpty(i int) error {
	f := &d.files[i]
	var err error
	if dir := path.Dir(f.path); dir != "." {
		err = d.root.MkdirAll(dir, 0o777)
	}
	if err == nil {
		var h *os.File
		if h, err = d.root.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err == nil {
			err = h.Close()
		}
	}
	if err != nil {
		return explain("make", filepath.Join(d.dir, filepath.FromSlash(f.path)), err)
	}
	f.done = true
	return nil
}
