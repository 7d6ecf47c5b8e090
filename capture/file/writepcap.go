package file

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"

	"netscope/capture"
)

// pcapEncoder writes pcap. The header waits for the first packet, which says
// the link type.
type pcapEncoder struct {
	begun bool
	link  capture.LinkType
	guess *capture.LinkType // the first tap's, for a file without packets
	b     [pcapFileHeader]byte
}

func (e *pcapEncoder) begin(out *bufio.Writer, link capture.LinkType) error {
	e.begun, e.link = true, link
	le := binary.LittleEndian
	b := le.AppendUint32(e.b[:0], 0xa1b23c4d)
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 4)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(b, 262144)
	b = le.AppendUint32(b, uint32(link))
	_, err := out.Write(b)
	return err
}

func (e *pcapEncoder) packet(out *bufio.Writer, p *capture.Packet) error {
	if !e.begun {
		if err := e.begin(out, p.Link); err != nil {
			return err
		}
	}
	if p.Link != e.link {
		return fmt.Errorf("a pcap file holds one link type, and this capture has %v and %v; write pcapng instead, to a name that ends in .pcapng", e.link, p.Link)
	}
	le := binary.LittleEndian
	at := unixNano(p.At)
	b := le.AppendUint32(e.b[:0], uint32(min(at/1e9, math.MaxUint32)))
	b = le.AppendUint32(b, uint32(at%1e9))
	b = le.AppendUint32(b, uint32(len(p.Data)))
	b = le.AppendUint32(b, uint32(max(p.Length, len(p.Data))))
	if _, err := out.Write(b); err != nil {
		return err
	}
	_, err := out.Write(p.Data)
	return err
}

func (e *pcapEncoder) meta(_ *bufio.Writer, m capture.Meta) error {
	if t, ok := m.(capture.Tap); ok && e.guess == nil {
		e.guess = &t.Link
	}
	return nil
}

func (e *pcapEncoder) private(*bufio.Writer, Private) error { return nil }
func (e *pcapEncoder) flush(*bufio.Writer) error            { return nil }

func (e *pcapEncoder) finish(out *bufio.Writer) error {
	if e.begun {
		return nil
	}
	link := capture.LinkEthernet
	if e.guess != nil {
		link = *e.guess
	}
	return e.begin(out, link)
}
