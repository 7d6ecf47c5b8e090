package http2

import "netscope/decoders/hpack"

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
		return onStream && h.Length > 0 && h.Length <= 1<<16, false
	case Continuation:
		return onStream && h.Length > 0 && h.Length <= 1<<16, false
	case PushPromise:
		return onStream && h.Length > 4 && h.Length <= 1<<16, false
	case Priority:
		return onStream && h.Length == 5, true
	case RSTStream:
		return onStream && h.Length == 4, true
	case WindowUpdate:
		return h.Length == 4, true
	case Ping:
		return !onStream && h.Length == 8, true
	case SettingsFrame:
		return !onStream && h.Length%6 == 0 && h.Length <= 240 && (h.Length == 0 || !h.Flags.Has(Ack)), h.Length > 0 || h.Flags.Has(Ack)
	case GoAwayFrame:
		return !onStream && h.Length >= 8 && h.Length <= 1<<14, true
	case PriorityUpdate:
		return !onStream && h.Length >= 4 && h.Length <= 1<<10, true
	}
	return h.Length <= 1<<14, false
}

// maxSearch is how long a frame may be that is believed only for its content or
// for the one after it, in bytes: so much must be waited for.
const maxSearch = 1 << 16

// looks says whether a payload is a header block: at least two fields, all text.
func looks(payload []byte) bool {
	items, err := hpack.Parse(payload)
	if err != nil || len(items) < 2 {
		return false
	}
	for i := range items {
		f := &items[i].Field
		for _, s := range [...]string{f.Name, f.Value} {
			for j := 0; j < len(s); j++ {
				if s[j] < ' ' || s[j] > '~' {
					return false
				}
			}
		}
	}
	return true
}

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
		if h.Type == Headers && h.Flags&(Padded|PrioFlag) == 0 && next <= len(b) && looks(b[n+headLen:next]) {
			return n, true
		}
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

// evidence says how much speaks for frames that begin at b[0]: it counts those
// that cannot be there by chance, and one more for any that follows or precedes
// them. It never shrinks as b grows. over says that more bytes change nothing.
func evidence(b []byte) (sum int, over bool) {
	weak := 0
	for len(b) >= headLen && sum+weak < enough {
		h := parseHeader(b)
		ok, strong := plausible(h)
		if over = !ok || h.Stream >= 1<<20; over {
			break
		}
		whole := headLen+h.Length <= len(b)
		switch {
		case strong:
			sum += 2
		case h.Type == Headers && h.Flags&(Padded|PrioFlag) == 0 && whole && looks(b[headLen:headLen+h.Length]):
			sum += 3
		default:
			weak = 1
		}
		if !whole {
			break
		}
		b = b[headLen+h.Length:]
	}
	if sum == 0 {
		return 0, over
	}
	return sum + weak, over
}

// enough evidence for HTTP/2 in the middle of a stream.
const enough = 4
