package web

import (
	"context"
	"fmt"
	"math"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"netscope/capture"
	"netscope/protocols/lab"
	"netscope/protocols/netlab"
	"netscope/protocols/web/model"
)

// tape keeps what the network tells.
type tape struct {
	packets []capture.Packet
	notes   []capture.Note
	keep    bool
}

func (r *tape) Packet(p capture.Packet) error {
	if r.keep {
		p.Data = append([]byte(nil), p.Data...)
	} else {
		p.Data = nil
	}
	r.packets = append(r.packets, p)
	return nil
}

func (r *tape) Meta(m capture.Meta) error {
	if n, ok := m.(capture.Note); ok {
		r.notes = append(r.notes, n)
	}
	return nil
}

// emulate runs a variant on the emulated network and says how long Run took in
// virtual time.
func emulate(t *testing.T, variant string, p lab.Params, seed uint64, rec *tape) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := Connections{}
		n, err := netlab.New(c.Topology(variant, p), netlab.Options{Index: 1, Seed: seed, Sink: rec, Settle: synctest.Wait})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		start := n.Now()
		if err := c.Run(ctx, n.World(), variant, p); err != nil {
			t.Errorf("%s: %v", variant, err)
		}
		took = n.Now() - start
	})
	return took
}

func params(set map[string]float64) lab.Params {
	p := lab.Defaults(Connections{}.Spec().Params)
	for k, v := range set {
		p[k] = v
	}
	return p
}

// compare checks one point and returns prediction and measurement.
func compare(t *testing.T, variant string, p lab.Params) (predicted, measured float64) {
	t.Helper()
	rec := &tape{}
	measured = emulate(t, variant, p, 1, rec).Seconds()
	predicted = model.Run(modelOf(wayOf(variant), p), model.Real(), 0, 0).Time.Seconds()
	return predicted, measured
}

func TestDefaults(t *testing.T) {
	for _, v := range variants {
		p := params(nil)
		predicted, measured := compare(t, v.ID, p)
		t.Logf("%-16s ideal %.4f predicted %.6f measured %.6f (%+.4f %%)", v.ID, model.Ideal(modelOf(v.way, p)), predicted, measured, 100*(measured/predicted-1))
		if math.Abs(measured/predicted-1) > 0.01 {
			t.Errorf("%s: off by more than 1 %%", v.ID)
		}
	}
}

func TestGrid(t *testing.T) {
	if os.Getenv("GRID") == "" {
		t.Skip("set GRID")
	}
	worst := 0.0
	for _, v := range variants {
		for _, rtt := range []float64{0.001, 0.03, 0.1, 1} {
			for _, rate := range []float64{1e5, 1e6, 1e7, 1e8} {
				for _, size := range []float64{8e3, 1e5, 8e6} {
					for _, n := range []float64{0, 3, 10, 40} {
						for _, k := range []float64{1, 6, 10} {
							if k != 6 && (v.way != model.Pool && v.way != model.Waves) {
								continue
							}
							if (n+1)*size > 5e7 {
								continue
							}
							p := params(map[string]float64{"rtt": rtt, "rate": rate, "size": size, "objects": n, "connections": k})
							predicted, measured := compare(t, v.ID, p)
							d := measured/predicted - 1
							worst = max(worst, math.Abs(d))
							if math.Abs(d) > 0.001 {
								fmt.Printf("%-15s rtt %g rate %g size %g n %g k %g: predicted %.6f measured %.6f (%+.3f %%)\n", v.ID, rtt, rate, size, n, k, predicted, measured, 100*d)
							}
						}
					}
				}
			}
		}
	}
	fmt.Println("worst", worst)
}
