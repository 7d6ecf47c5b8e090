package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netscope/capture"
)

// Secrets are appended to what is there; the rest only passes by.
func TestKeyLog(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys")
	for range 2 {
		f, err := openKeyLog(name)
		if err != nil {
			t.Fatal(err)
		}
		rec := &recorder{}
		k := keyLogger{rec, f}
		for _, m := range []capture.Meta{
			capture.Secrets{Type: nssKeyLog, Data: []byte("CLIENT_RANDOM 00 01\n")},
			capture.Secrets{Type: 1, Data: []byte("no key log")}, capture.Comment("x"),
		} {
			if err := k.Meta(m); err != nil {
				t.Error(err)
			}
		}
		f.Close()
	}
	b, err := os.ReadFile(name)
	if string(b) != strings.Repeat("CLIENT_RANDOM 00 01\n", 2) || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if st, _ := os.Stat(name); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", st.Mode())
	}
	f, err := openKeyLog("")
	if f != nil || err != nil {
		t.Error(f, err)
	}
}

// A file that cannot be written is one clear sentence, before anything runs.
func TestKeyLogCannotBeWritten(t *testing.T) {
	_, err := Start(t.Context(), Request{Lab: "test", KeyLog: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "SSLKEYLOGFILE") || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}
