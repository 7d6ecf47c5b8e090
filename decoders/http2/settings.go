package http2

import (
	"encoding/binary"

	"netscope/decoders"
	"netscope/decoders/hpack"
)

// Settings are the parameters of an endpoint (RFC 9113 §6.5.2).
type Settings struct {
	HeaderTable   uint32 // bytes
	EnablePush    bool
	MaxStreams    uint32 // unlimited: 1<<32-1
	InitialWindow uint32 // bytes
	MaxFrame      uint32 // bytes
	MaxHeaderList uint32 // bytes; unlimited: 1<<32-1
	Connect       bool   // RFC 8441
	NoPriorities  bool   // RFC 9218 §2.1
}

const (
	defaultWindow = 65_535
	maxWindow     = 1<<31 - 1
	unlimited     = 1<<32 - 1
)

func defaults() Settings {
	return Settings{HeaderTable: hpack.DefaultSize, EnablePush: true, MaxStreams: unlimited,
		InitialWindow: defaultWindow, MaxFrame: 16_384, MaxHeaderList: unlimited}
}

// setting is one parameter of a SETTINGS frame.
type setting struct {
	id    uint16
	value uint32
}

// parseSettings reads the parameters of a payload that are whole.
func parseSettings(b []byte) []setting {
	var out []setting
	for ; len(b) >= 6; b = b[6:] {
		out = append(out, setting{binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[2:])})
	}
	return out
}

// check says what is wrong with a parameter.
func (s setting) check(fromServer bool) string {
	switch {
	case s.id == 2 && s.value > 1:
		return "SETTINGS_ENABLE_PUSH is neither 0 nor 1 (RFC 9113 §6.5.2)"
	case s.id == 2 && s.value == 1 && fromServer:
		return "a server sets SETTINGS_ENABLE_PUSH to 1 (RFC 9113 §6.5.2)"
	case s.id == 4 && s.value > maxWindow:
		return "SETTINGS_INITIAL_WINDOW_SIZE is above 2,147,483,647 (RFC 9113 §6.5.2)"
	case s.id == 5 && (s.value < 16_384 || s.value > 1<<24-1):
		return "SETTINGS_MAX_FRAME_SIZE is outside 16,384 to 16,777,215 (RFC 9113 §6.5.2)"
	case s.id == 8 && s.value > 1:
		return "SETTINGS_ENABLE_CONNECT_PROTOCOL is neither 0 nor 1 (RFC 8441 §3)"
	case s.id == 9 && s.value > 1:
		return "SETTINGS_NO_RFC7540_PRIORITIES is neither 0 nor 1 (RFC 9218 §2.1)"
	}
	return ""
}

func (s *Settings) set(p setting) {
	switch p.id {
	case 1:
		s.HeaderTable = p.value
	case 2:
		s.EnablePush = p.value != 0
	case 3:
		s.MaxStreams = p.value
	case 4:
		s.InitialWindow = min(p.value, maxWindow)
	case 5:
		s.MaxFrame = min(max(p.value, 16_384), 1<<24-1)
	case 6:
		s.MaxHeaderList = p.value
	case 8:
		s.Connect = p.value != 0
	case 9:
		s.NoPriorities = p.value != 0
	}
}

// highest is the highest value of a parameter that may be in force: between
// SETTINGS and its acknowledgement nobody else can tell which one is.
func (e *End) highest(value func(*Settings) uint32) uint32 {
	v := max(value(&e.Announced), value(&e.InForce))
	for i := range e.Pending {
		v = max(v, value(&e.Pending[i]))
	}
	return v
}

func (c *Conn) settings(d decoders.Dir, f Frame, e *Effect) {
	if f.Flags.Has(Ack) {
		c.acknowledge(d, e)
		return
	}
	end := &c.Ends[d]
	before := end.Announced.InitialWindow
	for _, p := range parseSettings(f.Payload) {
		e.Bad.add(p.check(c.Known && d == c.Server()))
		end.Announced.set(p)
	}
	if len(end.Pending) < maxPending {
		end.Pending = append(end.Pending, end.Announced)
	} else {
		e.Bad.addf("%d SETTINGS wait for an acknowledgement (RFC 9113 §6.5.3)", maxPending)
	}
	c.limitTable(d)
	delta := int64(end.Announced.InitialWindow) - int64(before)
	if delta == 0 {
		return
	}
	if delta < 0 {
		end.lowered -= delta
	}
	o := d.Other()
	for _, s := range c.Streams {
		if s.Half[o] != Ended && s.Half[o] != Reset {
			s.Window[o] += delta
			if s.Window[o] > maxWindow {
				e.Bad.add("SETTINGS_INITIAL_WINDOW_SIZE makes a window exceed 2,147,483,647 (RFC 9113 §6.9.2)")
			}
		}
	}
}

// acknowledge puts the other side's oldest pending settings in force.
func (c *Conn) acknowledge(d decoders.Dir, e *Effect) {
	o := &c.Ends[d.Other()]
	if len(o.Pending) == 0 {
		if !c.Midway {
			e.Bad.add("SETTINGS is acknowledged that was not sent (RFC 9113 §6.5.3)")
		}
		return
	}
	o.InForce = o.Pending[0]
	o.Pending = o.Pending[1:]
	if len(o.Pending) == 0 {
		o.lowered = 0
	}
	c.limitTable(d.Other())
	end := &c.Ends[d]
	if len(o.Pending) == 0 && int64(o.InForce.HeaderTable) < int64(end.Table.Max) && !c.Midway {
		end.Shrink = true
	}
}

// limitTable tells the other side's encoder how large its table may be.
func (c *Conn) limitTable(d decoders.Dir) {
	if c.Midway {
		return
	}
	size := c.Ends[d].highest(func(s *Settings) uint32 { return s.HeaderTable })
	c.Ends[d.Other()].Table.Limit = int(min(size, hpack.MaxSize))
}
