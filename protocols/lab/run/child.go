package run

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"testing"
	"testing/synctest"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
)

// childEnv marks a process that Start has started.
const childEnv = "NETSCOPE_RUN"

// IsChild reports whether this process was started by [Start]. main then calls
// [Child] and does nothing else.
func IsChild() bool { return os.Getenv(childEnv) == "1" }

// Child runs the lab that standard input asks for and returns the exit status.
// In virtual time it does not return: it leaves the process from within the
// bubble, since what the lab's servers still wait for never comes.
func Child(labs []lab.Lab) int {
	// Standard output is the stream; whatever a library prints must not get
	// there. A Ctrl-C is the parent's business.
	out := os.Stdout
	os.Stdout = os.Stderr
	signal.Ignore(os.Interrupt)

	in := bufio.NewReader(os.Stdin)
	c := &child{out: out, w: file.NewWriter(out, file.PCAPNG, file.Options{Application: "netscope", Private: true})}
	req, err := readRequest(in)
	if err != nil {
		return c.refuse(err)
	}
	s, err := find(labs, req)
	if err != nil {
		return c.refuse(err)
	}
	c.s, c.in = s, newInbox(req.Until)
	s.sink, s.hello = c.w, c.hello
	if req.Wall {
		return c.wall(in)
	}
	c.bubble(in)
	return 0
}

// child is the state of a process that runs a lab.
type child struct {
	out *os.File
	w   *file.Writer
	s   *session
	in  *inbox
}

func readRequest(in *bufio.Reader) (Request, error) {
	var req Request
	line, err := readLine(in)
	if err == nil {
		err = json.Unmarshal(line, &req)
	}
	if err != nil {
		return req, fmt.Errorf("the run was not told what to do: %w", err)
	}
	return req, nil
}

// find makes a session of the lab that the request names.
func find(labs []lab.Lab, req Request) (*session, error) {
	for _, l := range labs {
		if l.Spec().ID == req.Lab {
			return newSession(l, req)
		}
	}
	return nil, fmt.Errorf("there is no lab %q: netscope labs lists them", req.Lab)
}

// greeting is the first line of a child's output.
type greeting struct {
	Hello *Hello `json:",omitempty"`
	Err   string `json:",omitempty"`
}

func (c *child) greet(g greeting) error {
	line, err := json.Marshal(g)
	if err == nil {
		_, err = c.out.Write(append(line, '\n'))
	}
	return err
}

func (c *child) hello(h Hello) error { return c.greet(greeting{Hello: &h}) }

func (c *child) refuse(err error) int {
	_ = c.greet(greeting{Err: err.Error()})
	return 1
}

// acted tells the parent when a live action happens.
func (c *child) acted(a lab.Action) error { return c.private("act", a) }

func (c *child) private(kind string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.w.WritePrivate(file.Private{Kind: kind, JSON: data})
}

// finish writes the end of the stream and gives the exit status.
func (c *child) finish(end End) int {
	if c.s.net != nil {
		if err := c.w.Meta(capture.Clock{At: c.s.net.Epoch().Add(end.At)}); err != nil {
			return 1
		}
	}
	if err := c.private("end", end); err != nil {
		return 1
	}
	if err := c.w.Close(); err != nil {
		return 1
	}
	return 0
}

// bubble runs in virtual time and does not return.
func (c *child) bubble(in *bufio.Reader) {
	p := &pacer{in: c.in, out: c.w, s: c.s, heap: newCollector()}
	p.fail = func(err error) { c.s.cancel(err) }
	c.s.settle, c.s.before, c.s.begin, c.s.acted = synctest.Wait, p.before, p.begin, c.acted
	fixRandom(c.s.req.Seed)
	go func() {
		_ = c.in.read(in)
		os.Exit(3) // the parent has gone
	}()
	greeted := c.s.hello
	said := false
	c.s.hello = func(h Hello) error { said = true; return greeted(h) }
	run := func(t *testing.T) {
		synctest.Test(t, func(*testing.T) {
			end := c.s.run(context.Background())
			if !said {
				os.Exit(c.refuse(fmt.Errorf("%s", end.Err)))
			}
			os.Exit(c.finish(end))
		})
	}
	// A bubble needs a *testing.T, and only a test run makes one. It parses
	// the command line, which has nothing for it.
	os.Args = os.Args[:1]
	all := func(string, string) (bool, error) { return true, nil }
	testing.Main(all, []testing.InternalTest{{Name: "run", F: run}}, nil, nil)
}

// wall runs on the wall clock until the parent has enough.
func (c *child) wall(in *bufio.Reader) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c.s.acted = c.acted
	c.s.ports = func(s *session) ([]Exposed, error) { return openPorts(ctx, s) }
	said := false
	stop := func() {}
	c.s.hello = func(h Hello) error {
		said = true
		err := c.hello(h)
		stop = c.flushing() // not before: the greeting is the first line
		return err
	}
	c.s.begin = func(n *netlab.Network) { go c.listen(in, n, cancel) }
	end := c.s.run(ctx)
	cancel()
	_ = c.s.close()
	stop()
	if !said {
		return c.refuse(fmt.Errorf("%s", end.Err))
	}
	return c.finish(end)
}

// listen takes commands on the wall clock.
func (c *child) listen(in *bufio.Reader, n *netlab.Network, cancel func()) {
	for {
		line, err := readLine(in)
		if err != nil {
			if err != io.EOF {
				fmt.Fprintln(os.Stderr, err)
			}
			cancel()
			return
		}
		var cmd command
		if json.Unmarshal(line, &cmd) == nil && cmd.Act != nil {
			a := *cmd.Act
			n.Act(0, func() {
				if err := c.s.actNow(a); err != nil {
					cancel()
				}
			})
		}
	}
}
