package session

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"netscope/decoders/timeline"
)

// keepRecent is how many files are remembered.
const keepRecent = 12

func timeAt(s *timeline.Snapshot, t timeline.Time) time.Time { return s.Epoch().Add(time.Duration(t)) }

// Recent implements Opener: the files opened before that still exist, the
// latest first.
func (r Real) Recent() []Recent {
	var out []Recent
	for _, f := range r.recorded() {
		if _, err := os.Stat(f.Path); err == nil {
			out = append(out, f)
		}
	}
	return out
}

// recorded reads the list: one JSON object a line. What cannot be read is not
// worth a complaint.
func (r Real) recorded() []Recent {
	if r.State == "" {
		return nil
	}
	data, err := os.ReadFile(r.recentFile())
	if err != nil {
		return nil
	}
	var out []Recent
	for sc := bufio.NewScanner(bytes.NewReader(data)); sc.Scan() && len(out) < keepRecent; {
		var f Recent
		if json.Unmarshal(sc.Bytes(), &f) == nil && f.Path != "" {
			out = append(out, f)
		}
	}
	return out
}

func (r Real) recentFile() string { return filepath.Join(r.State, "recent.jsonl") }

// remember puts a file at the head of the list. That it cannot be written is
// no reason not to open the file.
func (r Real) remember(path string) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	list := []Recent{{Path: path}}
	if r.Now != nil {
		list[0].When = r.Now()
	}
	for _, f := range r.recorded() {
		if f.Path != path && len(list) < keepRecent {
			list = append(list, f)
		}
	}
	var b bytes.Buffer
	for _, f := range list {
		line, err := json.Marshal(f)
		if err != nil {
			return
		}
		b.Write(append(line, '\n'))
	}
	if os.MkdirAll(r.State, 0o700) != nil {
		return
	}
	tmp := r.recentFile() + ".new"
	if os.WriteFile(tmp, b.Bytes(), 0o600) == nil {
		_ = os.Rename(tmp, r.recentFile())
	}
}
