package http2

// Candidate is a stream that has something to send.
type Candidate struct {
	Seq      int // in order of arrival of the requests
	Priority Priority
	Blocked  bool // but a flow-control window forbids it
}

// Pick is a scheduler: it chooses which stream's frame goes next. cs is in
// order of Seq; last is the Seq of the stream that was served before, -1 if
// none. The result is an index into cs of one that is not blocked, or -1 to
// wait.
type Pick func(cs []Candidate, last int) int

// FirstCome sends one response after the other, in order of the requests. It
// passes nobody over: while the first is blocked, the others wait too.
func FirstCome(cs []Candidate, last int) int {
	if len(cs) == 0 || cs[0].Blocked {
		return -1
	}
	return 0
}

// RoundRobin gives every response a frame in turn, and passes over those that
// are blocked.
func RoundRobin(cs []Candidate, last int) int {
	first := -1
	for i, c := range cs {
		switch {
		case c.Blocked:
		case c.Seq > last:
			return i
		case first < 0:
			first = i
		}
	}
	return first
}

// ByPriority does as the client asked (RFC 9218 §10): the most urgent first;
// among equals, those that are of use only when complete one after the other in
// order of the requests, and then the incremental ones in turn. Those that are
// blocked are passed over.
func ByPriority(cs []Candidate, last int) int {
	urgency := 8
	for _, c := range cs {
		if !c.Blocked {
			urgency = min(urgency, c.Priority.Urgency)
		}
	}
	first, next := -1, -1
	for i, c := range cs {
		switch {
		case c.Blocked || c.Priority.Urgency != urgency:
		case !c.Priority.Incremental:
			return i
		default:
			if first < 0 {
				first = i
			}
			if next < 0 && c.Seq > last {
				next = i
			}
		}
	}
	if next >= 0 {
		return next
	}
	return first
}
