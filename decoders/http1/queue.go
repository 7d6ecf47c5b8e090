package http1

// maxQueue is how many unanswered requests are remembered per direction.
const maxQueue = 4096

// asked is a request that waits for its response.
type asked struct {
	key     uint64 // 0: its head was not captured
	method  string // "HEAD", "CONNECT" or "": what matters for framing
	upgrade bool   // it offers another protocol
	old     bool   // HTTP/0.9
}

// queue holds requests in order: responses come in the same order
// (RFC 9112 §9.3.2).
type queue struct {
	list []asked
	over int // requests beyond maxQueue, after those in list: only counted
}

func (q *queue) push(a asked) {
	if len(q.list) >= maxQueue || q.over > 0 {
		q.over++
		return
	}
	q.list = append(q.list, a)
}

func (q *queue) front() (a asked, ok bool) {
	if len(q.list) > 0 {
		return q.list[0], true
	}
	return asked{}, q.over > 0
}

func (q *queue) pop() {
	switch {
	case len(q.list) > 0:
		q.list = q.list[1:]
	case q.over > 0:
		q.over--
	}
}

// waits says whether the client may be about to speak another protocol: it has
// asked for a tunnel, or offered an upgrade.
func (q *queue) waits() (tunnel, upgrade bool) {
	for i := range q.list {
		tunnel = tunnel || q.list[i].method == "CONNECT"
		upgrade = upgrade || q.list[i].upgrade
	}
	return
}
