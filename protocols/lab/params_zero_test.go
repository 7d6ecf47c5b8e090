package lab

import "testing"

func TestZeroHasAName(t *testing.T) {
	p := Param{Name: "page", Kind: Bits, Max: 1e9, Zero: "as objects"}
	if got := p.Format(0); got != "as objects" {
		t.Errorf("0 is written %q", got)
	}
	for _, text := range []string{"as objects", "As Objects", "0", "0 bit"} {
		if x, err := p.Parse(text); err != nil || x != 0 {
			t.Errorf("%q: %v, %v", text, x, err)
		}
	}
}

func TestRoundBytes(t *testing.T) {
	p := Param{Name: "window", Kind: Bytes, Max: 1 << 40}
	for x, want := range map[float64]string{
		16384: "16 KiB", 1 << 20: "1 MiB", 512 << 10: "512 KiB", 1536: "1.536 kB", 3 << 30: "3 GiB",
		20e3: "20 kB", 1e6: "1 MB", 512e3: "512 kB", 65535: "65.535 kB", 1000: "1 kB", 100: "100 B",
	} {
		got := p.Format(x)
		if got != want {
			t.Errorf("%v is written %q, want %q", x, got, want)
		}
		if back, err := p.Parse(got); err != nil || back != x {
			t.Errorf("%q is read as %v, %v", got, back, err)
		}
	}
}
