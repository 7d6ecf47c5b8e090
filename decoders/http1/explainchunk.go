package http1

import (
	"strings"

	"netscope/decoders"
)

// maxNodes is how many like fields of one message are listed.
const maxNodes = 1000

// explainChunked is a chunked body: as many chunks as are there.
func explainChunked(raw []byte, off, total int) decoders.Field {
	body := decoders.Field{Label: "Chunked body", Value: thousands(int64(total-off)) + " bytes on the wire", Off: off, Len: total - off,
		Doc: "Content in pieces, each with its length, because the whole length was not known beforehand. A chunk of length 0 ends it (RFC 9112 §7.1)."}
	text := string(raw)
	for off < len(text) {
		if len(body.Children) == maxNodes {
			body.Children = append(body.Children, decoders.Field{Label: "More chunks", Off: off, Len: total - off})
			break
		}
		f, last := explainChunk(text, off, total)
		body.Children = append(body.Children, f)
		off += f.Len
		if last || f.Len == 0 {
			break
		}
	}
	return body
}

// explainChunk is the chunk at off. last says that nothing follows: it is the
// last chunk, or is broken or not all there.
func explainChunk(text string, off, total int) (f decoders.Field, last bool) {
	line, next := lineAt(text, min(off, len(text)))
	size, ext, ok := parseChunkHead(line.of(text))
	f = decoders.Field{Label: "Chunk", Off: off, Len: total - off}
	if !ok || next == len(text) && (next == 0 || text[next-1] != '\n') {
		f.Value, f.Bad = "broken or cut short", !ok
		f.Doc = "Bad: " + badChunkSize + "."
		return f, true
	}
	head := decoders.Field{Name: "http.chunk_size", Label: "Chunk size", Value: thousands(size) + " bytes", Off: off, Len: len(chunkDigits(line.of(text))),
		Doc: "Length of the chunk's data in hexadecimal digits (RFC 9112 §7.1)."}
	f.Children = append(f.Children, head)
	if ext != "" {
		f.Children = append(f.Children, decoders.Field{Label: "Chunk extension", Value: ext, Off: line.off + line.len - len(ext), Len: len(ext),
			Doc: "Parameters of this chunk; receivers ignore those that they do not know (RFC 9112 §7.1.1)."})
	}
	f.Children = append(f.Children, endOfLine(text, line.off+line.len, next))
	if size == 0 {
		return explainLast(text, f, next), true
	}
	f.Value = thousands(size) + " bytes"
	f.Doc = "A piece of the content with its length (RFC 9112 §7.1)."
	rest := int64(total - next)
	n := int(min(size, rest))
	f.Children = append(f.Children, decoders.Field{Name: "http.chunk_data", Label: "Data", Value: thousands(int64(n)) + " bytes", Off: next, Len: n,
		Doc: "The chunk's part of the content."})
	end := next + n
	if end < len(text) {
		if _, after := lineAt(text, end); after-end <= 2 && text[after-1] == '\n' {
			f.Children = append(f.Children, endOfLine(text, end, after))
			f.Len = after - off
			return f, false
		}
		f.Bad, f.Doc = true, "Bad: "+badChunkEnd+"."
		return f, true
	}
	if end+2 <= total { // beyond what is shown
		f.Len = end + 2 - off
	}
	return f, true
}

// explainLast is the last chunk with the trailer section.
func explainLast(text string, f decoders.Field, off int) decoders.Field {
	f.Label, f.Value = "Last chunk", "0 bytes"
	f.Doc = "Its size is 0: the content is complete. Trailer fields may follow, and an empty line ends the message (RFC 9112 §7.1)."
	var bad problems
	fields, end, whole := parseFields(text[off:], 0, &bad)
	for i := range fields {
		if i == maxNodes {
			break
		}
		t := explainField(text[off:], &fields[i], off)
		t.Doc = strings.TrimSpace("A trailer field: it comes after the content (RFC 9112 §7.1.2). " + t.Doc)
		f.Children = append(f.Children, t)
	}
	if whole {
		eol := off + end - 1
		if eol > off && text[eol-1] == '\r' {
			eol--
		}
		f.Children = append(f.Children, endOfLine(text, eol, off+end))
		f.Len = off + end - f.Off
	}
	return f
}

// chunkDigits are the digits that a chunk header starts with.
func chunkDigits(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, "0123456789abcdefABCDEF"))]
}
