package web

import (
	"bytes"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"netscope/protocols/lab"
	"netscope/protocols/web/http1"
	"netscope/protocols/web/http2"
	"netscope/protocols/web/model"
)

// objects are what the lab http2 serves and fetches: O1 and the small ones,
// numbered from 0 here and from 1 in targets.
type objects struct {
	n             int
	big, small    int64
	frame         int
	push          bool
	later, update time.Duration
	prioritised   bool // the client says what is urgent
	prio          [2]http2.Priority
	pick          http2.Pick
	scheduler     model.Scheduler
	config        http2.Config
}

func objectsOf(variant string, p lab.Params) objects {
	order := orders[0]
	for _, o := range orders {
		if o.ID == variant {
			order = o
		}
	}
	o := objects{
		n: 1 + p.Int("objects"), big: int64(p["big"]), small: int64(p["small"]), frame: p.Int("frame"),
		push: p["push"] == yes, later: p.Duration("later"),
		prioritised: order.scheduler == model.ByPriority,
		pick:        order.pick, scheduler: order.scheduler,
	}
	o.config = http2.Config{Window: p.Int("window"), StreamWindow: p.Int("stream-window"), Frame: o.frame, Push: o.push}
	if o.prioritised {
		o.update = p.Duration("update")
	}
	for i, name := range [...]string{"big-urgency", "small-urgency"} {
		o.prio[i] = http2.Priority{Urgency: p.Int(name), Incremental: p["incremental"] == yes}
	}
	return o
}

// wanted is the priority that the client has in mind for an object.
func (o objects) wanted(i int) http2.Priority { return o.prio[min(i, 1)] }

// request is the request for an object.
func (o objects) request(i int) http2.Request {
	r := http2.Request{Target: "/o" + itoa(i+1)}
	if o.prioritised && o.update == 0 {
		p := o.wanted(i)
		r.Priority = &p
	}
	return r
}

// pushes are the small objects, with O1.
func (o objects) pushes(r *http1.Request) []http2.Request {
	if r.Path() != "/o1" {
		return nil
	}
	var rs []http2.Request
	for i := 1; i < o.n; i++ {
		rs = append(rs, o.request(i))
	}
	return rs
}

// updated is how many objects' priorities are told later: all that the client
// asks for, now or later still.
func (o objects) updated() int {
	if o.push {
		return 1
	}
	return o.n
}

func (o objects) size(i int) int64 {
	if i == 0 {
		return o.big
	}
	return o.small
}

func (o objects) reply(i int) http1.Reply { return site{size: o.size(i)}.object(i + 1) }

// modelOf is what the model has to know: sizes of frames come from writing
// them.
func (o objects) model(p lab.Params) model.Mux {
	m := model.Mux{
		RTT: 2 * (p.Duration("rtt") / 2), Rate: p["rate"], Loss: p["loss"], TCP: stackTCP(serverBuffer(p)),
		Scheduler: o.scheduler, Frame: o.frame, Window: o.config.Window, StreamWindow: o.config.StreamWindow,
		FrameHeader: http2.FrameHeader, UpdateFrame: http2.FrameHeader + 4,
		Opening: len(o.config.Opening(nil)), Settings: settingsBytes(), SettingsAck: http2.FrameHeader,
		Settle: settle, Blocks: o.blocks,
	}
	var buf bytes.Buffer
	enc := hpack.NewEncoder(&buf)
	for i := range o.n {
		x := model.MuxObject{Size: int(o.size(i)), Urgency: http2.DefaultPriority().Urgency}
		switch {
		case i > 0 && o.push:
			x.Pushed = true
		default:
			x.Request = http2.FrameHeader + len(http2.Compress(enc, &buf, o.request(i).Fields()))
			if i > 0 {
				x.Later = o.later
			}
		}
		if w := o.wanted(i); o.prioritised && o.update == 0 {
			x.Urgency, x.Incremental = w.Urgency, w.Incremental
		}
		m.Objects = append(m.Objects, x)
	}
	if o.update > 0 {
		for i := range o.updated() {
			w := o.wanted(i)
			m.Updates = append(m.Updates, model.MuxUpdate{At: o.update, Object: i, Urgency: w.Urgency, Incremental: w.Incremental,
				Bytes: http2.FrameHeader + 4 + len(w.String())})
		}
	}
	return m
}

// blocks gives the sizes of the server's header blocks, in the order in which
// they are asked for, as the encoder does.
func (o objects) blocks() func(i int, promise bool) int {
	var buf bytes.Buffer
	enc := hpack.NewEncoder(&buf)
	return func(i int, promise bool) int {
		if promise {
			return http2.FrameHeader + 4 + len(http2.Compress(enc, &buf, o.request(i).Fields()))
		}
		return http2.FrameHeader + len(http2.Compress(enc, &buf, http2.ResponseFields(o.reply(i), "")))
	}
}

// settingsBytes are the server's SETTINGS and its acknowledgement of the client's.
func settingsBytes() int {
	var b bytes.Buffer
	f := xhttp2.NewFramer(&b, nil)
	_ = f.WriteSettings(http2.ServerSettings()...)
	_ = f.WriteSettingsAck()
	return b.Len()
}
