package web

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"netscope/protocols/web/model"
)

func TestRandom(t *testing.T) {
	if os.Getenv("GRID") == "" {
		t.Skip("set GRID")
	}
	r := rand.New(rand.NewPCG(7, 11))
	begun := time.Now()
	lg := func(a, b float64) float64 { return math.Exp(math.Log(a) + r.Float64()*(math.Log(b)-math.Log(a))) }
	n := 0
	for time.Since(begun) < 100*time.Second {
		p := params(map[string]float64{"rtt": lg(1e-4, 10), "rate": lg(1e4, 1e9), "size": lg(8, 2e7), "page": lg(8, 1e6), "objects": math.Floor(lg(1, 201)) - 1, "connections": math.Floor(lg(1, 100))})
		if p["objects"]*p["size"] > 1e8 {
			continue
		}
		v := variants[r.IntN(len(variants))]
		if model.Run(modelOf(v.way, p), model.Real(), 0, 0).Stuck {
			fmt.Println("stuck", v.ID, p)
			continue
		}
		n++
		predicted, measured := compare(t, v.ID, p)
		d := measured/predicted - 1
		if math.Abs(d) > 1e-6 {
			fmt.Printf("%-15s rtt=%.9g rate=%.9g size=%.9g page=%.9g objects=%g connections=%g: predicted %.6f measured %.6f (%+.3f %%) retrans %d\n", v.ID, p["rtt"], p["rate"], p["size"], p["page"], p["objects"], p["connections"], predicted, measured, 100*d, model.Run(modelOf(v.way, p), model.Real(), 0, 0).Retransmits)
		}
	}
	fmt.Println(n, "points")
}
