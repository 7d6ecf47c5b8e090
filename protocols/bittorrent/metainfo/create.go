package metainfo

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"netscope/protocols/bittorrent/bencode"
)

// Options say how a torrent is made.
type Options struct {
	Name        string // of the file, or of the directory of several
	PieceLength int64  // bytes; 0: chosen by the length
	Tiers       [][]string
	Private     bool // BEP 27
	Comment     string
	CreatedBy   string
	CreatedAt   time.Time // zero: left out, so that the same input makes the same bytes
}

// Source is one file to be put into a torrent.
type Source struct {
	Path   []string // below the torrent's directory; empty for a single file
	Length int64
	Open   func() (io.ReadCloser, error)
}

// FromBytes makes a torrent of one file that is in memory.
func FromBytes(data []byte, o Options) (*Torrent, error) {
	return Create(o, []Source{{Length: int64(len(data)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(data)), nil
	}}})
}

// FromFS makes a torrent of the file or directory called name in fsys (os.DirFS).
// Files that are not regular are left out. Options.Name may be empty: the last
// part of name.
func FromFS(fsys fs.FS, name string, o Options) (*Torrent, error) {
	if o.Name == "" {
		o.Name = path.Base(name)
	}
	var sources []Source
	err := fs.WalkDir(fsys, name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		s := Source{Length: info.Size(), Open: func() (io.ReadCloser, error) { return fsys.Open(p) }}
		if p != name {
			below := p
			if name != "." {
				below = strings.TrimPrefix(p, name+"/")
			}
			s.Path = strings.Split(below, "/")
		}
		sources = append(sources, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the files of the torrent cannot be read: %w", err)
	}
	return Create(o, sources)
}

// Create makes a version 1 torrent, reading every source once, in order.
func Create(o Options, sources []Source) (*Torrent, error) {
	if len(sources) == 0 {
		return nil, errors.New("there is no file to make a torrent of")
	}
	var total int64
	for _, s := range sources {
		if s.Length < 0 || s.Length > 1<<62-total {
			return nil, errors.New("the files are too long for a torrent")
		}
		total += s.Length
	}
	if total == 0 {
		return nil, errors.New("the files are empty: there is nothing to make a torrent of")
	}
	if o.PieceLength == 0 {
		o.PieceLength = choosePiece(total)
	}
	if o.PieceLength < 0 || o.PieceLength > MaxPieceLength {
		return nil, fmt.Errorf("a piece length of %d bytes is not between 1 byte and %d MiB", o.PieceLength, MaxPieceLength>>20)
	}
	if (total-1)/o.PieceLength >= MaxTorrent/sha1.Size {
		return nil, fmt.Errorf("pieces of %d bytes are too short for %d bytes: choose longer ones", o.PieceLength, total)
	}
	hashes, err := hashPieces(o.PieceLength, sources)
	if err != nil {
		return nil, err
	}
	info := bencode.DictOf(
		bencode.KV("name", bencode.Str(o.Name)),
		bencode.KV("piece length", bencode.Int(o.PieceLength)),
		bencode.KV("pieces", bencode.Bytes(hashes)),
	)
	add := func(k string, v bencode.Value) { info.Dict = append(info.Dict, bencode.KV(k, v)) }
	if o.Private {
		add("private", bencode.Int(1))
	}
	if len(sources) == 1 && len(sources[0].Path) == 0 {
		add("length", bencode.Int(total))
	} else {
		files := bencode.ListOf()
		for _, s := range sources {
			names := bencode.ListOf()
			for _, n := range s.Path {
				names.List = append(names.List, bencode.Str(n))
			}
			files.List = append(files.List, bencode.DictOf(
				bencode.KV("length", bencode.Int(s.Length)), bencode.KV("path", names)))
		}
		add("files", files)
	}
	t, err := ParseInfo(bencode.Encode(info))
	if err != nil {
		return nil, fmt.Errorf("the torrent cannot be made: %w", err)
	}
	t.Tiers, t.Comment, t.CreatedBy, t.CreatedAt = o.Tiers, o.Comment, o.CreatedBy, o.CreatedAt
	return t, nil
}

// choosePiece aims at about a thousand pieces of 16 KiB to 16 MiB.
func choosePiece(total int64) int64 {
	n := int64(BlockSize)
	for n < 16<<20 && total/n > 1000 {
		n *= 2
	}
	return n
}

// hashPieces hashes the sources as one row of bytes. No buffer is as large as a
// piece.
func hashPieces(size int64, sources []Source) ([]byte, error) {
	var out []byte
	sum, left := sha1.New(), size
	buf := make([]byte, 256<<10)
	one := func(s Source) error {
		r, err := s.Open()
		if err != nil {
			return err
		}
		defer func() { _ = r.Close() }()
		for n := s.Length; n > 0; {
			k, err := io.ReadFull(r, buf[:min(n, left, int64(len(buf)))])
			if err != nil {
				return fmt.Errorf("it ended %d bytes early: %w", n-int64(k), err)
			}
			sum.Write(buf[:k])
			n -= int64(k)
			if left -= int64(k); left == 0 {
				out = sum.Sum(out)
				sum.Reset()
				left = size
			}
		}
		return nil
	}
	for _, s := range sources {
		if err := one(s); err != nil {
			return nil, fmt.Errorf("the file %q cannot be read: %w", strings.Join(s.Path, "/"), err)
		}
	}
	if left < size {
		out = sum.Sum(out)
	}
	return out, nil
}

// Encode writes the torrent file, with the info dictionary as it came. Of a
// version 2 torrent it includes the piece layers.
func (t *Torrent) Encode() []byte {
	d := bencode.DictOf()
	add := func(k string, v bencode.Value) { d.Dict = append(d.Dict, bencode.KV(k, v)) }
	tiers := bencode.ListOf()
	urls := 0
	for _, tier := range t.Tiers {
		l := bencode.ListOf()
		for _, u := range tier {
			if urls == 0 {
				add("announce", bencode.Str(u))
			}
			urls++
			l.List = append(l.List, bencode.Str(u))
		}
		tiers.List = append(tiers.List, l)
	}
	if urls > 1 {
		add("announce-list", tiers)
	}
	if t.Comment != "" {
		add("comment", bencode.Str(t.Comment))
	}
	if t.CreatedBy != "" {
		add("created by", bencode.Str(t.CreatedBy))
	}
	if !t.CreatedAt.IsZero() {
		add("creation date", bencode.Int(t.CreatedAt.Unix()))
	}
	layers := bencode.DictOf()
	for i, l := range t.layers {
		var b []byte
		for _, h := range l {
			b = append(b, h[:]...)
		}
		layers.Dict = append(layers.Dict, bencode.KV(string(t.Files[i].Root[:]), bencode.Bytes(b)))
	}
	if t.Version == V2 {
		add("piece layers", layers)
	}
	// The info dictionary goes in byte for byte, where its key's turn is:
	// of the keys written here, only "piece layers" sorts behind it.
	var behind []bencode.Entry
	if t.Version == V2 {
		behind, d.Dict = d.Dict[len(d.Dict)-1:], d.Dict[:len(d.Dict)-1]
	}
	out := bencode.Encode(d)
	out = append(out[:len(out)-1], "4:info"...)
	out = append(out, t.Info...)
	if rest := bencode.Encode(bencode.DictOf(behind...)); len(behind) > 0 {
		return append(out, rest[1:]...)
	}
	return append(out, 'e')
}
