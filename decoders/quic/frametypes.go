package quic

import "fmt"

// Frame types (RFC 9000 §19, RFC 9221, and extensions).
const (
	framePadding         = 0x00
	framePing            = 0x01
	frameAck             = 0x02
	frameAckECN          = 0x03
	frameResetStream     = 0x04
	frameStopSending     = 0x05
	frameCrypto          = 0x06
	frameNewToken        = 0x07
	frameStream          = 0x08 // to 0x0f: the low bits say OFF, LEN, FIN
	frameMaxData         = 0x10
	frameMaxStreamData   = 0x11
	frameMaxStreamsBidi  = 0x12
	frameMaxStreamsUni   = 0x13
	frameDataBlocked     = 0x14
	frameStreamBlocked   = 0x15
	frameStreamsBlockedB = 0x16
	frameStreamsBlockedU = 0x17
	frameNewCID          = 0x18
	frameRetireCID       = 0x19
	framePathChallenge   = 0x1a
	framePathResponse    = 0x1b
	frameClose           = 0x1c
	frameCloseApp        = 0x1d
	frameHandshakeDone   = 0x1e
	frameImmediateAck    = 0x1f
	frameResetStreamAt   = 0x24
	frameDatagram        = 0x30
	frameDatagramLen     = 0x31
	frameAckFrequency    = 0xaf
)

// frameInfo says what a frame type is for.
type frameInfo struct {
	name string
	doc  string
	// where says in which packets the frame may be: I, H, 0 and 1 for the types
	// (RFC 9000 §12.4, table 3).
	where string
	// quiet frames do not make the receiver acknowledge (RFC 9000 §13.2).
	quiet bool
}

// infoOf finds a frame type.
func infoOf(t uint64) (frameInfo, bool) {
	switch {
	case t&^7 == frameStream:
		return frameInfo{"STREAM", "Carries bytes of one stream, with their offset in it. Streams do not wait for each other: what one packet loses stops only the streams in it (RFC 9000 §19.8).", "01", false}, true
	case t == frameAckECN:
		i := frameTypes[frameAck]
		i.doc += " With the counts of packets that routers marked for congestion."
		return i, true
	case t == frameDatagramLen:
		return frameTypes[frameDatagram], true
	}
	i, ok := frameTypes[t]
	return i, ok
}

