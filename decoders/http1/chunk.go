package http1

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"netscope/decoders"
)

// maxChunkHead is the longest chunk header, extensions included, in bytes.
const maxChunkHead = 16 << 10

// parseChunkHead parses chunk-size [ chunk-ext ] (RFC 9112 §7.1), without its
// terminator. ext is the extension as written, without the first semicolon.
func parseChunkHead(line string) (size int64, ext string, ok bool) {
	digits := line
	if i := strings.IndexFunc(line, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) }); i >= 0 {
		digits, ext = line[:i], strings.Trim(line[i:], " \t")
		if ext != "" && ext[0] != ';' {
			return 0, "", false
		}
		ext = strings.TrimPrefix(ext, ";")
	}
	size, err := strconv.ParseInt(digits, 16, 62)
	return size, ext, err == nil
}

// chunkHead reads a chunk's header and opens its unit.
func (p *parser) chunkHead(s *side, buf []byte, st *decoders.Step) int {
	j := bytes.IndexByte(buf[:min(len(buf), maxChunkHead)], '\n')
	if j < 0 {
		if len(buf) >= maxChunkHead {
			p.broken(s, badChunkLong, st)
		}
		return 0
	}
	size, ext, ok := parseChunkHead(string(cutEOL(buf[:j+1])))
	if !ok {
		p.broken(s, badChunkSize, st)
		return 0
	}
	s.chunk = unit{key: p.nextKey(), size: size}
	ev := decoders.Event{
		Op: decoders.Open, Key: s.chunk.key, Level: decoders.UnitLevel, Dir: s.dir, Kind: s.msg.kind, Proto: "HTTP/1.1",
		Name: nameChunk, Summary: "last chunk", Stream: -1, Off: s.off, HeadLen: int64(j + 1), PartOf: s.msg.key,
		Fields: []decoders.KV{decoders.I("http.chunk_size", size)},
	}
	if ext != "" {
		ev.Fields = append(ev.Fields, decoders.S("http.chunk_extension", ext))
	}
	if size > 0 {
		ev.Summary = fmt.Sprintf("chunk %s bytes", thousands(size))
		s.msg.left, s.state = size, inData
	} else {
		s.scan, s.state = headScan{started: true}, inTrailers
	}
	st.Events = append(st.Events, ev)
	return j + 1
}

// chunkEnd reads the CR LF after a chunk's data.
func (p *parser) chunkEnd(s *side, buf []byte, st *decoders.Step) int {
	n := 1
	if buf[0] == '\r' {
		if len(buf) < 2 {
			return 0
		}
		n = 2
	}
	if buf[n-1] != '\n' {
		p.broken(s, badChunkEnd, st)
		return 0
	}
	p.closeChunk(s, s.off+int64(n), "", st)
	s.state = inChunk
	return n
}

// trailers reads the trailer section and the empty line after it
// (RFC 9112 §7.1.2), which end the message.
func (p *parser) trailers(s *side, buf []byte, st *decoders.Step) int {
	had := len(s.head)
	s.head = append(s.head, buf[:min(len(buf), maxHead-had)]...)
	n := s.scan.end(s.head)
	if n == 0 {
		used := len(s.head) - had
		if len(s.head) >= maxHead {
			s.off += int64(used)
			p.broken(s, badTrailers, st)
			s.off -= int64(used)
		}
		return used
	}
	fields, _, _ := parseFields(string(s.head[:n]), 0, &s.msg.bad)
	s.head, s.scan = nil, headScan{}
	if len(fields) > 0 {
		st.Events = append(st.Events, decoders.Event{Op: decoders.Update, Key: s.msg.key, Fields: trailerKVs(fields)})
	}
	end := s.off + int64(n-had)
	p.closeChunk(s, end, "", st)
	p.finish(s, end, st)
	return n - had
}

func (p *parser) closeChunk(s *side, end int64, bad string, st *decoders.Step) {
	st.Events = append(st.Events, decoders.Event{
		Op: decoders.Close, Key: s.chunk.key, Dir: s.dir, End: end, Len: s.chunk.size - s.msg.left, Err: bad,
	})
	s.chunk = unit{}
}

// broken ends the framing of a chunked message: what follows belongs to it up
// to the next start line.
func (p *parser) broken(s *side, why string, st *decoders.Step) {
	if s.chunk.key != 0 {
		p.closeChunk(s, s.off, why, st)
	}
	s.msg.bad.add(why)
	s.head, s.scan = nil, headScan{}
	s.state = skipping
}
