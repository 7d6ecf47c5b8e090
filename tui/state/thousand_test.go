package state

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/http2"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
	"netscope/tui/state/h2"
	"netscope/tui/view/viewtest"
)

// place is a step's stop and what both ends knew there.
type place struct {
	pos  timeline.Position
	text string
}

// ends folds both ends of the HTTP/2 connection.
func ends(s *timeline.Snapshot) [2]*timeline.Folder[*h2.State] {
	source, upgrade, _ := h2.Find(s, 0)
	var out [2]*timeline.Folder[*h2.State]
	for i, e := range [2]timeline.End{timeline.AtA, timeline.AtB} {
		out[i] = &timeline.Folder[*h2.State]{Conv: 0, End: e, Fold: h2.Fold{End: e, Source: source, Upgrade: upgrade}}
	}
	return out
}

// known is everything that both ends know at a position, as text: each
// stream's state and windows, those of the connection, settings, and the
// entries of both header tables.
func known(s *timeline.Snapshot, fold [2]*timeline.Folder[*h2.State], p timeline.Position) string {
	var b strings.Builder
	for _, f := range fold {
		st := f.At(s, p)
		fmt.Fprintln(&b, st.Frames)
		for d := range st.Conn.Ends {
			e := &st.Conn.Ends[d]
			fmt.Fprintln(&b, e.Window, e.Announced, e.Pending, e.GoAway, e.Table)
		}
		for _, x := range st.Conn.List() {
			fmt.Fprintln(&b, x.ID, x.State(0), x.State(1), *x)
		}
	}
	return b.String()
}

// manyFrames is a lab whose run has more than 1,000 frames.
func manyFrames(loss float64) lab.Params {
	return lab.Params{"big": 2_400_000, "frame": 2048, "objects": 6, "loss": loss}
}

// scripted is a connection with n requests whose header fields go into the
// dynamic tables and out again, each answered with a head and eight frames of
// data, between which windows are updated and streams reset.
func scripted(n int) *timeline.Snapshot {
	sc := viewtest.NewScript(http2.Decoder{}, data.Decoder{})
	sc.Delay, sc.Rate = time.Millisecond, 1e8
	c := sc.Dial(49152)
	var buf [2]bytes.Buffer
	var write [2]*xhttp2.Framer
	var block [2]bytes.Buffer
	var enc [2]*hpack.Encoder
	for d := range write {
		write[d] = xhttp2.NewFramer(&buf[d], nil)
		enc[d] = hpack.NewEncoder(&block[d])
	}
	head := func(d decoders.Dir, fields ...string) []byte {
		block[d].Reset()
		for i := 0; i < len(fields); i += 2 {
			_ = enc[d].WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
		}
		return block[d].Bytes()
	}
	send := func(d decoders.Dir) {
		c.Send(d, buf[d].String())
		buf[d].Reset()
	}
	buf[0].WriteString(xhttp2.ClientPreface)
	_ = write[0].WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 20_000})
	send(decoders.AtoB)
	_ = write[1].WriteSettings(xhttp2.Setting{ID: xhttp2.SettingMaxConcurrentStreams, Val: 100})
	_ = write[1].WriteSettingsAck()
	send(decoders.BtoA)
	_ = write[0].WriteSettingsAck()
	for i := range n {
		id := uint32(2*i + 1)
		_ = write[0].WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, EndStream: true, EndHeaders: true,
			BlockFragment: head(decoders.AtoB, ":method", "GET", ":scheme", "http", ":authority", "server", ":path", fmt.Sprint("/o", i), "user-agent", "netscope",
				"cookie", strings.Repeat("c", i%90))})
		send(decoders.AtoB)
		_ = write[1].WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, EndHeaders: true,
			BlockFragment: head(decoders.BtoA, ":status", "200", "content-type", "text/plain", "etag", fmt.Sprintf("%q", fmt.Sprint(i)))})
		for k := range 8 {
			send(decoders.BtoA) // one packet for each frame
			_ = write[1].WriteData(id, k == 7, bytes.Repeat([]byte("d"), 100+i))
			if k == 4 && i%7 == 3 {
				_ = write[1].WriteRSTStream(id, xhttp2.ErrCodeInternal)
				break
			}
		}
		send(decoders.BtoA)
		if i%5 == 4 {
			_ = write[0].WriteWindowUpdate(0, uint32(5*8*(100+i)))
		}
	}
	return sc.Done()
}

// Stepping unit by unit through a thousand frames, both ends know the same at
// the same place going forwards, going back, and when one jumps there.
func TestThousandFrames(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T) *timeline.Snapshot
	}{
		{"lab", func(t *testing.T) *timeline.Snapshot { return emulate(t, manyFrames(0)) }},
		{"lossy", func(t *testing.T) *timeline.Snapshot { return emulate(t, manyFrames(0.01)) }},
		{"tables", func(*testing.T) *timeline.Snapshot { return scripted(120) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.make(t)
			fold := ends(s)
			var there []place
			units := map[timeline.MessageID]bool{}
			for p := timeline.Position(0); ; {
				st, ok := s.Step(p, timeline.ByUnit, 1, nil)
				if !ok {
					break
				}
				p = st.Pos
				units[st.Message] = true
				there = append(there, place{p, known(s, fold, p)})
			}
			if len(units) < 1000 {
				t.Fatalf("%d frames only", len(units))
			}
			back := slices.Clone(there)
			slices.Reverse(back)
			p := s.End()
			for i, want := range back {
				if i > 0 {
					st, ok := s.Step(p, timeline.ByUnit, -1, nil)
					if !ok || st.Pos != want.pos {
						t.Fatalf("a step back from %d goes to %d, not %d", p, st.Pos, want.pos)
					}
				}
				p = want.pos
				if got := known(s, fold, p); got != want.text {
					t.Fatalf("position %d going back:\n%s\ngoing forwards:\n%s", p, got, want.text)
				}
			}
			for i := range 40 {
				want := there[i*977%len(there)]
				if got := known(s, ends(s), want.pos); got != want.text {
					t.Fatalf("position %d after a jump:\n%s\ngoing forwards:\n%s", want.pos, got, want.text)
				}
			}
		})
	}
}

// BenchmarkStep is one step by unit with the whole pane drawn again, forwards
// and back: a screen is drawn every 16 to 33 ms.
func BenchmarkStep(b *testing.B) {
	s := scripted(120)
	for _, dir := range []struct {
		name string
		by   int
	}{{"forwards", 1}, {"back", -1}} {
		b.Run(dir.name, func(b *testing.B) {
			v := New()
			f := viewtest.Frame(s)
			p := timeline.Position(0)
			if dir.by < 0 {
				p = s.End()
			}
			start := p
			for b.Loop() {
				st, ok := s.Step(p, timeline.ByUnit, dir.by, nil)
				if p = st.Pos; !ok {
					p = start
				}
				g := viewtest.At(f, p)
				g.Head.Granularity, g.Head.Message, g.Head.Packet, g.Head.HasPkt = timeline.ByUnit, st.Message, st.Packet, true
				g.Width, g.Height = 200, 60
				v.Render(g)
			}
		})
	}
}
