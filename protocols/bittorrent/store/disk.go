package store

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"netscope/protocols/bittorrent/metainfo"
)

// Disk keeps a torrent's files below a directory, which no symbolic link leads
// out of (os.Root).
//
// A file is written under a name that ends in ".part", at its full length with
// holes. It gets its own name when every piece that it has bytes in is
// verified and the bytes have been synced. There is no other state: opening
// hashes what is there, so that a kill at any moment costs unverified pieces
// only.
//
// Three things exclude each other for a piece: writing (by many), and verifying
// (by one). A file that gets its name waits until nobody uses it. All waiting
// is on one condition variable; nobody waits while using a file.
type Disk struct {
	t    *metainfo.Torrent
	dir  string
	root *os.Root
	lock *os.File

	mu        sync.Mutex
	cond      *sync.Cond
	files     []file
	open      []int // files with an open handle, least recently used first
	have      Bitfield
	count     int // verified pieces
	writing   map[int]int
	verifying map[int]bool
	users     int // calls under way
	closed    bool
}

var _ Store = (*Disk)(nil)

// file is one of the torrent's files on disk.
type file struct {
	path, part string // below the directory; part until it is done
	done       bool   // it has its own name
	made       bool   // part exists
	naming     bool   // it is about to get its name
	handle     *os.File
	refs       int // uses of handle
	missing    int // pieces that are not yet verified
}

// Options for a Disk.
type Options struct {
	// Progress is told how many pieces have been looked at while opening. May
	// be nil.
	Progress func(done, of int)
}

// OpenDisk opens a torrent's files below dir, making dir if it is not there, and
// verifies what there is of them. A file that has its final name but another
// length is somebody else's: the error says so, and nothing is touched. Errors
// are one sentence.
func OpenDisk(ctx context.Context, dir string, t *metainfo.Torrent, o Options) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, explain("make the directory", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, explain("open the directory", dir, err)
	}
	d := &Disk{t: t, dir: dir, root: root, have: NewBitfield(t.NumPieces()), writing: map[int]int{}, verifying: map[int]bool{}}
	d.cond = sync.NewCond(&d.mu)
	if err := d.begin(ctx, o); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Torrent is what the pieces belong to.
func (d *Disk) Torrent() *metainfo.Torrent { return d.t }

// enter begins a call, which Close waits for.
func (d *Disk) enter() error {
	if d.closed {
		return ErrClosed
	}
	d.users++
	return nil
}

func (d *Disk) leave() {
	d.users--
	d.cond.Broadcast()
}

// ReadBlock fills b from a verified piece.
func (d *Disk) ReadBlock(b []byte, piece int, begin int64) error {
	if err := check(d.t, piece, begin, int64(len(b))); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	if !d.have.Has(piece) {
		return ErrMissing
	}
	return d.transfer(b, piece, begin, false)
}

// transfer reads or writes a block, with d.mu held but for the transfer itself.
func (d *Disk) transfer(b []byte, piece int, begin int64, write bool) error {
	for _, s := range d.t.Segments(piece, begin, int64(len(b))) {
		part := b[:s.Len]
		b = b[s.Len:]
		if d.t.Files[s.File].Pad {
			if !write {
				clear(part)
			}
			continue
		}
		h, err := d.acquire(s.File, write)
		if err != nil {
			return err
		}
		d.mu.Unlock()
		if write {
			_, err = h.WriteAt(part, s.Off)
		} else {
			_, err = h.ReadAt(part, s.Off)
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
		}
		d.mu.Lock()
		d.release(s.File)
		if err != nil {
			return explain(verb(write), d.name(s.File), err)
		}
	}
	return nil
}

func verb(write bool) string {
	if write {
		return "write"
	}
	return "read"
}

// WriteBlock keeps a part of a piece that is not yet verified.
func (d *Disk) WriteBlock(b []byte, piece int, begin int64) error {
	if err := check(d.t, piece, begin, int64(len(b))); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.enter(); err != nil {
		return err
	}
	defer d.leave()
	for d.verifying[piece] {
		d.cond.Wait()
	}
	if d.have.Has(piece) {
		return nil
	}
	d.writing[piece]++
	err := d.transfer(b, piece, begin, true)
	if d.writing[piece]--; d.writing[piece] == 0 {
		delete(d.writing, piece)
	}
	d.cond.Broadcast()
	return err
}

// Verify compares what was written with the piece's hash, reading it from disk.
// A file that is now complete gets its name.
func (d *Disk) Verify(piece int) (bool, error) {
	if err := check(d.t, piece, 0, 0); err != nil {
		return false, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.enter(); err != nil {
		return false, err
	}
	defer d.leave()
	return d.verify(piece)
}

func (d *Disk) verify(piece int) (bool, error) {
	for d.verifying[piece] || d.writing[piece] > 0 {
		d.cond.Wait()
	}
	if d.have.Has(piece) {
		return true, nil
	}
	d.verifying[piece] = true
	ok, err := d.hash(piece)
	delete(d.verifying, piece)
	d.cond.Broadcast()
	if err != nil || !ok {
		return false, err
	}
	d.add(piece)
	return true, d.nameFiles(piece)
}

// add notes that a piece is verified.
func (d *Disk) add(piece int) {
	d.have.Set(piece)
	d.count++
	for _, s := range d.t.Segments(piece, 0, d.t.PieceLen(piece)) {
		d.files[s.File].missing--
	}
}

// hash reads a piece, a little at a time, and says whether it is right.
func (d *Disk) hash(piece int) (bool, error) {
	v, size := d.t.Verifier(piece), d.t.PieceLen(piece)
	buf := make([]byte, min(size, 256<<10))
	for off := int64(0); off < size; off += int64(len(buf)) {
		b := buf[:min(int64(len(buf)), size-off)]
		err := d.transfer(b, piece, off, false)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil // nothing was written there
		}
		if err != nil {
			return false, err
		}
		_, _ = v.Write(b)
	}
	return v.OK(), nil
}

// WritePiece keeps a whole piece if its hash is right. It is verified once more
// from the disk.
func (d *Disk) WritePiece(data []byte, piece int) error {
	if err := check(d.t, piece, 0, 0); err != nil {
		return err
	}
	if !d.t.VerifyPiece(piece, data) {
		return ErrHash
	}
	if err := d.WriteBlock(data, piece, 0); err != nil {
		return err
	}
	ok, err := d.Verify(piece)
	if err == nil && !ok {
		err = explain("keep a piece in", d.dir, errors.New("the disk gives back other bytes than were written"))
	}
	return err
}

// Has says whether a piece is verified.
func (d *Disk) Has(piece int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.have.Has(piece)
}

// Have is a copy of the set of verified pieces.
func (d *Disk) Have() Bitfield {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append(Bitfield(nil), d.have...)
}

// Complete says whether every piece is verified and every file has its name.
func (d *Disk) Complete() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.files {
		if !d.files[i].done && !d.t.Files[i].Pad {
			return false
		}
	}
	return d.count == d.t.NumPieces()
}

// Close waits for calls under way and closes the files.
func (d *Disk) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	for d.users > 0 {
		d.cond.Wait()
	}
	var err error
	for _, i := range d.open {
		if e := d.files[i].handle.Close(); e != nil && err == nil {
			err = explain("close", d.name(i), e)
		}
		d.files[i].handle = nil
	}
	d.open = nil
	d.unlock()
	if e := d.root.Close(); e != nil && err == nil {
		err = explain("close", d.dir, e)
	}
	return err
}
