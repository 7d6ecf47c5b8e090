package file

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// CreateOptions says how an output file comes to be.
type CreateOptions struct {
	Options // of the format

	// Live is for captures and labs as they happen: the file is new, stands
	// under its name from the start and is kept whatever happens. Otherwise
	// (a conversion) it is written beside and takes its name on Commit.
	Live bool
	// Force lets a live file replace an existing one.
	Force bool
}

// File is a capture file being written. Every file must be ended by Commit or
// Abort; after one of them the other does nothing. They may be called from any
// goroutine, such as one that waits for signals.
type File struct {
	*Writer
	f      *os.File
	gz     *gzip.Writer
	temp   string // to be renamed to final; empty if f has its name already
	final  string
	closed atomic.Bool
}

// Create opens a file for writing; its name says the format ([FormatOf]), "-"
// is standard output (pcapng). Captures may hold passwords, so a new file is
// readable by its owner only.
func Create(path string, o CreateOptions) (*File, error) {
	x := &File{final: path}
	var err error
	if path == "-" {
		x.f = os.Stdout
	} else if err = x.create(path, o); err != nil {
		return nil, err
	}
	format, packed := FormatOf(path)
	var w io.Writer = x.f
	if packed {
		x.gz = gzip.NewWriter(w)
		w = x.gz
	}
	x.Writer = NewWriter(w, format, o.Options)
	return x, nil
}

func (x *File) create(path string, o CreateOptions) (err error) {
	st, err := os.Stat(path)
	exists := err == nil
	switch {
	case exists && st.IsDir():
		return fmt.Errorf("%s is a directory; name a file in it", path)
	case exists && !st.Mode().IsRegular():
		// A device or a named pipe: there is nothing to replace.
		x.f, err = os.OpenFile(path, os.O_WRONLY, 0)
	case o.Live && o.Force:
		x.f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	case o.Live:
		x.f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s exists; name another file or add --force", path)
		}
	default:
		return x.createBeside(path, st)
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	return nil
}

// createBeside makes the temporary file in the folder of the final one, as only
// within a file system can it be renamed. A symbolic link is followed: the file
// that it names is replaced, not the link.
func (x *File) createBeside(path string, old fs.FileInfo) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		x.final = real
	}
	f, err := os.CreateTemp(filepath.Dir(x.final), "."+filepath.Base(x.final)+".*.part")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", path, cause(err))
	}
	if old != nil {
		_ = f.Chmod(old.Mode().Perm()) // keeping the old permissions is a courtesy only
	}
	x.f, x.temp = f, f.Name()
	return nil
}

// Flush writes everything out to the operating system.
func (x *File) Flush() error {
	if err := x.Writer.Flush(); err != nil {
		return err
	}
	if x.gz != nil {
		return x.do(x.gz.Flush)
	}
	return nil
}

// Commit completes the file and gives it its name.
func (x *File) Commit() error {
	if x.closed.Swap(true) {
		return nil
	}
	err := x.end()
	if x.temp == "" {
		return err
	}
	if err == nil {
		err = os.Rename(x.temp, x.final)
	}
	if err != nil {
		_ = os.Remove(x.temp)
		return fmt.Errorf("cannot write %s: %w", x.final, err)
	}
	return nil
}

// Abort gives up: an unfinished conversion is removed, a live file is completed
// and kept.
func (x *File) Abort() error {
	if x.temp == "" {
		return x.Commit()
	}
	if x.closed.Swap(true) {
		return nil
	}
	_ = x.end() // nobody will read it
	return os.Remove(x.temp)
}

// Close is Abort: right for a deferred call, with Commit on the good way out.
func (x *File) Close() error { return x.Abort() }

// end finishes format and compression, and closes the file.
func (x *File) end() error {
	err := x.Writer.Close()
	if x.gz != nil {
		if e := x.gz.Close(); err == nil {
			err = e
		}
	}
	if x.f == os.Stdout {
		return err
	}
	if e := x.f.Close(); err == nil {
		err = e
	}
	return err
}
