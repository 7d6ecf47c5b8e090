// Package qlog reads qlog files: what an implementation of QUIC has written down
// about its own connections (draft-ietf-quic-qlog-main-schema,
// draft-ietf-quic-qlog-quic-events). Both the current form ("file_schema") and
// the older one ("qlog_version" 0.3) are read, contained JSON as well as
// sequences of JSON texts (RFC 7464), and one JSON text a line.
//
// A qlog knows packets and frames but not their bytes. So that it is shown by
// the same views as a capture, [File] emits a packet for each packet that was
// sent or received, whose payload is the log's own JSON text of it, in a UDP
// datagram between made-up addresses; [Decoder] turns the text into the units
// that QUIC itself would give. Events that are no packets become notes of the
// endpoint that wrote the log, its vantage point.
//
// The package must not know of real QUIC packets, nor of screens.
package qlog

// Bounds on what a file may make this package keep.
const (
	maxFile   = 256 << 20 // bytes of a file
	maxEvents = 2 << 20   // events of a file
	maxTraces = 1024      // traces of a file
	maxRecord = 48 << 10  // bytes of an event's text in a datagram
	maxFrames = 4096      // frames of a packet
	maxRanges = 256       // ranges of an ACK that are kept as fields
	maxText   = 4096      // bytes of a text that is shown
)
