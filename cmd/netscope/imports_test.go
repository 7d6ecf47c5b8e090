package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// layers is the house from bottom to top: a package may import what stands on
// its own line or above it, never what stands below. The longest matching
// prefix counts.
var layers = [][]string{
	{"protocols/bittorrent/bencode", "protocols/bittorrent/wire", "protocols/bittorrent/metainfo", "protocols/bittorrent/tracker"},
	{"capture"},
	{"capture/file", "capture/live", "capture/store", "capture/layers", "decoders"},
	{"decoders/", "decoders/all"},
	{"protocols/lab"},
	{"protocols/netlab", "protocols/realnet", "protocols/lab/run", "protocols/"},
	{"protocols/all"},
	{"tui/view", "tui/session"},
	{"tui/"},
	{"tui"},
	{"tui/all"},
	{"cmd/"},
}

// confined are libraries that only one place may import, so that they can be
// replaced there.
var confined = []struct {
	lib, only, why string
}{
	{"github.com/google/gopacket", "capture/layers", "field trees are made in one place, so that the library can be swapped"},
	{"gvisor.dev/gvisor", "protocols/netlab", "labs must not see which stack carries them"},
	{"charm.land/", "tui", "below the screen nothing may know of screens"},
	{"github.com/spf13/cobra", "cmd", "flags are read in one place"},
	{"github.com/miekg/dns", "protocols/dns", "labs and decoders see DNS messages through one package"},
}

// pure packages may not reach the network, a clock or a file: predictions and
// decisions are functions from data to data.
var pure = map[string][]string{
	"protocols/web/model": {"net", "os", "net/http", "netscope/protocols/netlab", "netscope/protocols/lab/run", "netscope/decoders/timeline"},
	"decoders/stream":     {"net", "os"},
	"decoders/http1":      {"net", "os", "net/http"},
	"decoders/drive":      {"net", "os"},

	"protocols/bittorrent/bencode":  {"net", "os", "time"},
	"protocols/bittorrent/metainfo": {"net", "os", "net/http"},
	"protocols/bittorrent/tracker":  {"net", "os", "net/http"},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "netscope/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 20 {
		t.Fatalf("only %d packages", len(list))
	}
	return list
}

// rank is a package's layer, or -1.
func rank(path string) int {
	best, at := "", -1
	for i, names := range layers {
		for _, n := range names {
			if (path == n || strings.HasSuffix(n, "/") && strings.HasPrefix(path, n)) && len(n) > len(best) {
				best, at = n, i
			}
		}
	}
	return at
}

func TestImportsGoOneWay(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, "netscope/")
		if rank(from) < 0 {
			t.Errorf("%s stands in no layer: add it to the list", from)
		}
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, "netscope/")
			if ours && rank(to) > rank(from) {
				t.Errorf("%s imports %s, which stands above it", from, to)
			}
			for _, c := range confined {
				if strings.HasPrefix(imp, c.lib) && from != c.only && !strings.HasPrefix(from, c.only+"/") {
					t.Errorf("%s imports %s, which only %s may: %s", from, imp, c.only, c.why)
				}
			}
		}
		for _, bad := range pure[from] {
			for _, imp := range p.Imports {
				if imp == bad {
					t.Errorf("%s imports %s, but must be pure", from, imp)
				}
			}
		}
	}
}

// TestPredictionsCannotReachTheNetwork looks at everything below the
// predictions, not only at what they import themselves.
func TestPredictionsCannotReachTheNetwork(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasSuffix(p.ImportPath, "/model") {
			continue
		}
		for _, d := range p.Deps {
			if d == "net" || d == "netscope/protocols/netlab" || strings.HasPrefix(d, "gvisor.dev/") {
				t.Errorf("%s depends on %s", p.ImportPath, d)
			}
		}
	}
}
