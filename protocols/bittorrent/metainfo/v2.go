package metainfo

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"netscope/protocols/bittorrent/bencode"
)

// readV2 reads the file tree and the piece layers (BEP 52).
func (t *Torrent) readV2(info, layers bencode.Value) error {
	if t.PieceLength < BlockSize || t.PieceLength&(t.PieceLength-1) != 0 {
		return wrong("version 2 wants pieces of a power of two of at least 16 KiB, not %d bytes", t.PieceLength)
	}
	tree := info.Get("file tree")
	if tree.Kind != bencode.Dict || len(tree.Dict) == 0 {
		return wrong("its file tree is empty or not a dictionary")
	}
	// One file with the torrent's own name stands by itself.
	if only := tree.Dict[0]; len(tree.Dict) == 1 && only.Value.Has("") && string(only.Key) == bestName(info, "name") {
		if err := t.leaf([]string{t.Name}, only.Value.Get("")); err != nil {
			return err
		}
	} else {
		t.Multi = true
		if err := t.branch([]string{t.Name}, tree); err != nil {
			return err
		}
	}
	if t.Length == 0 {
		return wrong("it holds no data")
	}
	last := t.Files[len(t.Files)-1]
	t.pieces = int((last.Offset + last.Length + t.PieceLength - 1) / t.PieceLength)
	return t.readLayers(layers)
}

func (t *Torrent) branch(path []string, dir bencode.Value) error {
	if len(path) >= maxParts {
		return fmt.Errorf("%w: a path is more than %d directories deep", ErrPath, maxParts)
	}
	for _, e := range dir.Dict {
		below := append(path[:len(path):len(path)], string(e.Key))
		if e.Value.Kind != bencode.Dict || len(e.Value.Dict) == 0 {
			return wrong("its file tree has an entry that is neither file nor directory")
		}
		var err error
		if file := e.Value.Get(""); file.Kind == bencode.Dict {
			if len(e.Value.Dict) > 1 {
				return fmt.Errorf("%w: %.100q is a file and a directory", ErrPath, e.Key)
			}
			err = t.leaf(below, file)
		} else {
			err = t.branch(below, e.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *Torrent) leaf(path []string, v bencode.Value) error {
	n, ok := v.Integer("length")
	root, _ := v.Bytes("pieces root")
	switch {
	case strings.Contains(v.Text("attr"), "l") && n == 0:
		return nil // a symbolic link is not made (BEP 47)
	case !ok || n < 0:
		return wrong("a file has no length")
	case n > 0 && len(root) != sha256.Size:
		return wrong("a file has no root of its hash tree")
	case len(t.Files) == MaxFiles:
		return wrong("it has more than %d files", MaxFiles)
	}
	f := File{Length: n}
	if len(t.Files) > 0 {
		// The next file begins with a piece.
		end := t.Span()
		f.Offset = (end + t.PieceLength - 1) / t.PieceLength * t.PieceLength
	}
	if most := t.PieceLength << 21; n > most || f.Offset > most-n {
		return wrong("it has more than %d pieces", 1<<21)
	}
	copy(f.Root[:], root)
	var err error
	if f.Path, err = safePath(path); err != nil {
		return err
	}
	t.Files = append(t.Files, f)
	t.Length += n
	return nil
}

// readLayers takes each larger file's hashes of pieces, if they lead to its root.
func (t *Torrent) readLayers(layers bencode.Value) error {
	t.layers = map[int][][32]byte{}
	pad := padHash(t.PieceLength / BlockSize)
	for i, f := range t.Files {
		if f.Length <= t.PieceLength {
			continue
		}
		b, ok := layers.Bytes(string(f.Root[:]))
		if !ok {
			return wrong("it lacks the piece layer of %.100q: magnet links of version 2 cannot be downloaded, use the torrent file", strings.Join(f.Path, "/"))
		}
		n := (f.Length + t.PieceLength - 1) / t.PieceLength
		if int64(len(b)) != n*sha256.Size {
			return wrong("the piece layer of %.100q has %d bytes, not %d", strings.Join(f.Path, "/"), len(b), n*sha256.Size)
		}
		layer := make([][32]byte, n)
		for k := range layer {
			copy(layer[k][:], b[k*sha256.Size:])
		}
		if merkle(layer, pad, pow2(len(layer))) != f.Root {
			return wrong("the piece layer of %.100q does not lead to its root", strings.Join(f.Path, "/"))
		}
		t.layers[i] = layer
	}
	return nil
}

// pow2 is the smallest power of two that is not below n.
func pow2(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// padHash is the root over leaves that are all zero hashes.
func padHash(leaves int64) (h [32]byte) {
	for ; leaves > 1; leaves /= 2 {
		h = pair(h, h)
	}
	return h
}

func pair(a, b [32]byte) [32]byte {
	var both [64]byte
	copy(both[:], a[:])
	copy(both[32:], b[:])
	return sha256.Sum256(both[:])
}

// merkle is the root over width nodes (a power of two): the given ones, then pad.
func merkle(nodes [][32]byte, pad [32]byte, width int) [32]byte {
	level := append([][32]byte(nil), nodes...)
	for ; width > 1; width /= 2 {
		if len(level)%2 == 1 {
			level = append(level, pad)
		}
		for i := 0; i < len(level)/2; i++ {
			level[i] = pair(level[2*i], level[2*i+1])
		}
		level = level[:len(level)/2]
		pad = pair(pad, pad)
	}
	if len(level) == 0 {
		return pad
	}
	return level[0]
}
