// Package http2 is HTTP/2 (RFC 9113) over clear TCP as a server and a client
// speak it on any net.Conn: with prior knowledge, or after an upgrade from
// HTTP/1.1 (RFC 7540 §3.2, which RFC 9113 no longer has but curl still asks for).
//
// Frames are written and read with golang.org/x/net/http2's Framer and hpack.
// What decides is ours: which stream's frame goes next (see [Pick]), how long
// it is, when windows are opened again. One turn of the server is one write:
// control frames that are due, promises, and one frame of one response, with
// its head if that has not been sent. The package must not know of labs, of the
// emulated network or of what the site contains.
//
// Everything that comes from a peer is bounded: header blocks and lists,
// CONTINUATION frames, streams, resets, frames that change nothing, and answers
// that the peer makes necessary but does not read. What exceeds a bound ends
// the stream or the connection with the error code that RFC 9113 §7 has for it.
package http2

import (
	"golang.org/x/net/http2"
)

const (
	// Preface is what a client sends first (RFC 9113 §3.4).
	Preface = http2.ClientPreface
	// DefaultWindow is every window's size before anybody changes it
	// (RFC 9113 §6.9.2).
	DefaultWindow = 65535
	// DefaultFrame is the largest payload before anybody allows more
	// (RFC 9113 §6.5.2).
	DefaultFrame = 16384
	// FrameHeader is the length of a frame's header (RFC 9113 §4.1).
	FrameHeader = 9

	maxWindow = 1<<31 - 1
)

// What the server grants a client; it says so in its SETTINGS.
const (
	MaxStreams    = 256      // at a time
	MaxHeaderList = 64 << 10 // bytes of a header list, as RFC 9113 §6.5.2 counts
)

// What the server puts up with, beyond what it has granted.
const (
	maxContinuations = 32       // CONTINUATION frames for one header block
	maxBlock         = 64 << 10 // bytes of a header block, compressed
	maxResets        = 100      // streams reset by the client, beyond those answered
	maxIdleFrames    = 1000     // frames in a row that change nothing
	maxControl       = 64 << 10 // bytes of answers waiting for a peer that does not read
	maxRequestBody   = 1 << 20  // bytes of content with a request, thrown away
)

// ServerSettings are the SETTINGS that a server sends first. They are exported
// so that predictions know their size.
func ServerSettings() []http2.Setting {
	return []http2.Setting{
		{ID: http2.SettingMaxConcurrentStreams, Val: MaxStreams},
		{ID: http2.SettingMaxHeaderListSize, Val: MaxHeaderList},
		{ID: http2.SettingNoRFC7540Priorities, Val: 1},
	}
}
