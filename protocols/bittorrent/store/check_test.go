package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"netscope/protocols/bittorrent/metainfo"
)

// Check tells whole, unfinished, spoilt and missing files apart, and leaves all
// of them as they are.
func TestCheckChangesNothing(t *testing.T) {
	data := bytes.Repeat([]byte("netscope"), 10_000)
	x, err := metainfo.FromBytes(data, metainfo.Options{Name: "x.bin", PieceLength: 16 << 10})
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(data)
	bad[20_000] ^= 1
	for _, c := range []struct {
		title, name string
		content     []byte
		right       int
		whole       bool
	}{
		{"whole", "x.bin", data, 5, true},
		{"unfinished", "x.bin.part", bad, 4, false},
		{"all there under the unfinished name", "x.bin.part", data, 5, false},
		{"spoilt", "x.bin", bad, 4, false},
		{"cut short", "x.bin", data[:40_000], 2, false},
		{"too long", "x.bin", append(bytes.Clone(data), 1), 5, false},
		{"missing", "", nil, 0, false},
	} {
		t.Run(c.title, func(t *testing.T) {
			dir := t.TempDir()
			if c.name != "" {
				if err := os.WriteFile(filepath.Join(dir, c.name), c.content, 0o400); err != nil {
					t.Fatal(err)
				}
			}
			files, have, err := Check(t.Context(), dir, x, Options{})
			if err != nil || len(files) != 1 {
				t.Fatal(files, err)
			}
			if f := files[0]; f.Right != c.right || f.Whole() != c.whole || f.Pieces != 5 || have.Count() != c.right {
				t.Errorf("%+v, %d pieces", f, have.Count())
			}
			left, _ := os.ReadDir(dir)
			if c.name == "" && len(left) != 0 || c.name != "" && (len(left) != 1 || left[0].Name() != c.name) {
				t.Errorf("it left %v", left)
			}
		})
	}
	if _, _, err := Check(t.Context(), filepath.Join(t.TempDir(), "none"), x, Options{}); err == nil {
		t.Error("a directory that is not there is no error")
	}
}