var frameTypes = map[uint64]frameInfo{
	framePadding:         {"PADDING", "Nothing: it makes a packet larger, as the first ones must be to keep servers from being abused as amplifiers (RFC 9000 §19.1, §14.1).", "IH01", true},
	framePing:            {"PING", "Asks for an acknowledgement, to see that the peer is there or to keep a connection alive (RFC 9000 §19.2).", "IH01", false},
	frameAck:             {"ACK", "Says which packet numbers have come, as ranges from the largest downwards. What lies between the ranges has not come (RFC 9000 §19.3).", "IH1", true},
	frameResetStream:     {"RESET_STREAM", "The sender gives up sending on a stream; what has not been delivered may be dropped (RFC 9000 §19.4).", "01", false},
	frameStopSending:     {"STOP_SENDING", "The receiver no longer wants a stream's bytes and asks the sender to reset it (RFC 9000 §19.5).", "01", false},
	frameCrypto:          {"CRYPTO", "Carries bytes of the TLS handshake; each encryption level has its own sequence of them (RFC 9000 §19.6).", "IH1", false},
	frameNewToken:        {"NEW_TOKEN", "A token with which the client can show in a later connection that it owns its address (RFC 9000 §19.7).", "1", false},
	frameMaxData:         {"MAX_DATA", "Raises how many bytes the peer may send on all streams together (RFC 9000 §19.9).", "01", false},
	frameMaxStreamData:   {"MAX_STREAM_DATA", "Raises how many bytes the peer may send on one stream (RFC 9000 §19.10).", "01", false},
	frameMaxStreamsBidi:  {"MAX_STREAMS", "Raises how many bidirectional streams the peer may open (RFC 9000 §19.11).", "01", false},
	frameMaxStreamsUni:   {"MAX_STREAMS", "Raises how many unidirectional streams the peer may open (RFC 9000 §19.11).", "01", false},
	frameDataBlocked:     {"DATA_BLOCKED", "The sender has bytes to send but the connection's limit does not let it (RFC 9000 §19.12).", "01", false},
	frameStreamBlocked:   {"STREAM_DATA_BLOCKED", "The sender has bytes to send but the stream's limit does not let it (RFC 9000 §19.13).", "01", false},
	frameStreamsBlockedB: {"STREAMS_BLOCKED", "The sender would open a bidirectional stream but has used up what it may (RFC 9000 §19.14).", "01", false},
	frameStreamsBlockedU: {"STREAMS_BLOCKED", "The sender would open a unidirectional stream but has used up what it may (RFC 9000 §19.14).", "01", false},
	frameNewCID:          {"NEW_CONNECTION_ID", "Gives the peer another connection ID to send to, for instance after a change of address, so that an observer cannot link the two (RFC 9000 §19.15).", "01", false},
	frameRetireCID:       {"RETIRE_CONNECTION_ID", "The sender no longer uses a connection ID that the peer gave it (RFC 9000 §19.16).", "01", false},
	framePathChallenge:   {"PATH_CHALLENGE", "Asks the peer to send these eight bytes back on the same path, to see that it can be reached there (RFC 9000 §19.17).", "01", false},
	framePathResponse:    {"PATH_RESPONSE", "Sends back the bytes of a PATH_CHALLENGE (RFC 9000 §19.18).", "1", false},
	frameClose:           {"CONNECTION_CLOSE", "Ends the connection at once, because of an error in QUIC or TLS or none (RFC 9000 §19.19).", "IH01", true},
	frameCloseApp:        {"CONNECTION_CLOSE", "Ends the connection at once because the application says so (RFC 9000 §19.19).", "01", true},
	frameHandshakeDone:   {"HANDSHAKE_DONE", "The server confirms the handshake; the client can forget its handshake keys (RFC 9000 §19.20).", "1", false},
	frameImmediateAck:    {"IMMEDIATE_ACK", "Asks the peer to acknowledge without delay (draft-ietf-quic-ack-frequency).", "01", false},
	frameResetStreamAt:   {"RESET_STREAM_AT", "As RESET_STREAM, but bytes up to an offset are still delivered (draft-ietf-quic-reliable-stream-reset).", "01", false},
	frameDatagram:        {"DATAGRAM", "Carries bytes that are not sent again when they are lost (RFC 9221 §4).", "01", false},
	frameAckFrequency:    {"ACK_FREQUENCY", "Asks the peer to acknowledge less often (draft-ietf-quic-ack-frequency).", "01", false},
}

// errorName is the name of a transport error code (RFC 9000 §20.1).
func errorName(code uint64) string {
	names := [...]string{"NO_ERROR", "INTERNAL_ERROR", "CONNECTION_REFUSED", "FLOW_CONTROL_ERROR", "STREAM_LIMIT_ERROR",
		"STREAM_STATE_ERROR", "FINAL_SIZE_ERROR", "FRAME_ENCODING_ERROR", "TRANSPORT_PARAMETER_ERROR",
		"CONNECTION_ID_LIMIT_ERROR", "PROTOCOL_VIOLATION", "INVALID_TOKEN", "APPLICATION_ERROR", "CRYPTO_BUFFER_EXCEEDED",
		"KEY_UPDATE_ERROR", "AEAD_LIMIT_REACHED", "NO_VIABLE_PATH", "VERSION_NEGOTIATION_ERROR"}
	switch {
	case code < uint64(len(names)):
		return names[code]
	case code>>8 == 1:
		return fmt.Sprintf("CRYPTO_ERROR (TLS alert %d)", code&0xff)
	}
	return fmt.Sprintf("error 0x%x", code)
}
