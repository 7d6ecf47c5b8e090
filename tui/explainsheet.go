package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"netscope/capture/layers"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// explainSheet says in two sentences what the selected field or message is
// for, with the RFC section.
type explainSheet struct{ title, value, doc string }

func (s *explainSheet) update(a *App, msg tea.Msg) (tea.Cmd, bool) { return nil, closes(a, msg) }

func (s *explainSheet) render(a *App, w, h int) []string {
	t := a.theme()
	width := min(72, w-8)
	var lines []string
	if s.value != "" {
		lines = append(lines, t.FieldValue.Paint(view.Fit(view.Clean(s.value), min(width, view.Width(view.Clean(s.value))))), "")
	}
	for _, l := range view.Wrap(s.doc, width) {
		lines = append(lines, t.Text.Paint(l))
	}
	return sheet(t, view.Clean(s.title), "Esc closes", lines, w, h)
}

// explain makes the sheet for what is selected.
func (e *explorer) explain() *explainSheet {
	h := e.head
	if h.Field.Path != "" {
		if h.Field.Packet && h.HasPkt {
			if n, ok := findNode(e.cache.PacketTree(h.Packet).Layers, h.Field); ok {
				return &explainSheet{n.Label, n.Value, docOr(n.Doc, "Nothing is written about this field yet.")}
			}
		}
		if h.Message != timeline.NoMessage {
			if f, ok := findField(e.cache.MessageTree(h.Message).Children, h.Field); ok {
				return &explainSheet{f.Label, f.Value, docOr(f.Doc, "Nothing is written about this field yet.")}
			}
		}
	}
	if h.Message != timeline.NoMessage {
		m, f := e.snap.Message(h.Message), e.cache.MessageTree(h.Message)
		return &explainSheet{m.Proto + " " + m.Name, m.Summary, docOr(f.Doc, "Select one of its fields to read what it is for.")}
	}
	if h.HasPkt {
		info := e.cache.PacketInfo(h.Packet)
		doc := "Select one of its fields to read what it is for."
		for _, l := range e.cache.PacketTree(h.Packet).Layers {
			doc = docOr(l.Doc, doc) // the innermost layer that says something
		}
		return &explainSheet{info.Proto + " packet", info.Info, doc}
	}
	return nil
}

func docOr(doc, or string) string {
	if doc == "" {
		return or
	}
	return doc
}

// pathEnd is the last label of a path of labels.
func pathEnd(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// findField finds the field that a reference names: the deepest one with the
// same place in the bytes and the same name or label.
func findField(fs []decoders.Field, ref view.FieldRef) (decoders.Field, bool) {
	for _, f := range fs {
		if g, ok := findField(f.Children, ref); ok {
			return g, true
		}
		if f.Off == ref.Off && f.Len == ref.Len && (f.Label == pathEnd(ref.Path) || f.Name == pathEnd(ref.Path)) {
			return f, true
		}
	}
	return decoders.Field{}, false
}

func findNode(ns []layers.Node, ref view.FieldRef) (layers.Node, bool) {
	for _, n := range ns {
		if m, ok := findNode(n.Children, ref); ok {
			return m, true
		}
		if n.Off == ref.Off && n.Len == ref.Len && (n.Label == pathEnd(ref.Path) || n.Name == pathEnd(ref.Path)) {
			return n, true
		}
	}
	return layers.Node{}, false
}
