package torrent

import (
	"testing"
	"time"
)

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "500": 500, "500k": 500e3, "2M": 2e6, "1.5G": 1.5e9, "64Ki": 64 << 10, "1MiB": 1 << 20, "2 MB/s": 2e6, "3KB": 3e3, "7T": 7e12,
	} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "k", "i", "5i", "-1", "-1k", "1x", "NaN", "Inf", "1e30", "1M2", "two", "1kk", "0x10p3M!"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 16384: "16.4 kB", 999_499: "999 kB", 999_600: "1.00 MB", 4_194_304: "4.19 MB", 2e14: "200 TB", 5e15: "5000 TB",
	} {
		if got := FormatBytes(n); got != want {
			t.Errorf("%v: %q, want %q", n, got, want)
		}
	}
}

func TestFormatTime(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", 200 * time.Second: "3 min 20 s", 7500 * time.Second: "2 h 5 min", 1000 * time.Hour: "41 days",
	} {
		if got := formatTime(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
