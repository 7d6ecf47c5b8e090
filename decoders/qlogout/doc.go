// Package qlogout writes the QUIC connections of a timeline as qlog: the current
// form (draft-ietf-quic-qlog-main-schema, draft-ietf-quic-qlog-quic-events,
// "file_schema") or the older one ("qlog_version" 0.3), as contained JSON.
//
// Everything is derived from what was captured. Of a lab there is a trace from
// the client's and one from the server's point of view, as packets have left and
// arrived there; of any other capture one trace from a vantage point within the
// network. Round-trip times, what is in flight, and which packets count as lost
// are computed by the rules of RFC 9002 from the packets and acknowledgements;
// what a program decided by other rules or by its timers is not known here, nor
// is its congestion window, and nothing is said of them.
//
// It must not know of labs, of files, nor of screens.
package qlogout
