//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Opening a pipe would wait for ever.
func TestPipeInTheWay(t *testing.T) {
	tor, _ := sample(t)
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "t"), 0o755))
	must(t, syscall.Mkfifo(filepath.Join(dir, "t", "a"), 0o644))
	if _, err := OpenDisk(t.Context(), dir, tor, Options{}); err == nil {
		t.Error("a pipe is opened")
	}
}
