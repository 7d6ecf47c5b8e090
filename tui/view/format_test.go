package view

import (
	"testing"

	"netscope/decoders/timeline"
)

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{FormatTime(482013000), "0.482013 s"},
		{FormatTime(482013499), "0.482013 s"},
		{FormatTime(-1500000000), "-1.500000 s"},
		{FormatTimeShort(999999999), "1.000"},
		{FormatBytes(15961), "15,961 B"},
		{FormatBytes(1234567), "1,234,567 B"},
		{FormatCount(-1000), "-1,000"},
		{FormatSize(15961), "16.0 kB"},
		{FormatSize(999), "999 B"},
		{FormatSpan(0), "0 s"},
		{FormatSpan(950), "950 ns"},
		{FormatSpan(12_340_000), "12.3 ms"},
		{FormatSpan(2_345_000_000), "2.35 s"},
		{FormatSpan(timeline.Time(200e9)), "3 min 20 s"},
		{FormatSpan(timeline.Time(7300e9)), "2 h 1 min"},
		{FormatValue(nil, "s"), "–"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
