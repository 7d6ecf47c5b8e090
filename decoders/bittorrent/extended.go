package bittorrent

import (
	"fmt"
	"strings"

	"netscope/decoders"
	"netscope/decoders/bittorrent/bencode"
)

// extended reads a message of an extension (BEP 10): number 0 is the handshake
// in which a side says by which number it wants to be sent which extension.
func (p *parser) extended(s *side, c *decoders.Chunk, b []byte, e *decoders.Event, bad *string) {
	id, body := int(b[5]), b[6:]
	e.HeadLen = 6
	e.Fields = append(e.Fields, decoders.I("bittorrent.extended.id", int64(id)))
	if id == 0 {
		p.extHandshake(s, body, e, bad)
		return
	}
	name, ok := p.side[c.Dir.Other()].ext[id]
	if !ok {
		e.Summary = fmt.Sprintf("extended message %d, %s bytes", id, thousands(int64(len(body))))
		return
	}
	e.Name, e.Summary = name, fmt.Sprintf("%s, %s bytes", name, thousands(int64(len(body))))
	switch name {
	case nameMetadata:
		p.metadata(s, c, body, e, bad)
	case namePEX:
		if v, _, why := bencode.Parse(body); why == "" {
			added := len(v.Text("added"))/6 + len(v.Text("added6"))/18
			dropped := len(v.Text("dropped"))/6 + len(v.Text("dropped6"))/18
			e.Fields = append(e.Fields, decoders.I("bittorrent.pex.added", int64(added)), decoders.I("bittorrent.pex.dropped", int64(dropped)))
			e.Summary = fmt.Sprintf("ut_pex: %d peers joined, %d left", added, dropped)
		} else {
			*bad = why
		}
	case "lt_donthave":
		if len(body) == 4 {
			e.Fields = append(e.Fields, decoders.I("bittorrent.piece.index", int64(at(body, 0))))
			e.Summary = fmt.Sprintf("lt_donthave %d", at(body, 0))
		}
	}
}

// maxExtensions bounds how many extensions of one side are remembered.
const maxExtensions = 64

func (p *parser) extHandshake(s *side, body []byte, e *decoders.Event, bad *string) {
	e.Name = nameExtHandshake
	e.Summary = nameExtHandshake
	v, _, why := bencode.Parse(body)
	if why != "" || v.Kind != bencode.Dict {
		*bad = "the extended handshake is no bencoded dictionary (BEP 10)"
		if why != "" {
			*bad += ": " + why
		}
		return
	}
	if m := v.Get("m"); m != nil && m.Kind == bencode.Dict {
		if s.ext == nil {
			s.ext = map[int]string{}
		}
		var names []string
		for i := range m.Items {
			name, n := string(m.Keys[i].Str), m.Items[i].Int
			if m.Items[i].Kind != bencode.Int || n <= 0 || n > 255 || len(s.ext) >= maxExtensions || name == "" || len(name) > 40 {
				continue
			}
			s.ext[int(n)] = clean(name)
			names = append(names, clean(name))
		}
		if len(names) > 0 {
			e.Summary += ": " + strings.Join(names, ", ")
		}
	}
	if n, ok := v.Number("metadata_size"); ok {
		e.Fields = append(e.Fields, decoders.I("bittorrent.metadata_size", n))
	}
	if n, ok := v.Number("p"); ok && n > 0 && n < 1<<16 {
		e.Fields = append(e.Fields, decoders.I("bittorrent.listen_port", n))
	}
	if n, ok := v.Number("reqq"); ok {
		e.Fields = append(e.Fields, decoders.I("bittorrent.reqq", n))
	}
	if t := v.Text("v"); len(t) > 0 && len(t) < 200 {
		e.Fields = append(e.Fields, decoders.S("bittorrent.version", clean(string(t))))
	}
}

// metadata is a message of ut_metadata (BEP 9): type 0 asks for 16 KiB of the
// info dictionary, 1 brings them after the dictionary, 2 refuses.
func (p *parser) metadata(s *side, c *decoders.Chunk, body []byte, e *decoders.Event, bad *string) {
	v, n, why := bencode.Parse(body)
	if why != "" {
		*bad = why
		return
	}
	t, _ := v.Number("msg_type")
	piece, _ := v.Number("piece")
	e.HeadLen = int64(6 + n)
	e.Fields = append(e.Fields, decoders.I("bittorrent.ut_metadata.msg_type", t), decoders.I("bittorrent.ut_metadata.piece", piece))
	// Metadata has a number space of its own: no block of a piece is so short.
	bl := block{uint32(piece), 1, 0}
	switch t {
	case 0:
		e.Kind, e.Summary = decoders.Request, fmt.Sprintf("ut_metadata: request for part %d", piece)
		if len(s.asked) < maxAsked {
			s.asked[bl] = asked{p.key + 1, c.At}
		}
	case 1, 2:
		e.Kind, e.ReplyTo = decoders.Response, p.answer(c, bl).key
		e.Summary = fmt.Sprintf("ut_metadata: part %d, %s bytes", piece, thousands(int64(len(body)-n)))
		if t == 2 {
			e.Summary = fmt.Sprintf("ut_metadata: part %d is refused", piece)
		}
	default:
		*bad = fmt.Sprintf("ut_metadata knows no message type %d (BEP 9)", t)
	}
}

// clean makes text from the network safe to show.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfffd || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '·'
		}
		return r
	}, s)
}
