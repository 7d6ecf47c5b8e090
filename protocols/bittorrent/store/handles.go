package store

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// maxOpen bounds the handles of one torrent, which may have 100,000 files.
const maxOpen = 48

// lockName is a file that a process holds while it uses a torrent in a
// directory. The system frees it when the process ends, however it ends.
func (d *Disk) lockName() string { return fmt.Sprintf(".%x.lock", d.t.InfoHash) }

// name gives where a file is kept now, for a person.
func (d *Disk) name(i int) string { return filepath.Join(d.dir, filepath.FromSlash(d.files[i].now())) }

func (f *file) now() string {
	if f.done {
		return f.path
	}
	return f.part
}

// acquire gives a handle of a file, which is open until release. d.mu is held.
func (d *Disk) acquire(i int, write bool) (*os.File, error) {
	f := &d.files[i]
	for f.naming {
		d.cond.Wait()
	}
	if f.handle == nil {
		h, err := d.openFile(f, d.t.Files[i].Length, write)
		if err != nil {
			return nil, explain("open", d.name(i), err)
		}
		f.handle = h
		d.open = append(d.open, i)
		d.evict()
	} else if d.open[len(d.open)-1] != i {
		k := slices.Index(d.open, i)
		d.open = append(slices.Delete(d.open, k, k+1), i)
	}
	f.refs++
	return f.handle, nil
}

func (d *Disk) release(i int) {
	d.files[i].refs--
	d.evict()
	d.cond.Broadcast()
}

// evict closes the handles used least recently that nobody is using. The last
// one is being handed out.
func (d *Disk) evict() {
	for k := 0; len(d.open) > maxOpen && k < len(d.open)-1; {
		f := &d.files[d.open[k]]
		if f.refs > 0 || f.naming {
			k++
			continue
		}
		_ = f.handle.Close() // what it wrote was written; syncing is naming's
		f.handle = nil
		d.open = slices.Delete(d.open, k, k+1)
	}
}

// openFile opens a file for what its state allows: one that is done is only
// read. A part is made when it is first written.
func (d *Disk) openFile(f *file, length int64, write bool) (*os.File, error) {
	if f.done {
		return d.root.Open(f.path)
	}
	if f.made {
		return d.root.OpenFile(f.part, os.O_RDWR, 0)
	}
	if !write {
		return nil, os.ErrNotExist
	}
	if dir := path.Dir(f.part); dir != "." {
		if err := d.root.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	// O_EXCL: nobody else's file, and no link, is written to.
	h, err := d.root.OpenFile(f.part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	f.made = true
	if err := h.Truncate(length); err != nil { // holes: no space is taken yet
		_ = h.Close()
		return nil, err
	}
	return h, nil
}

// nameFiles gives their names to the files of a piece that are now complete.
func (d *Disk) nameFiles(piece int) error {
	for _, s := range d.t.Segments(piece, 0, d.t.PieceLen(piece)) {
		if d.files[s.File].missing > 0 || d.t.Files[s.File].Pad {
			continue
		}
		if err := d.nameFile(s.File); err != nil {
			return err
		}
	}
	return nil
}

// nameFile syncs a complete file and renames it, while nobody uses it.
func (d *Disk) nameFile(i int) error {
	f := &d.files[i]
	for f.naming {
		d.cond.Wait()
	}
	if f.done {
		return nil
	}
	f.naming = true
	for f.refs > 0 {
		d.cond.Wait()
	}
	h := f.handle
	f.handle = nil
	d.open = slices.DeleteFunc(d.open, func(k int) bool { return k == i })
	d.mu.Unlock()
	err := d.rename(f, h)
	d.mu.Lock()
	f.naming = false
	f.done = err == nil
	d.cond.Broadcast()
	if err != nil {
		return explain("give its name to", filepath.Join(d.dir, filepath.FromSlash(f.path)), err)
	}
	return nil
}

func (d *Disk) rename(f *file, h *os.File) error {
	if h == nil {
		var err error
		if h, err = d.root.OpenFile(f.part, os.O_RDWR, 0); err != nil {
			return err
		}
	}
	err := h.Sync()
	if e := h.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	// Renaming would replace what came there meanwhile.
	if _, err := d.root.Lstat(f.path); err == nil {
		return os.ErrExist
	}
	if err := d.root.Rename(f.part, f.path); err != nil {
		return err
	}
	if dir, err := d.root.Open(path.Dir(f.path)); err == nil {
		_ = dir.Sync() // some systems cannot; the file itself is synced
		_ = dir.Close()
	}
	return nil
}
