package qlog

import (
	"errors"
	"io"
	"os"

	"netscope/capture/file"
)

// Instead opens a file as a qlog that has turned out to be no capture file. If
// it is no qlog either, it returns the error that said so.
func Instead(path string, err error) (*File, error) {
	var fe *file.FormatError
	if !errors.As(err, &fe) || path == "-" {
		return nil, err
	}
	f, oerr := os.Open(path)
	if oerr != nil {
		return nil, err
	}
	var b []byte
	if in, zerr := unzipped(f); zerr == nil {
		b, _ = io.ReadAll(io.LimitReader(in, 512)) // what cannot be read is no qlog
	}
	_ = f.Close()
	if !Looks(b) {
		return nil, err
	}
	return Open(path)
}
