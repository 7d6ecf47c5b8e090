package lab

import "testing"

// A size in bits can be given in bits or in bytes; the case of b tells them
// apart.
func TestBitsOrBytes(t *testing.T) {
	p := Param{Name: "size", Kind: Bits, Max: 1e12}
	for text, want := range map[string]float64{
		"100000": 1e5, "100kbit": 1e5, "100 kbit": 1e5, "100kb": 1e5, "100k": 1e5, "1Mbit": 1e6,
		"12500B": 1e5, "12.5kB": 1e5, "12500 bytes": 1e5, "1 byte": 8, "1MB": 8e6, "1KiB": 8192,
	} {
		if got, err := p.Parse(text); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "B", "x", "1 fB", "-1B"} {
		if got, err := p.Parse(text); err == nil {
			t.Errorf("%q was taken for %v", text, got)
		}
	}
}
