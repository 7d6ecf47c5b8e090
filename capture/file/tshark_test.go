package file

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsSurviveConversion writes captures that carry their secrets again:
// tshark must decrypt the copy as it does the original.
func TestSecretsSurviveConversion(t *testing.T) {
	bin := tshark(t)
	for _, path := range corpus(t) {
		if !strings.Contains(path, "http2_follow_multistream") && !strings.Contains(path, "protohier-with-comments") {
			continue
		}
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		copied := filepath.Join(t.TempDir(), "copy.pcapng")
		f, err := Create(copied, CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := r.Run(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		show := func(path string) string {
			// Without times: tshark writes as many digits as the file can hold.
			out, err := exec.Command(bin, "-r", path, "-o", "nameres.network_name:FALSE",
				"-o", `gui.column.format:"No.","%m","Length","%L","Protocol","%p","Info","%i"`).Output()
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		if one, two := show(path), show(copied); one != two || !strings.Contains(one+path, "HEADERS") && !strings.Contains(path, "comments") {
			t.Errorf("%s: tshark shows the copy differently", filepath.Base(path))
		}
	}
}
