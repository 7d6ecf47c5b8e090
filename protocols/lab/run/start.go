package run

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/protocols/lab"
)

// Run is a lab that runs in a child process. It is a [capture.Source].
type Run struct {
	cmd   *exec.Cmd
	out   *bufio.Reader
	errs  *lastWords
	hello Hello
	keys  *os.File // where secrets are appended; nil: nowhere

	stdinMu sync.Mutex
	stdin   io.WriteCloser

	mu      sync.Mutex
	journal []lab.Action
	end     *End

	waiting sync.Once
	waitErr error
	closed  bool
}

var _ capture.Source = (*Run)(nil)

// Start starts a run and waits for its [Hello]. The run is killed when ctx is
// done; the caller must Close it in any case.
func Start(ctx context.Context, req Request) (*Run, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot find the program itself to run a lab: %w", err)
	}
	line, err := json.Marshal(req)
	if err != nil {
		return nil, fmt.Errorf("the lab's parameters cannot be passed on: %w", err)
	}
	keys, err := openKeyLog(req.KeyLog)
	if err != nil {
		return nil, err
	}
	r := &Run{cmd: exec.CommandContext(ctx, exe), errs: &lastWords{}, keys: keys}
	r.cmd.Env = append(os.Environ(), childEnv+"=1")
	if !req.Wall { // the order of goroutines is part of a run
		r.cmd.Env = append(r.cmd.Env, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	}
	r.cmd.Stderr = r.errs
	r.cmd.WaitDelay = time.Second
	r.journal = sorted(req.Journal)
	stdout, err := r.cmd.StdoutPipe()
	if err == nil {
		r.stdin, err = r.cmd.StdinPipe()
	}
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		_ = keys.Close()
		return nil, fmt.Errorf("cannot start a process for the lab: %w", err)
	}
	r.out = bufio.NewReaderSize(stdout, 64<<10)
	if err := r.greet(line); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

// greet hands the request over and reads the hello.
func (r *Run) greet(request []byte) error {
	_, writeErr := r.stdin.Write(append(request, '\n'))
	line, err := readLine(r.out)
	var g greeting
	if err == nil {
		err = json.Unmarshal(line, &g)
	}
	switch {
	case err != nil:
		return r.died()
	case g.Err != "":
		return errors.New(g.Err)
	case g.Hello == nil || writeErr != nil:
		return r.died()
	}
	r.hello = *g.Hello
	return nil
}

// Hello describes the run.
func (r *Run) Hello() Hello { return r.hello }

// Run tells sink everything until the run ends. It returns the lab's error, or
// a sentence about a child that died. It can be called once.
func (r *Run) Run(ctx context.Context, sink capture.Sink) error {
	src, err := file.New(r.out, 0)
	if err != nil {
		return r.died()
	}
	src.OnPrivate = r.private
	if r.keys != nil {
		sink = keyLogger{sink, r.keys}
	}
	err = src.Run(ctx, stream{sink})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.mu.Lock()
	end := r.end
	r.mu.Unlock()
	var sinkErr *sinkError
	switch {
	case errors.As(err, &sinkErr):
		return sinkErr.err
	case end == nil:
		return r.died()
	case end.Err != "":
		return errors.New(end.Err)
	}
	r.wait()
	return nil
}

// private takes the records that are not packets' business.
func (r *Run) private(p file.Private) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch p.Kind {
	case "act":
		var a lab.Action
		if json.Unmarshal(p.JSON, &a) == nil {
			r.journal = append(r.journal, a)
		}
	case "end":
		var e End
		if json.Unmarshal(p.JSON, &e) == nil {
			r.end = &e
		}
	}
	return nil
}

// End is how the run ended; false while it has not.
func (r *Run) End() (End, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end == nil {
		return End{}, false
	}
	return *r.end, true
}

// Journal is the request's journal and the actions since, in order of time: a
// run with it does the same again.
func (r *Run) Journal() []lab.Action {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sorted(r.journal)
}

// Allow lets virtual time run up to until, counted from the start of the run.
// The run tells a [capture.Clock] when it stands there. It has no effect on the
// wall clock, or on a run that has ended.
func (r *Run) Allow(until time.Duration) { _ = r.command(command{Allow: &until}) }

// Act changes the run at its present time; a.At is ignored. When it has
// happened, [Run.Journal] has it with its time.
func (r *Run) Act(a lab.Action) error {
	if err := r.command(command{Act: &a}); err != nil {
		return errors.New("the run has ended: change something in a new one")
	}
	return nil
}

// Stop asks a run on the wall clock to end: Run returns when it has told
// everything up to now. A run in virtual time ends at once instead, with an
// error from Run.
func (r *Run) Stop() {
	r.stdinMu.Lock()
	defer r.stdinMu.Unlock()
	_ = r.stdin.Close()
}

func (r *Run) command(c command) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	r.stdinMu.Lock()
	defer r.stdinMu.Unlock()
	_, err = r.stdin.Write(append(line, '\n'))
	return err
}

// Close ends the child and waits for it. It may be called at any time, from any
// goroutine, more than once.
func (r *Run) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	_ = r.cmd.Process.Kill()
	r.wait()
	return nil
}

func (r *Run) wait() {
	r.waiting.Do(func() {
		_ = r.stdin.Close()
		r.waitErr = r.cmd.Wait()
		_ = r.keys.Close()
	})
}

// died says in a sentence why the child ended without saying so itself.
func (r *Run) died() error {
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return errors.New("the run was closed")
	}
	_ = r.cmd.Process.Kill() // if it lives, it talks nonsense
	r.wait()
	if s := r.errs.sentence(); s != "" {
		return fmt.Errorf("the lab's process failed: %s", s)
	}
	if r.waitErr != nil {
		return fmt.Errorf("the lab's process ended early: %w", r.waitErr)
	}
	return errors.New("the lab's process ended early")
}

// stream passes on what a run tells, and marks the sink's own errors. That a
// stream is cut off, and how much of it there is, concerns the run alone.
type stream struct{ to capture.Sink }

type sinkError struct{ err error }

func (e *sinkError) Error() string { return e.err.Error() }

func mark(err error) error {
	if err == nil {
		return nil
	}
	return &sinkError{err}
}

// Packet implements capture.Sink.
func (s stream) Packet(p capture.Packet) error { return mark(s.to.Packet(p)) }

// Meta implements capture.Sink.
func (s stream) Meta(m capture.Meta) error {
	switch m.(type) {
	case capture.Truncated, capture.Progress:
		return nil
	}
	return mark(s.to.Meta(m))
}

// lastWords keeps what matters of a child's standard error: the line that says
// why it died, or the last one.
type lastWords struct {
	mu    sync.Mutex
	part  []byte
	cause string
	last  string
}

const maxWords = 4 << 10

// Write implements io.Writer.
func (w *lastWords) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range b {
		if c != '\n' {
			if len(w.part) < maxWords {
				w.part = append(w.part, c)
			}
			continue
		}
		w.line()
	}
	return len(b), nil
}

func (w *lastWords) line() {
	text := strings.TrimSpace(string(w.part))
	w.part = w.part[:0]
	if text == "" {
		return
	}
	w.last = text
	for _, p := range []string{"panic: ", "fatal error: "} {
		if w.cause == "" && strings.HasPrefix(text, p) {
			w.cause = text
		}
	}
}

func (w *lastWords) sentence() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line()
	if w.cause != "" {
		return w.cause
	}
	return w.last
}
