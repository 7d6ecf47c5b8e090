package http2

// Candidate is a stream that could send a frame now: there is something to
// send and no window forbids it.
type Candidate struct {
	Seq      int // in order of arrival of the requests
	Priority Priority
}

// Pick is a scheduler: it chooses which stream's frame goes next. ready is in
// order of Seq and never empty; last is the Seq of the stream that was served
// before, -1 if none. The result is an index into ready.
//
// A stream whose window is used up is no candidate, so every scheduler passes
// over it: the link does not wait for one stream's window.
type Pick func(ready []Candidate, last int) int

// FirstCome sends one response after the other, in order of the requests.
func FirstCome(ready []Candidate, last int) int { return 0 }

// RoundRobin gives every response a frame in turn.
func RoundRobin(ready []Candidate, last int) int {
	for i, c := range ready {
		if c.Seq > last {
			return i
		}
	}
	return 0
}

// ByPriority does as the client asked (RFC 9218 §10): the most urgent first;
// among equals, those that are of use only when complete one after the other in
// order of the requests, and then the incremental ones in turn.
func ByPriority(ready []Candidate, last int) int {
	urgency := ready[0].Priority.Urgency
	for _, c := range ready {
		urgency = min(urgency, c.Priority.Urgency)
	}
	first, next := -1, -1
	for i, c := range ready {
		switch {
		case c.Priority.Urgency != urgency:
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
