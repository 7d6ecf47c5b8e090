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
