package torrent

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseBytes reads a number of bytes: "500k", "2M", "1.5G" count in thousands,
// "64Ki", "1Mi" in 1024s; a "B" behind it and "/s" are no matter.
func ParseBytes(s string) (float64, error) {
	text := strings.TrimSuffix(strings.TrimSpace(s), "/s")
	text = strings.TrimSpace(strings.TrimSuffix(text, "B"))
	base := 1000.0
	if t, ok := strings.CutSuffix(text, "i"); ok {
		base, text = 1024, t
	}
	scale, unit := 1.0, ""
	if n := len(text); n > 0 {
		if i := strings.IndexByte("kmgt", text[n-1]|0x20); i >= 0 {
			scale, unit, text = math.Pow(base, float64(i+1)), text[n-1:], text[:n-1]
		}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) || base == 1024 && unit == "" || n*scale > 1<<62 {
		return 0, fmt.Errorf("%q is no number of bytes: write 500k, 2M or 64Ki", s)
	}
	return n * scale, nil
}

// FormatBytes writes a number of bytes to three digits: "4.19 MB".
func FormatBytes(n float64) string {
	unit := 0
	for n >= 999.5 && unit < 4 {
		n /= 1000
		unit++
	}
	name := []string{"B", "kB", "MB", "GB", "TB"}[unit]
	switch {
	case unit == 0 || n >= 99.95:
		return fmt.Sprintf("%.0f %s", n, name)
	case n >= 9.995:
		return fmt.Sprintf("%.1f %s", n, name)
	}
	return fmt.Sprintf("%.2f %s", n, name)
}

// formatTime writes a time to wait: "12 s", "3 min 20 s", "2 h 5 min".
func formatTime(d time.Duration) string {
	s := int64((d + time.Second/2) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 100*3600:
		return fmt.Sprintf("%d h %d min", s/3600, s/60%60)
	}
	return fmt.Sprintf("%d days", s/86400)
}
