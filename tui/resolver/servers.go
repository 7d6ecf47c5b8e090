package resolver

import (
	"slices"
	"strconv"
	"strings"

	"netscope/decoders/dns"
	"netscope/decoders/dns/resolution"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// maxIdle is how many servers are kept that have no part in the resolution.
const maxIdle = 40

// servers are the servers of the hierarchy, in the order of the tree: those
// that answer for a zone, and whoever else was asked in this resolution.
func (sc *Scene) servers(l *resolution.Log, hosts []view.Host) {
	used := map[int32]bool{}
	active := map[int32]bool{}
	for i := range sc.Arrows {
		active[sc.Arrows[i].From], active[sc.Arrows[i].To] = true, true
	}
	if sc.Number > 0 {
		for _, i := range l.Resolutions[sc.Number-1].Msgs {
			m := &l.Msgs[i]
			server := m.To
			if !m.Query {
				server = m.From
			}
			if server != sc.Hub() && server != sc.Local && (m.Query || !m.Stray) {
				used[server] = true
			}
		}
	}
	idle := 0
	for i := range l.Nodes {
		n, id := &l.Nodes[i], int32(i)
		if id == sc.Local || id == sc.Client && !used[id] {
			continue
		}
		if !used[id] && !n.Authority() {
			if n.Asks || n.Serves {
				sc.Others = append(sc.Others, n.Name())
			}
			continue
		}
		if !used[id] {
			if idle++; idle > maxIdle {
				continue
			}
		}
		sc.Servers = append(sc.Servers, Server{Node: id, Name: n.Name(), Zone: n.Zone, Used: used[id], Asked: n.Serves, Active: active[id], Parent: -1})
	}
	sc.silent(l, hosts)
	slices.SortStableFunc(sc.Servers, func(a, b Server) int { return strings.Compare(path(a.Zone), path(b.Zone)) })
	for i := range sc.Servers {
		for j := i - 1; j >= 0; j-- {
			up, z := sc.Servers[j].Zone, sc.Servers[i].Zone
			if up != "" && z != "" && up != z && (up == "." || strings.HasSuffix(z, "."+up)) {
				sc.Servers[i].Parent, sc.Servers[i].Indent = j, sc.Servers[j].Indent+1
				break
			}
		}
	}
}

// silent adds the servers of a lab that nobody has asked yet.
func (sc *Scene) silent(l *resolution.Log, hosts []view.Host) {
	for _, h := range hosts {
		known := slices.ContainsFunc(l.Nodes, func(n resolution.Node) bool { return n.Host == h.Name })
		if known || h.Role != "server" {
			continue
		}
		zone := ""
		switch {
		case h.Name == "root" || strings.HasPrefix(h.Name, "root-"):
			zone = "."
		case strings.HasPrefix(h.Name, "tld-"):
			zone = h.Name[4:]
		case strings.Count(h.Name, ".") >= 2:
			_, zone, _ = strings.Cut(h.Name, ".")
			for strings.Count(zone, ".") > 1 {
				_, zone, _ = strings.Cut(zone, ".")
			}
		default:
			sc.Others = append(sc.Others, h.Name)
			continue
		}
		sc.Servers = append(sc.Servers, Server{Node: -1, Name: h.Name, Zone: zone, Parent: -1})
	}
}

// path is a zone's labels from the root down, so that a zone sorts before what
// lies in it; servers of no known zone come last.
func path(zone string) string {
	switch zone {
	case "":
		return "\xff"
	case ".":
		return ""
	}
	ls := strings.Split(zone, ".")
	slices.Reverse(ls)
	return strings.Join(ls, "\x01")
}

// states says what everybody does at the playhead.
func (sc *Scene) states(l *resolution.Log, st *resolution.State, waits []resolution.Wait, p timeline.Position) {
	waiting := func(n int32) (string, bool) {
		for i := len(waits) - 1; i >= 0; i-- {
			if w := &waits[i]; w.From == n && sc.here(l, w.Query) {
				return "waits for " + l.Nodes[w.To].Name(), true
			}
		}
		for i := len(waits) - 1; i >= 0; i-- {
			q := &l.Msgs[waits[i].Query]
			if waits[i].To == n && sc.here(l, waits[i].Query) && q.Done <= p && (q.Reply < 0 || l.Msgs[q.Reply].Begun > p) {
				return "has " + l.Nodes[waits[i].From].Name() + "'s question", true
			}
		}
		return "", false
	}
	said := func(n int32) string {
		for i := len(sc.Arrows) - 1; i >= 0; i-- {
			if a := &sc.Arrows[i]; a.From == n && !a.Query && !a.Stray {
				return "said: " + a.Text
			}
		}
		return ""
	}
	for i := range sc.Servers {
		v := &sc.Servers[i]
		if v.Node < 0 {
			continue
		}
		v.State, v.Waits = waiting(v.Node)
		if v.State == "" {
			v.State = said(v.Node)
		}
		for _, c := range sc.Chain {
			if c.Name == v.Zone {
				v.Chain = strings.TrimSpace(v.Chain + " " + verdict(c.Status) + c.Type)
			}
		}
	}
	if sc.Client >= 0 {
		sc.ClientName = l.Nodes[sc.Client].Name()
		sc.ClientState, sc.ClientWaits = waiting(sc.Client)
		for i := range sc.Arrows {
			if a := &sc.Arrows[i]; sc.ClientState == "" && !a.Query && a.To == sc.Client && a.Part >= 1 && !a.Stray && sc.Local >= 0 {
				sc.ClientState = "got " + a.Text
			}
		}
	}
	if sc.Local >= 0 {
		sc.LocalName = l.Nodes[sc.Local].Name()
		sc.LocalState, sc.LocalWaits = waiting(sc.Local)
		if sc.LocalState == "" && said(sc.Local) != "" {
			sc.LocalState = "has answered"
		}
		if c := st.Cache(sc.LocalName); c != nil {
			sc.LocalLine = strconv.Itoa(len(c.Entries)) + " in its cache"
			if a := c.Last; a.At >= sc.Start && a.Name != "" {
				if a.Hit {
					sc.LocalLine = "cache hit"
				} else {
					sc.LocalLine = "cache miss"
				}
			}
		}
	}
	for _, w := range waits {
		if !sc.here(l, w.Query) && len(sc.Waits) < 16 {
			q := &l.Msgs[w.Query]
			sc.Waits = append(sc.Waits, l.Nodes[w.From].Name()+" waits for "+l.Nodes[w.To].Name()+": "+dns.TypeName(q.Type)+" "+q.Name)
		}
	}
}

// verdict is the sign of what a signature was found to be.
func verdict(status string) string {
	switch status {
	case "secure":
		return "✓"
	case "bogus":
		return "✗"
	}
	return "–"
}

// here reports whether a query belongs to the resolution that is shown.
func (sc *Scene) here(l *resolution.Log, q int32) bool {
	return int(l.Msgs[q].Resolution) == sc.Number-1
}
