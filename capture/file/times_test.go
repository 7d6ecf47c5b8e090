package file

import (
	"fmt"
	"math"
	"testing"
)

func TestTick(t *testing.T) {
	const most = math.MaxUint64
	tests := []struct {
		resol  byte
		offset int64
		n      uint64
		want   string // seconds.nanoseconds
	}{
		{6, 0, 1_500_000, "1.500000000"},
		{0, 0, 12, "12.000000000"},
		{9, 0, 1_000_000_001, "1.000000001"},
		{9, -3, 1_000_000_001, "-2.000000001"},
		{3, 1 << 33, 1, "8589934592.001000000"},
		{12, 0, 1_500_000_000_999, "1.500000000"},
		{19, 0, 15_000_000_000_000_000_000, "1.500000000"},
		{20, 0, 15_000_000_000_000_000_000, "0.150000000"},
		{28, 0, 15_000_000_000_000_000_000, "0.000000001"},
		{29, 0, most, "0.000000000"},
		{127, 0, most, "0.000000000"},
		{0x80, 0, 7, "7.000000000"},
		{0x8a, 0, 1536, "1.500000000"},
		{0x80 | 32, 0, 1<<32 | 1<<31, "1.500000000"},
		{0x80 | 63, 0, 1<<63 | 1<<62, "1.500000000"},
		{0x80 | 64, 0, 1 << 63, "0.500000000"},
		{0x80 | 65, 0, 1 << 63, "0.250000000"},
		{0x80 | 93, 0, most, "0.000000001"},
		{0xff, 0, most, "0.000000000"},
		{0, 0, most, "9223372035.000000000"},
		{0, math.MaxInt64, most, "9223372035.000000000"},
		{0, math.MinInt64, 0, "-9223372035.000000000"},
	}
	for _, tt := range tests {
		tick := newTick(tt.resol, tt.offset)
		at := tick.time(tt.n)
		if got := fmt.Sprintf("%d.%09d", at.Unix(), at.Nanosecond()); got != tt.want {
			t.Errorf("if_tsresol %#x, offset %d: %d ticks are %s, want %s", tt.resol, tt.offset, tt.n, got, tt.want)
		}
	}
}

func TestTickNeverOverflows(t *testing.T) {
	for resol := range 256 {
		for _, offset := range []int64{0, math.MaxInt64, math.MinInt64} {
			for _, n := range []uint64{0, 1, math.MaxInt64, math.MaxUint64} {
				tick := newTick(byte(resol), offset)
				if at := tick.time(n); at.UnixNano()/1e9 != at.Unix() && at.Unix() > 0 {
					t.Fatalf("if_tsresol %#x, offset %d, %d ticks: %v", resol, offset, n, at)
				}
			}
		}
	}
}
