package run

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"netscope/protocols/lab"
)

// command is a line that the parent sends to the child.
type command struct {
	Allow *time.Duration `json:"allow,omitempty"` // let time run up to here
	Act   *lab.Action    `json:"act,omitempty"`   // change something now
}

// inbox is where commands wait for the driver of the bubble. It is made, and
// filled, outside the bubble: waiting for it makes virtual time stand still.
type inbox struct {
	fresh   atomic.Bool
	changed chan struct{} // has a token when fresh was set

	mu    sync.Mutex
	limit time.Duration
	acts  []lab.Action
}

func newInbox(until time.Duration) *inbox {
	if until <= 0 {
		until = Forever
	}
	return &inbox{changed: make(chan struct{}, 1), limit: until}
}

// read takes commands until the parent closes its end. A line that cannot be
// understood is from another version and is skipped.
func (b *inbox) read(r *bufio.Reader) error {
	for {
		line, err := readLine(r)
		if err != nil {
			return err
		}
		var c command
		if json.Unmarshal(line, &c) == nil {
			b.put(c)
		}
	}
}

func (b *inbox) put(c command) {
	b.mu.Lock()
	if c.Allow != nil {
		b.limit = *c.Allow
	}
	if c.Act != nil {
		b.acts = append(b.acts, *c.Act)
	}
	b.mu.Unlock()
	b.fresh.Store(true)
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// take gives the present limit and the actions that have come.
func (b *inbox) take() (limit time.Duration, acts []lab.Action) {
	b.fresh.Store(false)
	b.mu.Lock()
	defer b.mu.Unlock()
	limit, acts, b.acts = b.limit, b.acts, nil
	return limit, acts
}

// maxLine bounds a request or hello: a lab of a thousand hosts takes 200 kB.
const maxLine = 16 << 20

// readLine reads up to a newline.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			return line, nil
		}
		if err != bufio.ErrBufferFull {
			return nil, err
		}
		if len(line) > maxLine {
			return nil, io.ErrShortBuffer
		}
	}
}
