package run

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"

	"netscope/capture"
	"netscope/protocols/lab"
)

// InBubble runs a lab in this process, in virtual time, and tells sink
// everything. It is for tests: the lab must leave no goroutine behind when its
// context is done, or the test fails.
func InBubble(t *testing.T, l lab.Lab, req Request, sink capture.Sink) (Hello, End) {
	t.Helper()
	// One processor, as in a child: the order of goroutines is part of a run.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var hello Hello
	var end End
	synctest.Test(t, func(t *testing.T) {
		s, err := newSession(l, req)
		if err != nil {
			end.Err = err.Error()
			return
		}
		s.sink, s.settle = sink, synctest.Wait
		s.hello = func(h Hello) error { hello = h; return nil }
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		end = s.run(ctx)
		if err := s.close(); err != nil && end.Err == "" {
			end.Err = err.Error()
		}
	})
	return hello, end
}
