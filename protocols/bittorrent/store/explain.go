package store

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"netscope/protocols/bittorrent/metainfo"
)

// metainfoPath is the error for names that ought to have been refused before.
var metainfoPath = metainfo.ErrPath

// explain makes one sentence of a system's error that says what to do; the
// error is still found by errors.Is.
func explain(what, name string, err error) error {
	cause := err
	var pe *fs.PathError
	if errors.As(err, &pe) {
		cause = pe.Err // the name is said once
	}
	advice := ""
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		advice = "the disk is full: make room and start again, what is verified is kept"
	case errors.Is(err, syscall.EROFS):
		advice = "the disk cannot be written to: choose another directory"
	case errors.Is(err, syscall.EFBIG):
		advice = "the file system cannot hold so large a file: choose another directory"
	case errors.Is(err, fs.ErrPermission):
		advice = "it is not permitted: change the permissions or choose another directory"
	case errors.Is(err, syscall.ENAMETOOLONG):
		advice = "the name is too long here: choose a directory with a shorter name"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		advice = "too many files are open: raise the limit (ulimit -n)"
	case errors.Is(err, fs.ErrExist):
		advice = "something is already there: move it away and start again"
	case strings.Contains(cause.Error(), "escapes"):
		advice = "a symbolic link leads out of the directory: remove it or choose another directory"
	}
	if advice == "" {
		return fmt.Errorf("cannot %s %s: %w", what, name, cause)
	}
	return &sentence{fmt.Sprintf("cannot %s %s: %s", what, name, advice), err}
}

// sentence is an error that says it in its own words.
type sentence struct {
	text string
	err  error
}

func (s *sentence) Error() string { return s.text }
func (s *sentence) Unwrap() error { return s.err }
