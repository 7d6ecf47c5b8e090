package web

import (
	"reflect"
	"testing"

	"netscope/decoders/timeline"
)

func TestWaits(t *testing.T) {
	for _, c := range []struct {
		name string
		sent []piece
		now  timeline.Time
		want []wait
	}{
		{"in order", []piece{{0, 10, 1, false}, {10, 20, 2, false}}, 9, nil},
		{"one lost and sent again", []piece{{0, 10, 1, false}, {10, 20, 2, true}, {20, 30, 3, false}, {30, 40, 4, false}, {10, 20, 7, false}, {40, 50, 8, false}}, 9,
			[]wait{{20, 30, 3, 7}, {30, 40, 4, 7}, {10, 20, 2, 7}}},
		{"not there yet", []piece{{0, 10, 1, true}, {10, 20, 2, false}}, 5, []wait{{10, 20, 2, 5}, {0, 10, 1, 5}}},
		{"sent again in other pieces", []piece{{0, 10, 1, true}, {10, 20, 2, false}, {0, 5, 4, false}, {5, 12, 6, false}}, 9,
			[]wait{{5, 10, 6, 6}, {10, 20, 2, 6}, {0, 10, 1, 6}}[1:]},
		{"sent again in vain", []piece{{0, 10, 1, false}, {0, 10, 3, true}}, 9, nil},
		{"twice", []piece{{0, 10, 1, true}, {0, 10, 3, true}, {0, 10, 5, false}}, 9, []wait{{0, 10, 1, 5}, {0, 10, 3, 5}}},
		{"nothing", nil, 9, nil},
	} {
		if got := waits(c.sent, c.now); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLength(t *testing.T) {
	for _, c := range []struct {
		ws   []wait
		want timeline.Time
	}{
		{nil, 0},
		{[]wait{{0, 0, 3, 7}, {0, 0, 1, 4}}, 6},
		{[]wait{{0, 0, 1, 9}, {0, 0, 2, 3}}, 8},
		{[]wait{{0, 0, 1, 2}, {0, 0, 5, 7}}, 3},
	} {
		if got := length(c.ws); got != c.want {
			t.Errorf("%v: %v, want %v", c.ws, got, c.want)
		}
	}
}
