package messages

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// previewBytes is how much of a body is read for the preview.
const previewBytes = 4096

// Part says what a line of text is, for its style.
type Part uint8

// Kinds of line.
const (
	StartLine Part = iota // request or status line
	FieldLine             // "Name: value"
	BodyLine
	Remark // about the message, not of it
	BadLine
)

// TextLine is a line of a message as shown.
type TextLine struct {
	Part Part
	Text string
	Name int // of a FieldLine: length of the name with its colon
}

// HeadLines cuts the head of a textual message into lines, or, if it is not
// text, lists the fields kept with it.
func HeadLines(raw []byte, fields []decoders.KV, summary string) []TextLine {
	if !Textual(raw) || len(raw) == 0 {
		if head := sectionLines(fields); len(head) > 0 {
			return head
		}
		out := []TextLine{{Part: StartLine, Text: view.Clean(summary)}}
		for _, f := range fields {
			v := f.Str
			switch f.Kind {
			case decoders.IntValue:
				v = view.FormatCount(f.Int)
			case decoders.BoolValue:
				v = [...]string{"no", "yes"}[f.Int&1]
			}
			out = append(out, TextLine{FieldLine, f.Name + ": " + view.Clean(v), len(f.Name) + 1})
		}
		return out
	}
	var out []TextLine
	for i, l := range bytes.Split(bytes.TrimRight(raw, "\r\n"), []byte("\n")) {
		s := view.Clean(strings.TrimSuffix(string(l), "\r"))
		t := TextLine{Part: StartLine, Text: s}
		if i > 0 {
			t.Part = FieldLine
			if t.Name = strings.IndexByte(s, ':') + 1; t.Name == 0 {
				t.Part = BodyLine
			}
		}
		out = append(out, t)
	}
	return out
}

// sectionLines are the lines of a header section that is compressed on the wire
// (HTTP/2, HTTP/3), in the order in which they were sent: pseudo-header fields,
// header fields, trailers. Other messages have none.
func sectionLines(kvs []decoders.KV) (out []TextLine) {
	var regular []TextLine
	for _, kv := range kvs {
		if name, ok := pseudoField(kv.Name); ok {
			v := kv.Str
			if kv.Kind == decoders.IntValue {
				v = strconv.FormatInt(kv.Int, 10)
			}
			out = append(out, TextLine{FieldLine, name + " " + view.Clean(v), len(name)})
			continue
		}
		if kv.Kind == decoders.StrValue && (strings.HasSuffix(kv.Name, ".line") || strings.HasSuffix(kv.Name, ".trailer")) {
			s := view.Clean(strings.TrimRight(kv.Str, "\r\n"))
			regular = append(regular, TextLine{FieldLine, s, strings.IndexByte(s, ':') + 1})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return append(out, regular...)
}

// pseudoField is the pseudo-header field that a field is kept for (RFC 9113 §8.3,
// RFC 9114 §4.3).
func pseudoField(kept string) (name string, ok bool) {
	for _, prefix := range [...]string{"http2.headers.", "http3.headers."} {
		if rest, found := strings.CutPrefix(kept, prefix); found {
			switch rest {
			case "method", "scheme", "authority", "path", "protocol", "status":
				return ":" + rest, true
			}
		}
	}
	return "", false
}

// BodyLines previews content that is text; of other content it says how much
// there is.
func BodyLines(content []byte, more bool, max int) []TextLine {
	if len(content) == 0 || max <= 0 {
		return nil
	}
	if !Textual(content) {
		s := "body: " + view.FormatBytes(int64(len(content)))
		if more {
			s += " and more"
		}
		return []TextLine{{Part: Remark, Text: s + ", not text"}}
	}
	var out []TextLine
	for l := range strings.SplitSeq(strings.TrimRight(string(content), "\r\n"), "\n") {
		if len(out) >= max {
			break
		}
		out = append(out, TextLine{Part: BodyLine, Text: view.Clean(strings.ReplaceAll(strings.TrimSuffix(l, "\r"), "\t", "    "))})
	}
	return out
}

// Textual reports that the bytes can be shown as text: UTF-8 (perhaps cut in
// its last character) without control characters but those that lay text out.
func Textual(b []byte) bool {
	b = b[:min(len(b), 1024)]
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			return i >= len(b)-3 && len(b) > 3
		case r < ' ' && r != '\t' && r != '\r' && r != '\n' && r != '\f', r == 0x7f:
			return false
		}
		i += n
	}
	return true
}

// lines are a message's text at the playhead, as one side has it.
func lines(f *view.Frame, m *timeline.Message, pr Progress, rows int) []TextLine {
	if pr.State == Waiting {
		return []TextLine{{Part: Remark, Text: "Nothing of it has arrived yet."}}
	}
	raw, err := f.Timeline.StreamBytes(m.Source, m.Dir, m.Off, int(min(m.HeadLen, 16<<10, pr.Have)))
	if err != nil {
		raw = nil
	}
	out := HeadLines(raw, m.Fields, m.Summary)
	if m.Err != "" && pr.State == Failed {
		out = append(out, TextLine{Part: BadLine, Text: "✗ " + view.Clean(m.Err)})
	}
	room := rows - len(out) - 1
	have := pr.Have - m.HeadLen
	if room <= 0 || have <= 0 || f.Explain == nil {
		return out
	}
	content, more, err := f.Explain.MessageBody(m.ID, previewBytes)
	if err != nil {
		return append(out, TextLine{Part: BadLine, Text: "✗ the body cannot be shown: " + view.Clean(err.Error())})
	}
	if pr.State == Partial && int64(len(content)) > have {
		content, more = content[:have], true
	}
	if b := BodyLines(content, more, room); len(b) > 0 {
		out = append(append(out, TextLine{Part: BodyLine}), b...)
	}
	return out
}
