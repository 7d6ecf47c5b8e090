package torrent

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"netscope/protocols/bittorrent/metainfo"
)

// Load reads a torrent file, or else a magnet link, of which the torrent is not
// known yet (nil). Errors are one sentence.
func Load(source string) (*metainfo.Torrent, metainfo.Magnet, error) {
	var none metainfo.Magnet
	lower := strings.ToLower(source)
	switch {
	case strings.HasPrefix(lower, "magnet:"):
		m, err := metainfo.ParseMagnet(source)
		if err == nil && !m.HasV1 {
			err = errors.New("this magnet link is of version 2 only: netscope downloads version 1 and hybrid torrents")
		}
		return nil, m, err
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
		return nil, none, errors.New("that is an address of a torrent file: download the file first, and name it")
	}
	b, err := readAll(source)
	if err != nil {
		return nil, none, err
	}
	t, err := metainfo.Parse(b)
	if err != nil {
		return nil, none, fmt.Errorf("%s: %w", source, err)
	}
	if t.Version == metainfo.V2 {
		return nil, none, fmt.Errorf("%s is of version 2 only: netscope downloads version 1 and hybrid torrents", source)
	}
	return t, none, nil
}

func readAll(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, reason(path, err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a directory: name a torrent file or a magnet link", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, metainfo.MaxTorrent+1))
	switch {
	case err != nil:
		return nil, reason(path, err)
	case len(b) > metainfo.MaxTorrent:
		return nil, fmt.Errorf("%s is longer than %d MiB and so no torrent file", path, metainfo.MaxTorrent>>20)
	}
	return b, nil
}

// reason says why a file cannot be used.
func reason(path string, err error) error {
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file %s", path)
	case errors.As(err, &pe):
		return fmt.Errorf("%s cannot be used: %w", path, pe.Err)
	}
	return fmt.Errorf("%s cannot be used: %w", path, err)
}
