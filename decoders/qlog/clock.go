package qlog

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// clock makes times of a trace's numbers: milliseconds since something.
type clock struct {
	base  time.Time
	delta bool // each number counts from the event before
	last  time.Time
}

// clockOf reads how a trace counts time. 0.3 has "time_format" relative,
// absolute or delta and a number as "reference_time"; the current form has
// relative_to_epoch or relative_to_previous_event and an object. Without a
// reference numbers count from 1970.
func clockOf(common object) clock {
	epoch := time.Unix(0, 0).UTC()
	c := clock{base: epoch}
	if ref, ok := common["reference_time"]; ok {
		if o := objectOf(ref); o != nil {
			for _, name := range [...]string{"epoch", "wall_clock_time"} {
				if at, err := time.Parse(time.RFC3339Nano, o.text(name)); err == nil && sane(at) {
					c.base = at
					break
				}
			}
		} else if d, ok := millis(ref); ok {
			c.base = epoch.Add(d)
		} else if at, err := time.Parse(time.RFC3339Nano, strings.Trim(string(ref), `"`)); err == nil && sane(at) {
			c.base = at
		}
	}
	switch common.text("time_format") {
	case "absolute":
		c.base = epoch
	case "delta", "relative_to_previous_event":
		c.delta = true
	}
	c.last = c.base
	return c
}

// sane times fit into nanoseconds.
func sane(t time.Time) bool { return t.Year() >= 1970 && t.Year() < 2200 }

// at is the time of an event.
func (c *clock) at(v json.RawMessage) (time.Time, bool) {
	d, ok := millis(v)
	from := c.base
	if c.delta {
		from = c.last
	}
	at := from.Add(d)
	if !ok || !sane(at) {
		return at, false
	}
	c.last = at
	return at, true
}

// millis reads a number of milliseconds, also one in a string, to the
// nanosecond: as floating point, times since 1970 would be coarser.
func millis(v json.RawMessage) (time.Duration, bool) {
	s := strings.Trim(string(v), `"`)
	whole, part, _ := strings.Cut(s, ".")
	if ms, err := strconv.ParseInt(whole, 10, 64); err == nil && ms > -1e13 && ms < 1e13 && !strings.ContainsAny(part, "eE") {
		part = (part + "000000")[:6]
		ns, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return 0, false
		}
		d := time.Duration(ms)*time.Millisecond + time.Duration(ns)
		if strings.HasPrefix(whole, "-") {
			d = time.Duration(ms)*time.Millisecond - time.Duration(ns)
		}
		return d, ms < 9e12
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 9e12 {
		return 0, false
	}
	return time.Duration(f * 1e6), true
}
