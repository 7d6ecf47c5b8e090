package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"netscope/capture"
	"netscope/decoders/timeline"
	"netscope/protocols/lab"
)

// The test binary is its own child, as the program is.
func TestMain(m *testing.M) {
	if IsChild() {
		os.Exit(Child([]lab.Lab{testLab{}}))
	}
	os.Exit(m.Run())
}

// testLab has a variant for each thing that a run can do.
type testLab struct{}

func (testLab) Spec() lab.Spec {
	return lab.Spec{
		ID: "test", Title: "Test",
		Params: []lab.Param{
			{Name: "delay", Kind: lab.Duration, Default: 0.05, Max: 10},
			{Name: "loss", Kind: lab.Prob, Max: 1},
			{Name: "size", Kind: lab.Bytes, Default: 100e3, Max: 1e9},
		},
		Variants: []lab.Variant{{ID: "fetch"}, {ID: "crash"}, {ID: "fail"}, {ID: "stuck"}, {ID: "chatter"}},
	}
}

func (testLab) Topology(_ string, p lab.Params) lab.Topology {
	path := lab.Path{Delay: p.Duration("delay"), Rate: 10e6, Loss: p["loss"]}
	return lab.Topology{
		Nodes: []lab.Node{
			{Name: "client", Role: "client"},
			{Name: "server", Role: "server", Services: []lab.Service{{Name: "bytes", Network: "tcp", Port: 80}, {Name: "echo", Network: "udp", Port: 7}}},
		},
		Links: []lab.Link{{A: "client", B: "server", AB: path, BA: path}},
	}
}

func (testLab) Predict(string, lab.Params) []lab.Measure { return nil }

func (testLab) Measure(string, lab.Params, *timeline.Snapshot, timeline.Position) []lab.Measure {
	return nil
}

func (testLab) Run(ctx context.Context, w lab.World, variant string, p lab.Params) error {
	switch variant {
	case "crash":
		go func() { panic("the lab fell over") }()
		<-ctx.Done()
		return nil
	case "fail":
		return errors.New("the server said no")
	case "stuck":
		select {}
	case "chatter":
		fmt.Println("this must not reach the stream")
		return w.Clock().Sleep(ctx, time.Second)
	}
	stop, err := serve(ctx, w, p.Int("size"))
	if err != nil {
		return err
	}
	defer stop()
	if lab.Exposed(w) {
		<-ctx.Done()
		return nil
	}
	lab.OnAction(w, func(a lab.Action) { w.Note(capture.Note{Host: "client", Name: "told", Summary: a.Text}) })
	w.Secrets(capture.Secrets{Type: 0x544c534b, Data: []byte("CLIENT_RANDOM 00 00\n")})
	var all sync.WaitGroup
	errs := make([]error, 3)
	for i := range errs {
		all.Add(1)
		lab.Go(w, func() {
			defer all.Done()
			size := p.Int("size")
			c, err := w.Host("client").DialContext(ctx, "tcp", "server:80")
			if err == nil {
				var n int64
				n, err = io.Copy(io.Discard, c)
				c.Close()
				if err == nil && n != int64(size) {
					err = fmt.Errorf("%d bytes of %d", n, size)
				}
			}
			errs[i] = err
			w.Note(capture.Note{Host: "client", Proto: "test", Name: "done", Summary: fmt.Sprint("transfer ", i), Data: []byte(`{"i":1}`)})
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// serve sends size bytes to every TCP connection and echoes datagrams.
func serve(ctx context.Context, w lab.World, size int) (stop func(), err error) {
	l, err := w.Host("server").Listen("tcp", ":80")
	if err != nil {
		return nil, err
	}
	u, err := w.Host("server").ListenPacket("udp", ":7")
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { c.Write(make([]byte, size)); c.Close() }()
		}
	}()
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := u.ReadFrom(b)
			if errors.Is(err, net.ErrClosed) || err != nil {
				return
			}
			u.WriteTo(b[:n], from)
		}
	}()
	return func() { l.Close(); u.Close() }, nil
}
