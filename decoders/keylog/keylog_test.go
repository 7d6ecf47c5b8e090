package keylog

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"testing"
)

const (
	random = "2095006fcb3f93d255cbb6562587f0dd010212fdee9d233aff64e6ed36cd5c45"
	secret = "0d36faaa2eadbda2a8095f951de1cbac46b81b008fbf391d91951b3485476bab"
	line   = "CLIENT_TRAFFIC_SECRET_0 " + random + " " + secret
)

func find(l *Log, label string) string {
	var r [32]byte
	_, _ = hex.Decode(r[:], []byte(random))
	s, _ := l.Secret(label, r)
	return hex.EncodeToString(s)
}

func TestLines(t *testing.T) {
	cases := []struct {
		name, text string
		n, bad     int
	}{
		{"comment, empty lines and RSA", "# hello\n\n  \nRSA 3e2ffbd86d10f694 03\n", 0, 0},
		{"one", line + "\n", 1, 0},
		{"CR LF and capital digits", "CLIENT_TRAFFIC_SECRET_0 " + strings.ToUpper(random) + "  " + secret + "\r\n", 1, 0},
		{"twice", line + "\n" + line + "\n", 1, 0},
		{"not whole", line, 0, 0},
		{"short random", "CLIENT_RANDOM 00 11\n", 0, 1},
		{"no hexadecimal", strings.Replace(line, "0d36", "0x36", 1) + "\n" + strings.Replace(line, "2095", "zz95", 1) + "\n", 0, 2},
		{"odd digits", line + "0\n", 0, 1},
		{"long secret", line + strings.Repeat("00", 33) + "\n", 0, 1},
		{"long line", strings.Repeat("x", 5000) + "\n" + line + "\n", 1, 1},
		{"bad label", "client " + random + " " + secret + "\n", 0, 1},
		{"words", "a b\na b c d\n", 0, 2},
	}
	for _, c := range cases {
		for _, n := range []int{1, 7, 1 << 20} {
			var l Log
			for b := []byte(c.text); len(b) > 0; b = b[min(n, len(b)):] {
				_, _ = l.Write(b[:min(n, len(b))])
			}
			if l.Len() != c.n || l.Bad() != c.bad {
				t.Errorf("%s in pieces of %d: %d secrets and %d bad lines, want %d and %d", c.name, n, l.Len(), l.Bad(), c.n, c.bad)
			}
			if c.n == 1 && find(&l, "CLIENT_TRAFFIC_SECRET_0") != secret {
				t.Errorf("%s: %s", c.name, find(&l, "CLIENT_TRAFFIC_SECRET_0"))
			}
		}
	}
}

func TestAddBetweenWrites(t *testing.T) {
	var l Log
	_, _ = l.Write([]byte(line[:50]))
	l.Add([]byte("EXPORTER_SECRET " + random + " 00"))
	_, _ = l.Write([]byte(line[50:] + "\n"))
	if find(&l, "EXPORTER_SECRET") != "00" || find(&l, "CLIENT_TRAFFIC_SECRET_0") != secret || l.Bad() != 0 {
		t.Error("a block between two halves of a line disturbs it")
	}
}

func TestForgetsTheOldest(t *testing.T) {
	var l Log
	for i := range maxSecrets + 10 {
		fmt.Fprintf(&l, "X %064x 00\n", i)
	}
	if _, ok := l.Secret("X", [32]byte{31: 9}); ok || l.Len() != maxSecrets {
		t.Error("the oldest is still there")
	}
	if _, ok := l.Secret("X", [32]byte{31: 10}); !ok {
		t.Error("one too many was forgotten")
	}
}

func TestConcurrent(t *testing.T) {
	var l Log
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 100 {
				_, _ = l.Write([]byte(line + "\n"))
			}
		})
		wg.Go(func() {
			for range 100 {
				if s := find(&l, "CLIENT_TRAFFIC_SECRET_0"); s != "" && s != secret {
					t.Error(s)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzLog(f *testing.F) {
	f.Add(line+"\n", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		var a, b Log
		n = min(max(n, 0), len(s))
		_, _ = a.Write([]byte(s))
		_, _ = b.Write([]byte(s[:n]))
		_, _ = b.Write([]byte(s[n:]))
		if a.Len() != b.Len() || a.Bad() != b.Bad() {
			t.Error("cutting a log changes it")
		}
	})
}
