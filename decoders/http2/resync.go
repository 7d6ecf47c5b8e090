package http2

// plausible says whether a header could be that of a frame. strong says that it
// has so much of one that nothing else needs to confirm it.
func plausible(h Header) (ok, strong bool) {
	i, known := h.Type.info()
	if !known || h.Reserved || h.Flags&^i.flags != 0 || h.Length > maxMidwayFrame || h.Stream >= 1<<24 {
		return false, false
	}
	onStream := h.Stream != 0
	switch h.Type {
	case Data:
		return onStream && (h.Length > 0 || h.Flags.Has(EndStream)), false
	case Headers:
		return onStream && h.Length > 0 && h.Length <= 1<<16, h.Length > 1
	case Continuation:
		return onStream && h.Length > 0 && h.Length <= 1<<16, false
	case PushPromise:
		return onStream && h.Length > 4 && h.Length <= 1<<16, true
	case Priority:
		return onStream && h.Length == 5, true
	case RSTStream:
		return onStream && h.Length == 4, true
	case WindowUpdate:
		return h.Length == 4, true
	case Ping:
		return !onStream && h.Length == 8, true
	case SettingsFrame:
		return !onStream && h.Length%6 == 0 && h.Length <= 240 && (h.Length == 0 || !h.Flags.Has(Ack)), true
	case GoAwayFrame:
		return !onStream && h.Length >= 8 && h.Length <= 1<<14, true
	case PriorityUpdate:
		return !onStream && h.Length >= 4 && h.Length <= 1<<10, true
	}
	return h.Length <= 1<<14, false
}

// maxSearch is how long a frame may be that is believed only for the one after
// it, in bytes: so much must be waited for.
const maxSearch = 1 << 16

// findFrame finds the next frame header. n bytes before it are none; what
// follows them may become one. The answer depends on the bytes only, not on how
// many of them have come.
func findFrame(b []byte, end bool) (n int, found bool) {
	for ; n+headLen <= len(b); n++ {
		h := parseHeader(b[n : n+headLen])
		ok, strong := plausible(h)
		switch {
		case !ok || !strong && h.Length > maxSearch:
			continue
		case strong:
			return n, true
		}
		next := n + headLen + h.Length
		switch {
		case next+headLen <= len(b):
			if ok, _ := plausible(parseHeader(b[next : next+headLen])); ok {
				return n, true
			}
		case !end:
			return n, false
		case next == len(b):
			return n, true
		}
	}
	if end {
		return len(b), false
	}
	return n, false
}
