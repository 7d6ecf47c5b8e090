package qlog

// whole finds what can be kept of a contained qlog (one JSON text) that is
// broken or ends too early: all of b up to the last event, or the last trace,
// that is complete, with the brackets closed that are open there. end is where
// that is; it is 0 if nothing can be kept.
func whole(b []byte) (text []byte, end int) {
	var open []byte // brackets
	best := ""
	inString, escaped := false, false
	for i, c := range b {
		switch {
		case inString:
			inString = escaped || c != '"'
			escaped = !escaped && c == '\\'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			open = append(open, c)
		case c == '}' || c == ']':
			if len(open) == 0 {
				return nil, 0
			}
			open = open[:len(open)-1]
			// The traces are in a list of the file, the events in a list of
			// a trace.
			if o := string(open[:min(len(open), 5)]); c == '}' && (o == "{[" || o == "{[{[") {
				best, end = o, i+1
			}
		}
	}
	if end == 0 {
		return nil, 0
	}
	text = append(text, b[:end]...)
	for i := len(best) - 1; i >= 0; i-- {
		text = append(text, best[i]+2) // ] and } stand two places after [ and {
	}
	return text, end
}
