package metainfo

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrPath says that a name in a torrent is refused.
var ErrPath = errors.New("the torrent names a file that cannot be stored safely")

// SafeName gives a name that is stored as it is on every system, or an error
// that is ErrPath for one that is there to do harm: empty, "." or "..", or with
// a separator or NUL in it. Other systems' forbidden characters, spaces and
// dots at the end become "_", reserved names (CON, NUL, COM1.txt) begin with "_".
func SafeName(name string) (string, error) {
	switch {
	case name == "":
		return "", fmt.Errorf("%w: a name is empty", ErrPath)
	case name == "." || name == "..":
		return "", fmt.Errorf("%w: %q leads elsewhere", ErrPath, name)
	case strings.ContainsAny(name, "/\\"):
		return "", fmt.Errorf("%w: %.60q has a separator in a name", ErrPath, name)
	case strings.IndexByte(name, 0) >= 0:
		return "", fmt.Errorf("%w: %.60q has a zero byte in it", ErrPath, name)
	case len(name) > maxName:
		return "", fmt.Errorf("%w: a name has %d bytes and begins with %.40q", ErrPath, len(name), name)
	}
	s := strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case r == utf8.RuneError, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '_' // not a character, or one that shows the name as another
		}
		return r
	}, name)
	if end := strings.TrimRight(s, ". "); end != s {
		s = end + strings.Repeat("_", len(s)-len(end))
	}
	if reserved(s) {
		s = "_" + s
	}
	if len(s) > maxName {
		return "", fmt.Errorf("%w: a name is too long and begins with %.40q", ErrPath, name)
	}
	return s, nil
}

// reserved says whether Windows takes a name for a device, whatever its suffix.
func reserved(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, p := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(base, p); ok {
			switch n {
			case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
				return true
			}
		}
	}
	return false
}

// safePath makes every name of a path safe.
func safePath(names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: a path is empty", ErrPath)
	}
	if len(names) > maxParts {
		return nil, fmt.Errorf("%w: a path is %d directories deep", ErrPath, len(names))
	}
	out, total := make([]string, len(names)), 0
	for i, n := range names {
		s, err := SafeName(n)
		if err != nil {
			return nil, err
		}
		out[i] = s
		if total += len(s) + 1; total > maxPath {
			return nil, fmt.Errorf("%w: a path is longer than %d bytes", ErrPath, maxPath)
		}
	}
	return out, nil
}

// distinct makes sure that no two files want the same place, and none the place
// of a directory.
func distinct(files []File) error {
	seen := make(map[string]bool, len(files))
	for _, f := range files {
		if f.Pad {
			continue
		}
		p := strings.Join(f.Path, "/")
		if seen[p] {
			return fmt.Errorf("%w: two files are called %.100q", ErrPath, p)
		}
		seen[p] = true
	}
	for _, f := range files {
		if f.Pad {
			continue
		}
		p := strings.Join(f.Path, "/")
		for i, c := range p {
			if c == '/' && seen[p[:i]] {
				return fmt.Errorf("%w: %.100q is a file and a directory", ErrPath, p[:i])
			}
		}
	}
	return nil
}
