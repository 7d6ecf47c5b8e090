package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"netscope/decoders/qlogout"
	"netscope/decoders/timeline"
)

// qlogFlags say where QUIC connections are written as qlog.
type qlogFlags struct {
	path    string
	version string
}

func (q *qlogFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&q.path, "qlog", "", "write the QUIC connections to a new qlog file")
	fl.StringVar(&q.version, "qlog-version", "current", "with --qlog: current (file_schema) or 0.3")
}

// qlogWriter collects traces and writes them when all are there. Its methods
// work without a file, too.
type qlogWriter struct {
	path    string
	replace bool
	options qlogout.Options
	traces  []qlogout.Trace
}

// writer checks the flags, before anything runs.
func (q *qlogFlags) writer(replace bool) (*qlogWriter, error) {
	w := &qlogWriter{path: q.path, replace: replace, options: qlogout.Options{Code: application()}}
	switch q.version {
	case "current":
	case "0.3":
		w.options.Old = true
	default:
		return nil, fmt.Errorf("--qlog-version %s: take current or 0.3", q.version)
	}
	if q.path == "" {
		return w, nil
	}
	if strings.HasSuffix(q.path, ".sqlog") {
		return nil, fmt.Errorf("--qlog %s: a sequence holds one trace only, and there are several; name the file .qlog", q.path)
	}
	st, err := os.Stat(q.path)
	switch {
	case err == nil && st.IsDir():
		return nil, fmt.Errorf("%s is a directory; name a file in it", q.path)
	case err == nil && st.Mode().IsRegular() && !replace:
		return nil, existsAlready(q.path)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("cannot write the qlog: %w", err)
	}
	if st, err := os.Stat(filepath.Dir(q.path)); err != nil || !st.IsDir() {
		return nil, fmt.Errorf("cannot write %s: there is no directory %s", q.path, filepath.Dir(q.path))
	}
	return w, nil
}

func existsAlready(path string) error {
	return fmt.Errorf("%s exists; name another file or add --force", path)
}

// add takes the connections of a timeline.
func (w *qlogWriter) add(s *timeline.Snapshot, o qlogout.Options) error {
	if w.path == "" {
		return nil
	}
	o.Old, o.Code = w.options.Old, w.options.Code
	traces, err := qlogout.Traces(s, o)
	w.traces = append(w.traces, traces...)
	return err
}

// close writes the file, complete or not at all. After an error there is none.
func (w *qlogWriter) close() error {
	if w.path == "" {
		return nil
	}
	if len(w.traces) == 0 {
		return fmt.Errorf("there is no QUIC connection, so %s has not been written", w.path)
	}
	b, err := qlogout.Encode(w.traces, w.options)
	if err != nil {
		return err
	}
	if st, err := os.Stat(w.path); err == nil && !st.Mode().IsRegular() { // a device or a pipe
		return w.failed(os.WriteFile(w.path, b, 0o600))
	}
	f, err := os.CreateTemp(filepath.Dir(w.path), "."+filepath.Base(w.path)+".*.part")
	if err != nil {
		return w.failed(err)
	}
	defer os.Remove(f.Name()) // after a rename there is nothing to remove
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return w.failed(err)
	}
	if w.replace {
		return w.failed(os.Rename(f.Name(), w.path))
	}
	if err = os.Link(f.Name(), w.path); errors.Is(err, fs.ErrExist) { // it has come meanwhile
		return existsAlready(w.path)
	} else if err != nil { // a file system without links
		err = os.Rename(f.Name(), w.path)
	}
	return w.failed(err)
}

func (w *qlogWriter) failed(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", w.path, err)
	}
	return nil
}
