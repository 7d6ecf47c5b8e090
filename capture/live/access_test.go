package live

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	up := []Interface{{Index: 2, Name: "eth0", Up: true, Running: true}, {Name: Any, Up: true}, {Index: 1, Name: "lo", Up: true, Loopback: true}}
	tests := []struct {
		name    string
		f       facts
		capture bool
		level   Level  // of the finding about privilege
		text    string // part of it
		remedy  string
	}{
		{"root", facts{os: "linux", interfaces: up}, true, OK, "runs as root", ""},
		{"capability", facts{os: "linux", euid: 1000, capEff: 1 << capNetRaw}, true, OK, "has CAP_NET_RAW", ""},
		{"nobody", facts{os: "linux", euid: 1000, socket: "permission"}, false, Bad, "lacks CAP_NET_RAW", allow},
		{"container", facts{os: "linux", socket: "permission"}, false, Bad, "root but without", "start the container with --cap-add NET_RAW, or pipe: " + pipe},
		{"locked", facts{os: "linux", euid: 1000, socket: "permission", noNewPrivs: true}, false, Bad, "no_new_privs",
			"start netscope from a shell outside the sandbox, or pipe: sudo " + pipe},
		{"sandbox", facts{os: "linux", socket: "family"}, false, Bad, "no packet sockets", "run netscope outside this sandbox, or pipe: " + pipe},
		{"other error", facts{os: "linux", socket: "too many open files"}, false, Bad, "too many open files", pipe},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := judge(test.f)
			if a.Capture != test.capture {
				t.Errorf("Capture = %v", a.Capture)
			}
			for _, f := range a.Findings {
				if !strings.HasSuffix(f.Text, ".") {
					t.Errorf("not a sentence: %q", f.Text)
				}
			}
			for _, f := range a.Findings {
				if f.Topic == "privilege" {
					if f.Level != test.level || !strings.Contains(f.Text, test.text) || f.Remedy != test.remedy {
						t.Errorf("%s %q, remedy %q", f.Level, f.Text, f.Remedy)
					}
					return
				}
			}
			t.Error("no finding about privilege")
		})
	}
	if a := judge(facts{os: "darwin"}); a.Capture || !strings.Contains(a.Findings[1].Remedy, "netscope -r -") {
		t.Errorf("darwin: %+v", a)
	}
}

func TestInterfaces(t *testing.T) {
	list, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for n, i := range list {
		if got, ok := byName(list, i.Name); !ok || got.Name != i.Name {
			t.Errorf("%s is not found by name", i.Name)
		}
		if n > 0 && merit(list[n-1]) > merit(i) {
			t.Errorf("%s after %s", i.Name, list[n-1].Name)
		}
	}
	if i, ok := byName(list, "1"); !ok || i.Name != list[0].Name {
		t.Error("1 does not name the first")
	}
	if _, ok := byName(list, "0"); ok {
		t.Error("0 names something")
	}
}
