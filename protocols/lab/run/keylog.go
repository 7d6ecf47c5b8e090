package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"netscope/capture"
)

// nssKeyLog is the type of secrets that are lines of a TLS key log.
const nssKeyLog = 0x544c534b

// openKeyLog opens the file to which secrets are appended, as browsers and curl
// do with the one that SSLKEYLOGFILE names. Who can read it can decrypt what was
// captured, so a new one is for its owner only.
func openKeyLog(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, keyLogError(path, err)
	}
	return f, nil
}

func keyLogError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("cannot write TLS secrets to %s: %w; name another file in SSLKEYLOGFILE, or unset it", path, err)
}

// keyLogger appends the secrets that pass by to a file.
type keyLogger struct {
	capture.Sink
	file *os.File
}

// Meta implements capture.Sink.
func (k keyLogger) Meta(m capture.Meta) error {
	if s, ok := m.(capture.Secrets); ok && s.Type == nssKeyLog {
		if _, err := k.file.Write(s.Data); err != nil {
			return keyLogError(k.file.Name(), err)
		}
	}
	return k.Sink.Meta(m)
}
