package tui

import (
	"context"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"netscope/decoders"
	"netscope/decoders/timeline"
)

// found is what a search has found, in order.
type found struct {
	text   string
	ids    []timeline.MessageID
	upTo   timeline.MessageID // looked at all before this one
	cancel context.CancelFunc
	gen    int
}

// foundMsg brings what a search has found.
type foundMsg struct {
	gen  int
	ids  []timeline.MessageID
	upTo timeline.MessageID
	dir  int
}

// keepFound is the most matches that are kept.
const keepFound = 100_000

// search looks for text in all messages that are shown, in a command that a
// later search or Esc cancels. dir is where to go when it is done.
func (e *explorer) search(text string, dir int) tea.Cmd {
	e.stopSearch()
	e.found = found{text: strings.ToLower(text), gen: e.found.gen + 1}
	return e.searchOn(dir)
}

// searchOn goes on where the search left off, if there are new messages.
func (e *explorer) searchOn(dir int) tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	e.found.cancel = cancel
	snap, keep, f := e.snap, e.filter(), e.found
	return func() tea.Msg {
		defer cancel()
		first, end := snap.MessageRange()
		m := foundMsg{gen: f.gen, upTo: end, dir: dir}
		for id := max(first, f.upTo); id < end; id++ {
			if id%256 == 0 && ctx.Err() != nil {
				return nil
			}
			if len(f.ids)+len(m.ids) >= keepFound {
				break
			}
			if (keep == nil || keep(id)) && matches(snap.Message(id), f.text) {
				m.ids = append(m.ids, id)
			}
		}
		return m
	}
}

func (e *explorer) stopSearch() {
	if e.found.cancel != nil {
		e.found.cancel()
	}
}

// takeFound takes what a search has brought and goes to a match. It returns a
// sentence to show.
func (e *explorer) takeFound(m foundMsg) string {
	if m.gen != e.found.gen {
		return ""
	}
	e.found.ids, e.found.upTo = append(e.found.ids, m.ids...), m.upTo
	return e.goFound(m.dir)
}

// goFound goes to the next or previous match from the playhead, and round the
// end.
func (e *explorer) goFound(dir int) string {
	ids := e.found.ids
	if len(ids) == 0 {
		return "Nothing matches “" + e.found.text + "”."
	}
	at := 0
	if dir > 0 {
		for at < len(ids) && e.head.Message != timeline.NoMessage && ids[at] <= e.head.Message {
			at++
		}
	} else {
		at = len(ids) - 1
		for at >= 0 && (e.head.Message == timeline.NoMessage || ids[at] >= e.head.Message) {
			at--
		}
	}
	round := at < 0 || at >= len(ids)
	at = (at + len(ids)) % len(ids)
	e.goMessage(ids[at])
	s := "match " + strconv.Itoa(at+1) + " of " + strconv.Itoa(len(ids)) + " for “" + e.found.text + "”"
	if round && len(ids) > 1 {
		s += ", round the end"
	}
	return s
}

// goMessage moves the playhead to where a message's head is known.
func (e *explorer) goMessage(id timeline.MessageID) {
	_, open, closed := e.snap.MessagePosition(id)
	pos := open
	if closed <= e.snap.End() {
		pos = closed
	}
	e.head.leave()
	e.head.Live, e.head.Playing = false, false
	e.head.to(e.snap, pos)
	e.head.Message = id
}

// matches looks for text, which is in lower case.
func matches(m timeline.Message, text string) bool {
	if hasFold(m.Summary, text) || hasFold(m.Name, text) || hasFold(m.Proto, text) || hasFold(m.Err, text) {
		return true
	}
	for _, kv := range m.Fields {
		if hasFold(kv.Name, text) {
			return true
		}
		if kv.Kind == decoders.StrValue {
			if hasFold(kv.Str, text) {
				return true
			}
		} else if strconv.FormatInt(kv.Int, 10) == text {
			return true
		}
	}
	return false
}

func hasFold(s, lower string) bool { return strings.Contains(strings.ToLower(s), lower) }
