package bits

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	lib "github.com/miekg/dns"

	"netscope/capture"
	"netscope/capture/store"
	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/dns"
	"netscope/decoders/timeline"
	"netscope/tui/view"
	"netscope/tui/view/viewtest"
)

// datagrams is a source of UDP datagrams between two hosts, in turn.
type datagrams [][]byte

func (d datagrams) Run(_ context.Context, sink capture.Sink) error {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a, b := netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("10.1.0.2")
	if err := sink.Meta(capture.Tap{Name: "lab", Link: capture.LinkRaw}); err != nil {
		return err
	}
	for i, p := range d {
		src, dst, sp, dp := a, b, 49152, 53
		if i%2 == 1 {
			src, dst, sp, dp = b, a, 53, 49152
		}
		n := 28 + len(p)
		pkt := []byte{0x45, 0, byte(n >> 8), byte(n), 0, 0, 0, 0, 64, 17, 0, 0}
		pkt = append(append(pkt, src.AsSlice()...), dst.AsSlice()...)
		pkt = append(pkt, byte(sp>>8), byte(sp), byte(dp>>8), byte(dp), byte((n-20)>>8), byte(n-20), 0, 0)
		pkt = append(pkt, p...)
		at = at.Add(time.Millisecond)
		if err := sink.Packet(capture.Packet{ID: capture.PacketID(i), At: at, Arrived: at, Link: capture.LinkRaw, Length: n, Data: pkt, Ref: -1}); err != nil {
			return err
		}
	}
	return nil
}

// lookup is a query and its answer, with an alias, pointers and EDNS.
func lookup(t *testing.T) *timeline.Snapshot {
	t.Helper()
	q := new(lib.Msg)
	q.SetQuestion("www.ibm.com.", lib.TypeA)
	q.Id = 0x1234
	a := new(lib.Msg)
	a.SetReply(q)
	a.Compress, a.Authoritative = true, true
	for _, l := range []string{"www.ibm.com. 60 IN CNAME servereast.backup2.ibm.com.", "servereast.backup2.ibm.com. 300 IN A 128.119.245.12"} {
		rr, err := lib.NewRR(l)
		if err != nil {
			t.Fatal(err)
		}
		a.Answer = append(a.Answer, rr)
	}
	a.SetEdns0(1232, true)
	var d datagrams
	for _, m := range []*lib.Msg{q, a} {
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		d = append(d, b)
	}
	b := timeline.NewBuilder(timeline.Options{Store: store.New(0), Details: store.New(0), Decoders: []decoders.Decoder{dns.Decoder{}, data.Decoder{}}})
	b.Finish(d.Run(context.Background(), b))
	return b.Snapshot()
}

// frame is a frame with the answer selected.
func frame(t *testing.T) view.Frame {
	f := viewtest.Frame(lookup(t))
	f.Subject.Title = "DNS: records"
	return f
}

// press sends keys; what the view selects is selected.
func press(v *View, f *view.Frame, keys ...tea.KeyPressMsg) {
	for _, k := range keys {
		v.Render(*f)
		if cmd := v.Update(*f, k); cmd != nil {
			if m, ok := cmd().(view.SelectFieldMsg); ok {
				f.Head.Field = m.Field
			}
		}
	}
}

func TestView(t *testing.T) { viewtest.View(t, "answer", New(), frame(t)) }

func TestSelection(t *testing.T) {
	f := frame(t)
	v := New()
	f.Width, f.Height = 80, 24
	var pointer view.FieldRef
	v.Render(f)
	for _, n := range v.order {
		if n.ToLen > 0 && pointer.Path == "" {
			pointer = n.Ref
		}
	}
	f.Head.Field = pointer
	viewtest.View(t, "pointer", v, f)
	press(v, &f, tea.KeyPressMsg{Code: tea.KeyEnter})
	if f.Head.Field.Off != 12 {
		t.Errorf("the pointer leads to %+v, not to the question's name", f.Head.Field)
	}
	press(v, &f, tea.KeyPressMsg{Code: 'j', Text: "j"}, tea.KeyPressMsg{Code: 'l', Text: "l"})
	if !strings.HasSuffix(f.Head.Field.Path, "dns.qry.class") {
		t.Errorf("selected %+v", f.Head.Field)
	}
}

// TestEveryByte checks that each byte of the message is drawn once.
func TestEveryByte(t *testing.T) {
	f := frame(t)
	v := New()
	v.Render(f)
	next := 0
	for _, r := range v.rows {
		if r.Kind == Heading || r.Kind == Zoom {
			continue
		}
		for _, c := range r.Cells {
			if c.Node.Ref.Packet {
				continue
			}
			if c.Node.Ref.Off != next {
				t.Fatalf("%q at %d, want %d", c.Node.Label, c.Node.Ref.Off, next)
			}
			next += c.Node.Ref.Len
		}
	}
	if next != len(v.raw) {
		t.Errorf("%d of %d bytes are drawn", next, len(v.raw))
	}
}

func TestPackets(t *testing.T) {
	f := frame(t)
	f.Head.Granularity = timeline.ByPacket
	viewtest.View(t, "packet", New(), f)
}

func TestSweep(t *testing.T) {
	viewtest.Sweep(t, New(), frame(t), 130, 40)
	f := frame(t)
	f.Head.Message, f.Head.HasPkt = timeline.NoMessage, false
	viewtest.Sweep(t, New(), f, 90, 10)
}

// TestPictures writes screens for people to look at.
func TestPictures(t *testing.T) {
	dir := os.Getenv("NETSCOPE_PICTURES")
	if dir == "" {
		t.Skip("NETSCOPE_PICTURES does not name a folder")
	}
	f := frame(t)
	for _, s := range viewtest.Sizes() {
		for _, dark := range []bool{true, false} {
			f.Width, f.Height, f.Theme = s.W, s.H, view.DefaultTheme(dark)
			v := New()
			v.Render(f)
			for _, n := range v.order {
				if n.ToLen > 0 {
					f.Head.Field = n.Ref
					break
				}
			}
			name := map[bool]string{true: "dark", false: "light"}[dark]
			if err := os.WriteFile(filepath.Join(dir, "bits-"+name+"-"+view.FormatCount(int64(s.W))+".ans"), []byte(v.Render(f)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
