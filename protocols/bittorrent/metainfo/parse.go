package metainfo

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"netscope/protocols/bittorrent/bencode"
)

// ErrFormat says that the bytes are no torrent that can be used.
var ErrFormat = errors.New("this is not a usable torrent")

func wrong(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, a...))
}

var limits = bencode.Limits{Depth: 128, Elements: maxElements, Size: MaxTorrent}

// Parse reads a torrent file. It may keep b.
func Parse(b []byte) (*Torrent, error) {
	if len(b) > MaxTorrent {
		return nil, wrong("it is larger than %d MiB", MaxTorrent>>20)
	}
	v, err := bencode.DecodeLimits(bytes.TrimRight(b, "\r\n"), limits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if v.Kind != bencode.Dict {
		return nil, wrong("it is a %s, not a dictionary", v.Kind)
	}
	info := v.Get("info")
	if info.Kind != bencode.Dict {
		return nil, wrong("it has no info dictionary")
	}
	t, err := fromInfo(info, info.Raw(b), v.Get("piece layers"))
	if err != nil {
		return nil, err
	}
	t.Tiers = tiers(v)
	t.Comment = text(v.Text("comment"))
	t.CreatedBy = text(v.Text("created by"))
	if n, ok := v.Integer("creation date"); ok && n > 0 && n < 1<<40 {
		t.CreatedAt = time.Unix(n, 0).UTC()
	}
	return t, nil
}

// ParseInfo reads an info dictionary that came from peers (BEP 9). The caller
// has compared its hash. A version 2 torrent cannot be used without its piece
// layers, unless no file is larger than a piece.
func ParseInfo(b []byte) (*Torrent, error) {
	v, err := bencode.DecodeLimits(b, limits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if v.Kind != bencode.Dict {
		return nil, wrong("its info is a %s, not a dictionary", v.Kind)
	}
	return fromInfo(v, b, bencode.Value{})
}

func fromInfo(info bencode.Value, raw []byte, layers bencode.Value) (*Torrent, error) {
	t := &Torrent{Info: bytes.Clone(raw)}
	meta, _ := info.Integer("meta version")
	v1 := info.Has("pieces")
	switch {
	case meta == 2 && v1:
		t.Version = Hybrid
	case meta == 2:
		t.Version = V2
	case meta > 2 && !v1:
		return nil, wrong("its format is version %d, which is not known", meta)
	default:
		t.Version = V1
	}
	t.InfoHash = sha1.Sum(t.Info)
	if t.Version != V1 {
		t.HashV2 = sha256.Sum256(t.Info)
	}
	if t.Version == V2 {
		copy(t.InfoHash[:], t.HashV2[:])
	}

	var err error
	if t.Name, err = SafeName(bestName(info, "name")); err != nil {
		return nil, err
	}
	var ok bool
	if t.PieceLength, ok = info.Integer("piece length"); !ok || t.PieceLength <= 0 {
		return nil, wrong("its piece length is missing or not positive")
	}
	if t.PieceLength > MaxPieceLength {
		return nil, wrong("its pieces of %d bytes are longer than %d MiB", t.PieceLength, MaxPieceLength>>20)
	}
	p, _ := info.Integer("private")
	t.Private = p == 1

	if t.Version == V2 {
		err = t.readV2(info, layers)
	} else {
		err = t.readV1(info)
	}
	if err != nil {
		return nil, err
	}
	if err := distinct(t.Files); err != nil {
		return nil, err
	}
	return t, nil
}

// bestName prefers the name that says that it is UTF-8.
func bestName(v bencode.Value, key string) string {
	if b, ok := v.Bytes(key + ".utf-8"); ok {
		return string(b)
	}
	return v.Text(key)
}

func (t *Torrent) readV1(info bencode.Value) error {
	var ok bool
	if t.hashes, ok = info.Bytes("pieces"); !ok || len(t.hashes)%sha1.Size != 0 {
		return wrong("its pieces are not 20 bytes each")
	}
	t.hashes = bytes.Clone(t.hashes)
	t.pieces = len(t.hashes) / sha1.Size
	if info.Has("files") {
		t.Multi = true
		if err := t.readFiles(info.Get("files")); err != nil {
			return err
		}
	} else {
		n, ok := info.Integer("length")
		if !ok || n < 0 {
			return wrong("it has neither files nor a length")
		}
		t.Files = []File{{Path: []string{t.Name}, Length: n}}
	}
	for _, f := range t.Files {
		if !f.Pad {
			t.Length += f.Length
		}
	}
	span := t.Span()
	if span == 0 {
		return wrong("it holds no data")
	}
	if want := (span-1)/t.PieceLength + 1; want != int64(t.pieces) {
		return wrong("its %d bytes are %d pieces, but it has hashes for %d", span, want, t.pieces)
	}
	return nil
}

func (t *Torrent) readFiles(list bencode.Value) error {
	if list.Kind != bencode.List || len(list.List) == 0 {
		return wrong("its list of files is empty or not a list")
	}
	if len(list.List) > MaxFiles {
		return wrong("it has more than %d files", MaxFiles)
	}
	var off int64
	for _, e := range list.List {
		n, ok := e.Integer("length")
		attr := e.Text("attr")
		link := strings.Contains(attr, "l")
		switch {
		case link && n == 0:
			continue // a symbolic link is not made (BEP 47), and has no bytes
		case !ok || n < 0 || link:
			return wrong("a file has no length")
		case n > 1<<62-off:
			return wrong("its files are longer than can be counted")
		}
		f := File{Length: n, Offset: off, Pad: strings.Contains(attr, "p")}
		names := e.Get("path.utf-8")
		if names.Kind != bencode.List {
			names = e.Get("path")
		}
		path := []string{t.Name}
		for _, s := range names.List {
			if s.Kind != bencode.String {
				return wrong("a file's path is not made of names")
			}
			path = append(path, string(s.Str))
		}
		if f.Pad {
			path = []string{t.Name, ".pad", fmt.Sprint(n)} // never stored
		} else if len(path) == 1 {
			return fmt.Errorf("%w: a path is empty", ErrPath)
		}
		var err error
		if f.Path, err = safePath(path); err != nil {
			return err
		}
		off += n
		t.Files = append(t.Files, f)
	}
	return nil
}

// tiers reads announce-list, or announce if there is none (BEP 12).
func tiers(v bencode.Value) [][]string {
	var out [][]string
	seen := map[string]bool{}
	add := func(tier []string, u bencode.Value) []string {
		s := strings.TrimSpace(string(u.Str))
		if u.Kind != bencode.String || !usable(s) || seen[s] || len(seen) >= MaxTrackers {
			return tier
		}
		seen[s] = true
		return append(tier, s)
	}
	for _, l := range v.Get("announce-list").List {
		var tier []string
		for _, u := range l.List {
			tier = add(tier, u)
		}
		if len(tier) > 0 {
			out = append(out, tier)
		}
	}
	if len(out) == 0 {
		if tier := add(nil, v.Get("announce")); len(tier) > 0 {
			out = [][]string{tier}
		}
	}
	return out
}

// usable says whether a tracker's URL may be kept: printable and not endless.
func usable(s string) bool {
	return s != "" && len(s) <= 2048 && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) < 0
}

// text makes a stranger's words fit for a screen.
func text(s string) string {
	if len(s) > 4096 {
		s = s[:4096]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
