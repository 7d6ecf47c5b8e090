package tui

import (
	"fmt"

	"netscope/protocols/lab/fork"
	"netscope/tui/view"
)

// forkLines say below the pictures until when a run and its fork are the same,
// and what differs after that; nil on other pages.
func (c *compare) forkLines(t *view.Theme, w int) []string {
	if c.fork == nil {
		return nil
	}
	same, differ := forkSentences(c.fork.diff)
	st := t.OK
	if d := c.fork.diff; d != nil && d.Broken != "" {
		st = t.Error
	}
	return []string{" " + st.Paint(view.Fit(same, w)), " " + t.Dim.Paint(view.Fit(differ, w))}
}

// forkSentences are a comparison in two lines: what is the same, and what is
// not.
func forkSentences(d *fork.Diff) (same, differ string) {
	switch {
	case d == nil:
		return "comparing the two runs …", ""
	case d.Broken != "":
		same = "✗ " + d.Broken
	case d.First < 0:
		same = fmt.Sprintf("= the same so far: %s agree (%s)", amounts(d.Prefix.Packets, d.Prefix.Messages), d.Prefix)
	default:
		same = fmt.Sprintf("= the same until %s: %s before it agree in times, sizes and fields (%s)",
			fork.Seconds(d.First), amounts(d.Prefix.Packets, d.Prefix.Messages), d.Prefix)
	}
	if d.First < 0 {
		return same, ""
	}
	moved, alone := view.AtAnotherTime.Glyph(), view.OnlyHere.Glyph()
	return same, fmt.Sprintf("%s at another time: %s   %s only before: %s   %s only now: %s",
		moved, amounts(d.New.MovedPackets, d.New.MovedMessages),
		alone, amounts(d.Old.AlonePackets, d.Old.AloneMessages),
		alone, amounts(d.New.AlonePackets, d.New.AloneMessages))
}

// amounts is "41 packets, 12 messages"; messages are left out if there are none.
func amounts(packets, messages int) string {
	s := plural(packets, "packet")
	if messages > 0 {
		s += ", " + plural(messages, "message")
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return view.FormatCount(int64(n)) + " " + what + "s"
}
