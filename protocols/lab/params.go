package lab

import (
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
)

// ParamKind is the unit of a parameter.
type ParamKind uint8

// Kinds of parameter. Values are float64 in the unit named; Choice values are
// indices into Choices.
const (
	Duration ParamKind = iota // seconds: "100ms", "0.1s", "0.1"
	Rate                      // bit/s: "1Mbit/s", "1M", "1e6"
	Prob                      // 0…1: "5%", "0.05"
	Bits                      // bits: "100kbit", or bytes: "12500B", "1MB"
	Bytes                     // bytes: "64KiB", "1MB"
	Count                     // an integer
	Choice                    // one of Choices
)

// Param is a parameter that a person may set.
type Param struct {
	Name     string // "rtt", as in --set rtt=100ms
	Label    string // "RTT"
	Doc      string
	Kind     ParamKind
	Default  float64
	Min, Max float64
	Choices  []string
	Zero     string // what 0 is called: "automatic", "as the objects"; "": 0
}

// Params are values by parameter name.
type Params map[string]float64

// Defaults gives every parameter its default.
func Defaults(ps []Param) Params {
	v := Params{}
	for _, p := range ps {
		v[p.Name] = p.Default
	}
	return v
}

// Clone copies.
func (v Params) Clone() Params {
	c := make(Params, len(v))
	for k, x := range v {
		c[k] = x
	}
	return c
}

// Duration is a parameter in seconds as a time.Duration, rounded to a nanosecond.
func (v Params) Duration(name string) time.Duration {
	return time.Duration(math.Round(v[name] * 1e9))
}

// Int is a parameter as an integer.
func (v Params) Int(name string) int { return int(v[name]) }

// Set parses text for the parameter called name and sets it, or says in one
// sentence what is wrong and what would be right.
func (v Params) Set(ps []Param, name, text string) error {
	for _, p := range ps {
		if p.Name == name {
			x, err := p.Parse(text)
			if err != nil {
				return err
			}
			v[name] = x
			return nil
		}
	}
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = p.Name
	}
	sort.Strings(names)
	return fmt.Errorf("there is no parameter %q: this lab has %s", name, strings.Join(names, ", "))
}

type unit struct {
	name string
	mul  float64
}

// Units in order of matching; longer names first.
var (
	timeUnits = []unit{{"ms", 1e-3}, {"us", 1e-6}, {"µs", 1e-6}, {"ns", 1e-9}, {"min", 60}, {"s", 1}, {"h", 3600}}
	bitUnits  = []unit{{"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}, {"gb", 1e9}, {"mb", 1e6}, {"kb", 1e3}, {"g", 1e9}, {"m", 1e6}, {"k", 1e3}, {"b", 1}}
	byteUnits = []unit{{"gib", 1 << 30}, {"mib", 1 << 20}, {"kib", 1 << 10}, {"gb", 1e9}, {"mb", 1e6}, {"kb", 1e3}, {"bytes", 1}, {"byte", 1}, {"g", 1e9}, {"m", 1e6}, {"k", 1e3}, {"b", 1}}
)

// Parse reads a value with or without a unit and checks its range.
func (p Param) Parse(text string) (float64, error) {
	bad := func() error {
		return fmt.Errorf("%q is no good: %s %s", text, p.Name, p.expects())
	}
	if p.Zero != "" && strings.EqualFold(strings.TrimSpace(text), p.Zero) {
		return 0, nil
	}
	t := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(text), " ", ""))
	if p.Kind == Choice {
		for i, c := range p.Choices {
			if strings.EqualFold(c, strings.TrimSpace(text)) {
				return float64(i), nil
			}
		}
		return 0, bad()
	}
	mul, factor := 1.0, 1.0
	var units []unit
	switch p.Kind {
	case Duration:
		units = timeUnits
	case Rate:
		t = strings.TrimSuffix(strings.TrimSuffix(t, "/s"), "ps")
		units = bitUnits
	case Bits:
		units = bitUnits
		// Only here does case matter: 100kb are bits, 100kB are bytes.
		if strings.HasSuffix(strings.TrimSpace(text), "B") || strings.HasSuffix(t, "byte") || strings.HasSuffix(t, "bytes") {
			units, factor = byteUnits, 8
		}
	case Bytes:
		units = byteUnits
	case Prob:
		units = []unit{{"%", 0.01}}
	}
	for _, u := range units {
		if strings.HasSuffix(t, u.name) {
			t, mul = strings.TrimSuffix(t, u.name), u.mul
			break
		}
	}
	x, err := strconv.ParseFloat(t, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, bad()
	}
	x *= mul * factor
	if p.Kind == Count && x != math.Trunc(x) || x < p.Min || x > p.Max {
		return 0, bad()
	}
	return x, nil
}

func (p Param) expects() string {
	switch p.Kind {
	case Choice:
		return "must be one of " + strings.Join(p.Choices, ", ")
	case Count:
		return fmt.Sprintf("must be a whole number from %s to %s", p.Format(p.Min), p.Format(p.Max))
	}
	return fmt.Sprintf("must be from %s to %s", p.Format(p.Min), p.Format(p.Max))
}

// Format writes a value as people write it: "100 ms", "1 Mbit/s", "5 %".
func (p Param) Format(x float64) string {
	if x == 0 && p.Zero != "" {
		return p.Zero
	}
	switch p.Kind {
	case Duration:
		switch {
		case x == 0:
			return "0 s"
		case x < 1e-6:
			return num(x*1e9) + " ns"
		case x < 1e-3:
			return num(x*1e6) + " µs"
		case x < 1:
			return num(x*1e3) + " ms"
		}
		return num(x) + " s"
	case Rate:
		return scaled(x, "bit/s")
	case Bits:
		return scaled(x, "bit")
	case Bytes:
		for _, u := range []unit{{" GiB", 1 << 30}, {" MiB", 1 << 20}, {" KiB", 1 << 10}} {
			// Buffers and windows are round in powers of two.
			if x >= u.mul && math.Mod(x, 1024) == 0 && math.Mod(x, 1000) != 0 && math.Mod(x/u.mul*8, 1) == 0 {
				return num(x/u.mul) + u.name
			}
		}
		return scaled(x, "B")
	case Prob:
		return num(x*100) + " %"
	case Choice:
		if i := int(x); i >= 0 && i < len(p.Choices) {
			return p.Choices[i]
		}
	}
	return num(x)
}

func num(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }

func scaled(x float64, u string) string {
	switch {
	case x >= 1e9:
		return num(x/1e9) + " G" + u
	case x >= 1e6:
		return num(x/1e6) + " M" + u
	case x >= 1e3:
		return num(x/1e3) + " k" + u
	}
	return num(x) + " " + u
}
