package web

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"netscope/protocols/web/model"
)

func TestTrace(t *testing.T) {
	if os.Getenv("TRACE") == "" {
		t.Skip()
	}
	set := map[string]float64{}
	variant := ""
	for i, f := range strings.Fields(os.Getenv("TRACE")) {
		if i == 0 {
			variant = f
			continue
		}
		var x float64
		k, v, _ := strings.Cut(f, "=")
		fmt.Sscan(v, &x)
		set[k] = x
	}
	p := params(set)
	rec := &tape{keep: true}
	emulate(t, variant, p, 1, rec)
	out, _ := os.Create("/tmp/w/web.real")
	base := rec.packets[0].At
	type key struct{ c, s uint16 }
	for _, q := range rec.packets {
		d := q.Data
		dir := ">"
		cp := int(d[20])<<8 | int(d[21])
		if cp == 80 {
			dir = "<"
			cp = int(d[22])<<8 | int(d[23])
		}
		off := int(d[32]>>4) * 4
		fl := d[33]
		s := ""
		if fl&2 != 0 {
			s += "S"
		}
		if fl&1 != 0 {
			s += "F"
		}
		if fl&4 != 0 {
			s += "R"
		}
		fmt.Fprintf(out, "%.6f %s %d len %d size %d %s seq %d ack %d\n", q.At.Sub(base).Seconds(), dir, len(d), len(d)-20-off, cp, s, uint32(d[24])<<24|uint32(d[25])<<16|uint32(d[26])<<8|uint32(d[27]), uint32(d[28])<<24|uint32(d[29])<<16|uint32(d[30])<<8|uint32(d[31]))
	}
	out.Close()
	out, _ = os.Create("/tmp/w/web.model")
	model.Trace = func(at float64, down bool, size, n int, fl string) {
		dir := ">"
		if down {
			dir = "<"
		}
		fmt.Fprintf(out, "%.6f %s %d len %d size %s\n", at, dir, size, n, fl)
	}
	model.Run(modelOf(wayOf(variant), p), model.Real(), 0, 0)
	out.Close()
}
