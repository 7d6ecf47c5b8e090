package file

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netscope/capture"
)

func TestFormatOf(t *testing.T) {
	tests := []struct {
		path   string
		f      Format
		packed bool
	}{
		{"a.pcap", PCAP, false}, {"a.PCAP.gz", PCAP, true}, {"a.pcapng", PCAPNG, false},
		{"a.pcapng.gz", PCAPNG, true}, {"a", PCAPNG, false}, {"-", PCAPNG, false}, {"a.cap", PCAPNG, false},
	}
	for _, tt := range tests {
		if f, packed := FormatOf(tt.path); f != tt.f || packed != tt.packed {
			t.Errorf("%s: %v, %v", tt.path, f, packed)
		}
	}
}

// names lists a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func packetsIn(t *testing.T, path string) int {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var c collector
	if err := r.Run(t.Context(), &c); err != nil || metasOf[capture.Truncated](&c) != nil {
		t.Fatalf("%v %v", err, c.metas)
	}
	return len(c.packets)
}

var onePacket = capture.Packet{At: epoch, Arrived: epoch, Link: capture.LinkEthernet, Length: len(udp), Data: udp}

func TestConversionTakesItsNameAtTheEnd(t *testing.T) {
	for _, name := range []string{"a.pcapng", "a.pcap", "a.pcapng.gz", "a.pcap.gz"} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
			t.Fatal(err)
		}
		for _, commit := range []bool{false, true} {
			f, err := Create(path, CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(f.Packet(onePacket), f.Flush()); err != nil {
				t.Fatal(err)
			}
			if b, _ := os.ReadFile(path); string(b) != "old" {
				t.Fatal("the old file has been touched")
			}
			if commit {
				err = errors.Join(f.Commit(), f.Abort())
			} else {
				err = errors.Join(f.Close(), f.Commit())
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := names(t, dir); got != name {
				t.Fatalf("folder holds %s", got)
			}
		}
		if n := packetsIn(t, path); n != 1 {
			t.Errorf("%s: %d packets", name, n)
		}
		if st, _ := os.Stat(path); st.Mode().Perm() != 0o640 {
			t.Errorf("%s: mode %v", name, st.Mode())
		}
		if f, err := Create(path, CreateOptions{}); err != nil {
			t.Fatal(err)
		} else if f.Commit(); f.Packet(onePacket) == nil {
			t.Error("a closed file takes packets")
		}
	}
}

func TestLinkIsFollowed(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(dir+"/real", 0o700), os.WriteFile(dir+"/real/a", nil, 0o600), os.Symlink("real/a", dir+"/link")); err != nil {
		t.Fatal(err)
	}
	f, err := Create(dir+"/link", CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Packet(onePacket), f.Commit()); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Lstat(dir + "/link"); err != nil || st.Mode()&os.ModeSymlink == 0 || packetsIn(t, dir+"/real/a") != 1 {
		t.Errorf("%v %v", st, err)
	}
}

func TestLiveFileIsNewAndKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcapng")
	for i, force := range []bool{false, true} {
		f, err := Create(path, CreateOptions{Live: true, Force: force})
		if err != nil {
			t.Fatal(err)
		}
		for range i + 1 {
			if err := f.Packet(onePacket); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
		if n := packetsIn(t, path); n != i+1 {
			t.Errorf("after a flush: %d packets", n)
		}
		if err := f.Abort(); err != nil || packetsIn(t, path) != i+1 {
			t.Errorf("after Abort: %v", err)
		}
	}
	_, err := Create(path, CreateOptions{Live: true})
	if want := path + " exists; name another file or add --force"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestCreateFailures(t *testing.T) {
	dir := t.TempDir()
	for _, o := range []CreateOptions{{}, {Live: true}, {Live: true, Force: true}} {
		for path, want := range map[string]string{
			dir:              dir + " is a directory; name a file in it",
			dir + "/no/a.gz": "cannot write " + dir + "/no/a.gz: no such file or directory",
		} {
			if _, err := Create(path, o); err == nil || err.Error() != want {
				t.Errorf("%v", err)
			}
		}
		f, err := Create(os.DevNull, o)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(f.Packet(onePacket), f.Commit()); err != nil {
			t.Error(err)
		}
	}
	if st, err := os.Stat(os.DevNull); err != nil || st.Mode().IsRegular() {
		t.Fatal("the null device has been replaced")
	}
}
