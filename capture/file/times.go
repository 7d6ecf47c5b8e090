package file

import (
	"math"
	"math/bits"
	"time"
)

// tick is the unit of an interface's time stamps: if_tsresol and if_tsoffset.
type tick struct {
	mul, div uint64 // decimal units of a nanosecond or coarser: the fast way
	exp      uint8
	binary   bool
	offset   int64 // seconds to add
}

// newTick takes if_tsresol as it stands in the file: the lower seven bits are a
// negative power of 10, or of 2 if the highest bit is set. Any value is legal.
func newTick(resol byte, offset int64) tick {
	t := tick{exp: resol & 0x7f, binary: resol&0x80 != 0, offset: offset}
	if !t.binary && t.exp <= 9 {
		t.div, t.mul = pow10(t.exp), pow10(9-t.exp)
	}
	return t
}

// time converts a count of ticks.
func (t *tick) time(n uint64) time.Time {
	var sec, nsec uint64
	switch {
	case t.div != 0:
		sec, nsec = n/t.div, n%t.div*t.mul
	case t.binary && t.exp < 64:
		hi, lo := bits.Mul64(n&(1<<t.exp-1), 1e9)
		sec, nsec = n>>t.exp, lo>>t.exp|hi<<(64-t.exp)
	case t.binary:
		hi, _ := bits.Mul64(n, 1e9)
		nsec = hi >> (t.exp - 64)
	case t.exp < 20:
		d := pow10(t.exp)
		sec, nsec = n/d, n%d/pow10(t.exp-9)
	case t.exp-9 < 20:
		nsec = n / pow10(t.exp-9)
	}
	return unixTime(addClamped(sec, t.offset), int64(nsec))
}

func pow10(n uint8) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}

// The seconds that time.Time.UnixNano can express (years 1678 to 2262). Time
// stamps outside come from broken files; they are moved to the nearest end, so
// that nothing later overflows.
const (
	minSec int64 = math.MinInt64/1_000_000_000 + 1
	maxSec int64 = math.MaxInt64/1_000_000_000 - 1
)

func addClamped(sec uint64, offset int64) int64 {
	s := int64(min(sec, math.MaxInt64))
	if offset > 0 && s > math.MaxInt64-offset {
		return maxSec
	}
	return s + offset
}

func unixTime(sec, nsec int64) time.Time {
	if nsec >= 1e9 { // a broken fraction: it may be worth many seconds
		sec, nsec = sec+nsec/1e9, nsec%1e9
	}
	return time.Unix(min(max(sec, minSec), maxSec), nsec).UTC()
}
