package bits

import (
	"strings"

	"netscope/tui/view"
	"netscope/tui/view/fields"
)

// markBits finds fields of packets whose labels tell their bits as Wireshark
// does, "0000 00.. = Differentiated services": they become fields of bits.
func markBits(ns []fields.Node) {
	for i := range ns {
		n := &ns[i]
		markBits(n.Children)
		if n.Bits > 0 || n.Ref.Len == 0 || n.Ref.Len > wordBytes {
			continue
		}
		pattern, name, ok := strings.Cut(n.Label, " = ")
		if !ok {
			continue
		}
		pattern = strings.ReplaceAll(pattern, " ", "")
		first := strings.IndexAny(pattern, "01")
		last := strings.LastIndexAny(pattern, "01")
		skip := 8*n.Ref.Len - len(pattern) // a pattern may leave out the highest bits
		if first < 0 || skip < 0 || strings.Trim(pattern, "01.") != "" {
			continue
		}
		n.Bit, n.Bits, n.Label = skip+first, last-first+1, name
	}
}

// short fits a name into w columns: as it is, as the initials of its words, or
// cut.
func short(name string, w int) string {
	if view.Width(name) <= w || w < 1 {
		return name
	}
	if words := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '-' }); len(words) > 1 && len(words) <= w {
		initials := ""
		for _, word := range words {
			initials += string([]rune(word)[:1])
		}
		return strings.ToUpper(initials)
	}
	if w < 4 {
		r := []rune(name)
		return string(r[:min(w, len(r))])
	}
	return name
}
