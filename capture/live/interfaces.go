package live

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Interface is something that can be captured.
type Interface struct {
	Index    int    // the system's number, 0 for "any"
	Name     string // "eth0"
	Up       bool   // configured to be up
	Running  bool   // has a carrier
	Loopback bool
	Wireless bool
	Hardware string         // MAC address, may be empty
	Addrs    []netip.Prefix // in the system's order
}

// Description says in a few words what the interface is, as tcpdump -D does:
// "Up, Running, Loopback".
func (i Interface) Description() string {
	if i.Name == Any {
		return "all interfaces at once"
	}
	var w []string
	for _, f := range [...]struct {
		set  bool
		word string
	}{{i.Up, "Up"}, {i.Running, "Running"}, {i.Loopback, "Loopback"}, {i.Wireless, "Wireless"}} {
		if f.set {
			w = append(w, f.word)
		}
	}
	if w == nil {
		return "Down"
	}
	return strings.Join(w, ", ")
}

// Interfaces lists what can be captured, the most useful first and in the
// order of tcpdump -D: real interfaces that run, "any", loopback, the rest. A
// list's numbers, from 1, are accepted by [Open].
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, &Error{text: "cannot list the interfaces: " + err.Error(), kind: err}
	}
	var list []Interface
	for _, i := range all {
		list = append(list, describe(i))
	}
	if anyWorks {
		list = append(list, Interface{Name: Any, Up: true, Running: true})
	}
	slices.SortStableFunc(list, func(a, b Interface) int {
		return cmp.Or(cmp.Compare(merit(a), merit(b)), cmp.Compare(a.Index, b.Index))
	})
	return list, nil
}

// merit ranks an interface for the list: less is better.
func merit(i Interface) int {
	switch {
	case !i.Up:
		return 4
	case !i.Running:
		return 3
	case i.Loopback:
		return 2
	case i.Name == Any:
		return 1
	}
	return 0
}

func describe(i net.Interface) Interface {
	d := Interface{
		Index:    i.Index,
		Name:     i.Name,
		Up:       i.Flags&net.FlagUp != 0,
		Running:  i.Flags&net.FlagRunning != 0,
		Loopback: i.Flags&net.FlagLoopback != 0,
		Wireless: wireless(i.Name),
		Hardware: i.HardwareAddr.String(),
	}
	addrs, _ := i.Addrs() // an interface that has just gone has none
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			d.Addrs = append(d.Addrs, p)
		}
	}
	return d
}

// byName finds an interface by its name or by its number in the list.
func byName(list []Interface, name string) (Interface, bool) {
	for _, i := range list {
		if i.Name == name {
			return i, true
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(list) {
		return list[n-1], true
	}
	return Interface{}, false
}

// find is byName with an error that says which names there are.
func find(name string) (Interface, error) {
	list, err := Interfaces()
	if err != nil {
		return Interface{}, err
	}
	i, ok := byName(list, name)
	if !ok {
		return i, unknownInterface(name, list)
	}
	return i, nil
}
