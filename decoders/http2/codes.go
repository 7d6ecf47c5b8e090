package http2

import "fmt"

// ErrorCode is why a stream or connection is closed (RFC 9113 §7).
type ErrorCode uint32

var errorCodes = [...]struct{ name, doc string }{
	{"NO_ERROR", "There is no error: the end is orderly."},
	{"PROTOCOL_ERROR", "The other side has broken a rule that has no code of its own."},
	{"INTERNAL_ERROR", "Something unexpected has gone wrong at the sender."},
	{"FLOW_CONTROL_ERROR", "The other side has sent more than flow control allowed."},
	{"SETTINGS_TIMEOUT", "The other side has not acknowledged SETTINGS in time."},
	{"STREAM_CLOSED", "A frame came on a stream that was half-closed already."},
	{"FRAME_SIZE_ERROR", "A frame has a size that its type does not allow."},
	{"REFUSED_STREAM", "The stream was refused before any work was done: it is safe to try again."},
	{"CANCEL", "The stream is no longer wanted."},
	{"COMPRESSION_ERROR", "The compression state of header fields cannot be kept up."},
	{"CONNECT_ERROR", "The connection that CONNECT asked for was reset or closed."},
	{"ENHANCE_YOUR_CALM", "The other side behaves in a way that costs too much."},
	{"INADEQUATE_SECURITY", "The transport does not have the security that is required."},
	{"HTTP_1_1_REQUIRED", "HTTP/1.1 is to be used instead."},
}

// String is the code's name, as "CANCEL" or "0x20".
func (c ErrorCode) String() string {
	if int(c) < len(errorCodes) {
		return errorCodes[c].name
	}
	return fmt.Sprintf("0x%x", uint32(c))
}

func (c ErrorCode) doc() string {
	if int(c) < len(errorCodes) {
		return errorCodes[c].doc + " (RFC 9113 §7)"
	}
	return "An error code that is not registered; it counts as INTERNAL_ERROR (RFC 9113 §7)."
}

// settingInfo is a parameter of SETTINGS.
type settingInfo struct {
	id                 uint16
	name, short, field string
	doc                string
}

var settingInfos = [...]settingInfo{
	{1, "SETTINGS_HEADER_TABLE_SIZE", "header table", "http2.settings.header_table_size", "How large the dynamic table may be that the other side compresses with, in bytes; 4,096 unless told (RFC 9113 §6.5.2)."},
	{2, "SETTINGS_ENABLE_PUSH", "push", "http2.settings.enable_push", "Whether the server may push; 1 unless told (RFC 9113 §6.5.2)."},
	{3, "SETTINGS_MAX_CONCURRENT_STREAMS", "max streams", "http2.settings.max_concurrent_streams", "How many streams the other side may have open at once; no limit unless told (RFC 9113 §6.5.2)."},
	{4, "SETTINGS_INITIAL_WINDOW_SIZE", "window", "http2.settings.initial_window_size", "How many bytes the other side may send on each stream at first; 65,535 unless told. It also changes the windows of open streams (RFC 9113 §6.9.2)."},
	{5, "SETTINGS_MAX_FRAME_SIZE", "max frame", "http2.settings.max_frame_size", "The largest frame payload that the sender takes; 16,384 unless told (RFC 9113 §6.5.2)."},
	{6, "SETTINGS_MAX_HEADER_LIST_SIZE", "max header list", "http2.settings.max_header_list_size", "The largest header list that the sender takes, uncompressed; advice only (RFC 9113 §6.5.2)."},
	{8, "SETTINGS_ENABLE_CONNECT_PROTOCOL", "extended CONNECT", "http2.settings.extended_connect", "Whether CONNECT may name a protocol, as WebSocket needs (RFC 8441 §3)."},
	{9, "SETTINGS_NO_RFC7540_PRIORITIES", "no RFC 7540 priorities", "http2.settings.no_rfc7540_priorities", "1: the old priority tree is ignored (RFC 9218 §2.1)."},
}

func settingByID(id uint16) (settingInfo, bool) {
	for _, s := range settingInfos {
		if s.id == id {
			return s, true
		}
	}
	return settingInfo{id: id, name: fmt.Sprintf("setting 0x%04x", id), short: fmt.Sprintf("0x%04x", id), field: "http2.settings.unknown",
		doc: "A setting that netscope does not know: receivers ignore what they do not know (RFC 9113 §6.5.2)."}, false
}
