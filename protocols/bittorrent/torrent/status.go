package torrent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"netscope/protocols/bittorrent/client"
)

// Status is what a client knows, and what the disk had.
type Status struct {
	client.Status
	Checked int    // pieces on disk looked at
	Before  int    // pieces that were there at the start; −1: not known yet
	Path    string // of the file or directory; "": not known yet
}

// Complete reports whether everything is there and verified.
func (s Status) Complete() bool { return s.DoneAt >= 0 }

// Line says in a line how it stands; "" when there is nothing to say any more.
func (s Status) Line() string {
	switch s.State {
	case client.Starting, client.Stopped:
		return ""
	case client.Checking:
		return fmt.Sprintf("checking what is there: %d of %d pieces", s.Checked, s.Pieces)
	case client.Metadata:
		return fmt.Sprintf("asking peers for the torrent's metadata   %s", s.peers())
	}
	parts := []string{
		fmt.Sprintf("%3d %%", percent(s.Have, s.Pieces)),
		fmt.Sprintf("%d of %d pieces", s.Have, s.Pieces),
		"down " + FormatBytes(s.DownRate) + "/s",
		"up " + FormatBytes(s.UpRate) + "/s",
		s.peers(),
	}
	switch {
	case s.State == client.Seeding:
		parts = append(parts[:2], "seeding", parts[3], FormatBytes(float64(s.Uploaded))+" sent", parts[4])
	case s.DownRate >= 1:
		parts = append(parts, "ETA "+formatTime(time.Duration(min(float64(s.Left)/s.DownRate, 1e9)*1e9)))
	}
	return strings.Join(parts, "   ")
}

func (s Status) peers() string {
	seeds := 0
	for i := range s.Peers {
		if s.Pieces > 0 && s.Peers[i].Have == s.Pieces {
			seeds++
		}
	}
	text := count(len(s.Peers), "peer")
	if seeds > 0 {
		text += fmt.Sprintf(", %d with everything", seeds)
	}
	return text
}

// percent is rounded down: 100 means all.
func percent(n, of int) int {
	if of == 0 {
		return 0
	}
	return n * 100 / of
}

// Result says in a sentence what came of it, or, as an error, that it is not all
// there and what to do.
func (s Status) Result() (string, error) {
	switch {
	case s.Torrent == nil:
		return "", errors.New("no peer gave the torrent's metadata: start again to go on")
	case s.Complete() && s.Have == s.Before:
		return fmt.Sprintf("%s is there, %s: the hashes of all %d pieces are right; %s sent", s.Path, FormatBytes(float64(s.Torrent.Length)), s.Pieces, FormatBytes(float64(s.Uploaded))), nil
	case s.Complete():
		return fmt.Sprintf("saved %s, %s: the hashes of all %d pieces are right; %s received, %s sent", s.Path, FormatBytes(float64(s.Torrent.Length)), s.Pieces,
			FormatBytes(float64(s.Downloaded)), FormatBytes(float64(s.Uploaded))), nil
	}
	return "", fmt.Errorf("%s is not complete: %d of %d pieces are there and verified; start again to go on%s", s.Path, s.Have, s.Pieces, s.why())
}

// why says what the trackers said, where there are no peers.
func (s Status) why() string {
	for _, t := range s.Trackers {
		if t.Err != "" && s.Known == 0 {
			return " (" + t.Err + ")"
		}
	}
	return ""
}

// count is a number of things.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
