package bencode

import "testing"

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in  string
		n   int
		bad bool
	}{
		{"i42e", 4, false}, {"i-1e", 4, false}, {"i-0e", 3, true}, {"i042e", 4, true}, {"4:spam", 6, false}, {"4:spa", 2, true},
		{"le", 2, false}, {"d3:cow3:moo4:spaml1:a1:bee", 26, false}, {"di1ei2ee", 1, true}, {"", 0, true}, {"x", 0, true},
		{"99999999999999999999:x", 20, true}, {"d1:a", 4, true}, {"i12", 3, true},
	} {
		_, n, bad := Parse([]byte(c.in))
		if (bad != "") != c.bad || n != c.n && !c.bad {
			t.Errorf("%q: %d bytes, %q", c.in, n, bad)
		}
	}
	v, _, _ := Parse([]byte("d1:bi2e1:a3:xyze"))
	if n, ok := v.Number("b"); !ok || n != 2 || string(v.Text("a")) != "xyz" || !v.Unsorted {
		t.Errorf("%+v", v)
	}
	if x := v.Get("a"); x.Off != 10 || x.Len != 5 {
		t.Errorf("span %d+%d", x.Off, x.Len)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("d3:cow3:moo4:spaml1:a1:bee"))
	f.Add([]byte("llllllllllllllllllllllllllllllllllllll"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, n, _ := Parse(b)
		if n > len(b) || v.Off+v.Len > len(b) {
			t.Errorf("%d of %d bytes", n, len(b))
		}
	})
}
