package fork_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"netscope/capture"
	"netscope/capture/store"
	decs "netscope/decoders/all"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
	"netscope/protocols/lab/run"
	"netscope/protocols/web"
)

// The test binary is its own child, as the program is.
func TestMain(m *testing.M) {
	if run.IsChild() {
		os.Exit(run.Child([]lab.Lab{web.Connections{}, web.Multiplexing{}, web.LostPacket{}}))
	}
	os.Exit(m.Run())
}

// page runs a small page in a child and gives what was seen of it.
func page(t *testing.T, journal []lab.Action, set lab.Params) *timeline.Snapshot {
	t.Helper()
	p := lab.Defaults(web.Connections{}.Spec().Params)
	p["objects"] = 3
	for k, v := range set {
		p[k] = v
	}
	return watch(t, run.Request{Lab: "http-connections", Variant: "persistent", Index: 2, Params: p, Seed: 1, Journal: journal})
}

func watch(t *testing.T, req run.Request) *timeline.Snapshot {
	t.Helper()
	r, err := run.Start(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b := timeline.NewBuilder(timeline.Options{Decoders: decs.List(), Store: store.New(0), Details: store.New(0), Lab: true})
	if err := b.Meta(capture.Clock{At: r.Hello().Start}); err != nil {
		t.Fatal(err)
	}
	err = r.Run(t.Context(), b)
	b.Finish(err)
	if err != nil {
		t.Fatal(err)
	}
	return b.Snapshot()
}

func topology(set lab.Params) lab.Topology {
	p := lab.Defaults(web.Connections{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return web.Connections{}.Topology("persistent", p)
}

// data are the packets with payload from the server.
func data(s *timeline.Snapshot) (ids []capture.PacketID) {
	_, end := s.PacketRange()
	for id := range end {
		if r := s.Packet(id); r.Payload > 0 && r.Dir == 1 {
			ids = append(ids, id)
		}
	}
	return ids
}

func TestDropHitsThatPacketAndNothingBefore(t *testing.T) {
	// A rate of 0 would let packets leave at the same instant; the fastest
	// link that the lab allows comes near.
	for _, set := range []lab.Params{nil, {"rate": 1e11}, {"loss": 0.03}} {
		old := page(t, nil, set)
		ids := data(old)
		for _, id := range []capture.PacketID{0, ids[0], ids[len(ids)/2], ids[len(ids)-1]} {
			if old.Packet(id).Loss != capture.NotLost {
				continue
			}
			a, err := fork.Hit(fork.Drop, 0, old, topology(set), id)
			if err != nil {
				t.Fatal(err)
			}
			now := page(t, []lab.Action{a}, set)
			r, q := old.Packet(id), now.Packet(id)
			if q.At != r.At || q.Length != r.Length || q.Seq != r.Seq || q.Loss != capture.LostWire {
				t.Errorf("packet %d of %v: %+v, want it lost", id, set, q)
			}
			lost := func(s *timeline.Snapshot) (n int) {
				for i := range id {
					if s.Packet(i).Loss != 0 {
						n++
					}
				}
				return n
			}
			if lost(old) != lost(now) {
				t.Error("another packet before it was hit as well")
			}
			if set["loss"] == 0 {
				_, end := now.PacketRange()
				n := 0
				for i := range end {
					if now.Packet(i).Loss != 0 {
						n++
					}
				}
				if n != 1 {
					t.Errorf("%d packets lost, want one", n)
				}
			}
			d := fork.Compare(old, now, timeline.Time(a.At))
			if d.Broken != "" || d.First != timeline.Time(a.At) {
				t.Errorf("packet %d: differs first at %d, want %d; %s", id, d.First, a.At, d.Broken)
			}
			if k, _ := d.New.Packet(id); k != fork.Moved {
				t.Errorf("the packet that was dropped is marked %v", k)
			}
		}
	}
}

func TestDelayLetsOthersOvertake(t *testing.T) {
	old := page(t, nil, nil)
	id := data(old)[4]
	a, err := fork.Hit(fork.Delay, 30*time.Millisecond, old, topology(nil), id)
	if err != nil {
		t.Fatal(err)
	}
	now := page(t, []lab.Action{a}, nil)
	if got := now.Packet(id).Arrived - old.Packet(id).Arrived; got != 30e6 {
		t.Errorf("%v later", got)
	}
	next := data(now)[5]
	if now.Packet(next).Arrived != old.Packet(next).Arrived || now.Packet(next).Arrived > now.Packet(id).Arrived {
		t.Error("the packet behind it did not overtake it")
	}
	if d := fork.Compare(old, now, timeline.Time(a.At)); d.Broken != "" || d.First != timeline.Time(a.At) {
		t.Errorf("differs first at %v: %s", d.First, d.Broken)
	}
}

func TestForkOfAForkAndText(t *testing.T) {
	l := web.Connections{}
	p := lab.Defaults(l.Spec().Params)
	p["objects"] = 3
	old := page(t, nil, nil)
	var journal []lab.Action
	for _, n := range []int{4, 12} {
		a, err := fork.Hit(fork.Drop, 0, old, topology(nil), data(old)[n])
		if err != nil {
			t.Fatal(err)
		}
		journal = append(journal, a)
		now := page(t, journal, nil)
		if d := fork.Compare(old, now, timeline.Time(a.At)); d.Broken != "" || d.First != timeline.Time(a.At) {
			t.Errorf("fork %d: differs first at %v: %s", n, d.First, d.Broken)
		}
		old = now
	}
	at := time.Duration(old.Now()) / 2
	then := p.Clone()
	then["rtt"], then["loss"] = 0.2, 0.01
	as, err := fork.Changes(l, "persistent", p, then, at)
	if err != nil || len(as) != 2 {
		t.Fatalf("%v, %v", as, err)
	}
	journal = append(journal, as...)
	if e := fork.Effective(l, p, journal); e["rtt"] != 0.2 || e["loss"] != 0.01 || e["rate"] != p["rate"] {
		t.Errorf("effective %v", e)
	}
	now := page(t, journal, nil)
	if d := fork.Compare(old, now, timeline.Time(at)); d.Broken != "" || d.First < timeline.Time(at) {
		t.Errorf("differs first at %v, changed at %v: %s", d.First, at, d.Broken)
	}
	// What is printed reproduces the run.
	var again []lab.Action
	texts := fork.Text(journal)
	if len(texts) != 3 {
		t.Errorf("%q", texts)
	}
	for _, s := range texts {
		as, err := fork.Parse(l, "persistent", p, s)
		if err != nil {
			t.Fatal(err)
		}
		again = append(again, as...)
	}
	same := page(t, again, nil)
	if a, b := fork.PrefixOf(now, 1<<62), fork.PrefixOf(same, 1<<62); a != b {
		t.Errorf("%q is another run: %v, %v", texts, a, b)
	}
	words := ""
	for _, d := range fork.Describe(l.Spec().Params, journal) {
		words += d.String() + "; "
	}
	if !strings.Contains(words, "dropped at ") || !strings.Contains(words, "RTT 200 ms, loss 1 % at ") || !strings.HasPrefix(words, "segment ") {
		t.Error(words)
	}
}

func TestWhatIsNoLinkCannotChangeLater(t *testing.T) {
	l := web.Connections{}
	p := lab.Defaults(l.Spec().Params)
	then := p.Clone()
	then["objects"] = 4
	if _, err := fork.Changes(l, "persistent", p, then, 0); err == nil || !strings.Contains(err.Error(), "from the start") {
		t.Error(err)
	}
	if _, err := fork.Changes(l, "persistent", p, p, 0); err == nil {
		t.Error("changed nothing, and yet a fork")
	}
}

func TestParse(t *testing.T) {
	l := web.Connections{}
	p := lab.Defaults(l.Spec().Params)
	for text, want := range map[string]lab.Action{
		"drop@412ms:server:client":                             {At: 412e6, Kind: "drop", From: "server", To: "client"},
		"drop@0.412000001s:server:client#3":                    {At: 412000001, Kind: "drop", From: "server", To: "client", Text: "3"},
		"delay@1s:client:server+50ms":                          {At: 1e9, Kind: "delay", From: "client", To: "server", By: 50e6},
		"delay@1s:client:server#2+1s":                          {At: 1e9, Kind: "delay", From: "client", To: "server", Text: "2", By: 1e9},
		"param@1s:x=y=z":                                       {At: 1e9, Kind: "param", Name: "x", Text: "y=z"},
		`{"At":5,"Kind":"drop","From":"client","To":"server"}`: {At: 5, Kind: "drop", From: "client", To: "server"},
	} {
		got, err := fork.Parse(l, "persistent", p, text)
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if back := fork.Text(got); len(back) != 1 {
			t.Errorf("%q", back)
		} else if again, err := fork.Parse(l, "persistent", p, back[0]); err != nil || again[0] != want {
			t.Errorf("%s became %s: %+v, %v", text, back[0], again, err)
		}
	}
	for _, text := range []string{"", "drop", "drop@:a:b", "drop@1s", "drop@1s:a", "drop@-1s:a:b", "drop@1s:a:b#0", "drop@1s:a:b#x",
		"delay@1s:a:b", "drop@1s:a:b", "drop@1s:server:server", "delay@1s:a:b+", "delay@1s:a:b+0s", "set@1s:rtt", "set@1s:rtt=1 week", "set@1s:objects=4", "jump@1s:a:b",
		"{", `{"Kind":"jump"}`, `{"At":-1,"Kind":"drop"}`, `{"Kind":"path"}`, `{"Kind":"drop","Extra":1}`} {
		if got, err := fork.Parse(l, "persistent", p, text); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q was taken for %+v, %v", text, got, err)
		}
	}
}

func TestADivergenceBeforeTheActionIsReported(t *testing.T) {
	old := page(t, nil, nil)
	now := page(t, nil, lab.Params{"rtt": 0.101})
	d := fork.Compare(old, now, old.Now())
	if d.Broken == "" || !strings.Contains(d.Broken, "before the action") {
		t.Errorf("%q, first at %v", d.Broken, d.First)
	}
	same := fork.Compare(old, page(t, nil, nil), old.Now())
	if same.Broken != "" || same.First >= 0 || same.Prefix.Packets == 0 || same.Prefix.Messages == 0 {
		t.Errorf("%+v", same)
	}
}

func TestWhatCannotBeHit(t *testing.T) {
	old := page(t, nil, nil)
	if _, err := fork.Hit(fork.Drop, 0, old, topology(nil), 99999); err == nil {
		t.Error("hit a packet that is not there")
	}
	if _, err := fork.Hit(fork.Delay, 0, old, topology(nil), 3); err == nil {
		t.Error("delayed by nothing")
	}
	a, _ := fork.Hit(fork.Drop, 0, old, topology(nil), 3)
	now := page(t, []lab.Action{a}, nil)
	if _, err := fork.Hit(fork.Drop, 0, now, topology(nil), 3); err == nil || !strings.Contains(err.Error(), "lost already") {
		t.Error(err)
	}
}

// The runs of every kind of transport and framing agree before the action and
// differ from it on, secured ones too.
func TestEveryProtocolForks(t *testing.T) {
	for _, l := range []lab.Lab{web.Multiplexing{}, web.LostPacket{}} {
		for i, v := range l.Spec().Variants {
			if shuffled && v.ID == "http3" {
				continue // the race detector has goroutines run in another order each time
			}
			p := lab.Defaults(l.Spec().Params)
			if _, ok := p["big"]; ok {
				p["big"] = 1e5
			}
			req := run.Request{Lab: l.Spec().ID, Variant: v.ID, Index: i + 1, Params: p, Seed: 3}
			old := watch(t, req)
			ids := data(old)
			a, err := fork.Hit(fork.Drop, 0, old, l.Topology(v.ID, p), ids[len(ids)*2/3])
			if err != nil {
				t.Fatal(err)
			}
			req.Journal = []lab.Action{a}
			now := watch(t, req)
			d := fork.Compare(old, now, timeline.Time(a.At))
			if d.Broken != "" || d.First != timeline.Time(a.At) || d.Prefix.Messages == 0 {
				t.Errorf("%s, %s: differs first at %v, action at %v; %s", l.Spec().ID, v.ID, time.Duration(d.First), a.At, d.Broken)
			}
		}
	}
}
