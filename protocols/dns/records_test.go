package dns

import (
	"testing"
	"time"

	"netscope/protocols/lab"
)

func TestRecords(t *testing.T) {
	for _, c := range []struct {
		variant string
		set     lab.Params
	}{
		{asking, nil}, {asking, lab.Params{"question": 3}}, {asking, lab.Params{"dnssec": 1}}, {asking, lab.Params{"dnssec": 2, "rtt": 0.5}},
		{registering, nil}, {registering, lab.Params{"negative": 0, "rtt": 0.2}}, {registering, lab.Params{"register": 0, "poll": 3}},
		{registering, lab.Params{"negative": 7, "poll": 0.3, "dnssec": 1}},
		{spreading, nil}, {spreading, lab.Params{"servers": 7, "questions": 23}},
	} {
		s, p := emulate(t, Records{}, c.variant, c.set, 1)
		if c.set["dnssec"] > 0 && c.variant == registering {
			// Checking takes questions of its own, so that only the rest holds.
			if n := notes(s); n["learned"] < 3 {
				t.Errorf("signed: %v", n)
			}
			continue
		}
		check(t, Records{}, c.variant, s, p)
		if c.set["dnssec"] > 0 {
			for _, n := range s.Notes() {
				if n.Name == "validated" && n.Summary[len(n.Summary)-1] != '.' && containsAny(n.Summary, "bogus", "insecure") {
					t.Error(n.Summary)
				}
			}
		}
	}
}

// A zone is edited, and a question asked, at a virtual time.
func TestEdit(t *testing.T) {
	s, _ := emulate(t, Records{}, registering, nil, 1,
		lab.Action{At: 2 * time.Second, Kind: "param", Name: "ibm.com.", Text: "add new.ibm.com. 60 A 192.0.2.99"},
		lab.Action{At: 3 * time.Second, Kind: "param", Name: "query", Text: "new.ibm.com A"},
		lab.Action{At: 4 * time.Second, Kind: "param", Name: "ibm.com.", Text: "delete new.ibm.com. A"},
		lab.Action{At: 5 * time.Second, Kind: "param", Name: "nosuch.", Text: "delete new.ibm.com. A"},
	)
	var found, failed bool
	for _, n := range s.Notes() {
		found = found || n.Name == "learned" && n.Summary == "new.ibm.com A: 192.0.2.99"
		failed = failed || n.Name == "action-failed"
	}
	if !found || !failed || notes(s)["zone-edited"] != 3 {
		t.Errorf("found %v, failed %v, %v", found, failed, notes(s))
	}
}
