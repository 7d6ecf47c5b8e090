// Command netscope shows application-layer protocols at work: in labs on an
// emulated network, on live interfaces, and in capture files.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/charmbracelet/x/term"

	"netscope/decoders/lines"
	labs "netscope/protocols/all"
	"netscope/protocols/lab/run"
)

func main() {
	if run.IsChild() {
		os.Exit(run.Child(labs.List()))
	}
	os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// Main runs netscope and returns its exit status.
func Main(args []string, stdin, stdout, stderr *os.File) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	app := &app{in: stdin, out: stdout, err: stderr}
	root := app.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil || errors.Is(err, syscall.EPIPE) { // the reader of our output has gone: that is its business
		return 0
	}
	fmt.Fprintln(stderr, "netscope:", lines.Clean(err.Error()))
	return status(err)
}

// app is what every command needs of the world.
type app struct {
	in, out, err *os.File
}

// The exit statuses.
const (
	statusUsage      = 1 // usage, interface or capture-filter error
	statusUnreadable = 2 // unreadable file or bad display filter
)

// statusError is an error with an exit status of its own.
type statusError struct {
	code int
	err  error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return &statusError{statusUnreadable, err}
}

func status(err error) int {
	var s *statusError
	if errors.As(err, &s) {
		return s.code
	}
	return statusUsage
}

// isTerminal reports whether a person sits at the other end of f.
func isTerminal(f *os.File) bool { return term.IsTerminal(f.Fd()) }
