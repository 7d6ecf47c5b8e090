package main

import (
	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders/qlog"
)

// openSource opens a capture file or a qlog. r is nil unless packets can be read
// from it again.
func openSource(path string) (src capture.Source, r *file.Reader, free func(), err error) {
	r, err = file.Open(path)
	if err == nil {
		return r, r, func() { r.Close() }, nil
	}
	q, err := qlog.Instead(path, err)
	if err != nil {
		return nil, nil, nil, unreadable(err)
	}
	return q, nil, func() {}, nil
}
