package file

import (
	"encoding/binary"
	"fmt"
	"io"

	"netscope/capture"
)

// Sun's snoop format, RFC 1761: everything is big-endian.
const (
	snoopFileHeader = 16
	snoopRecord     = 24
)

func detectSnoop(in *input) (string, func(*runner) error, error) {
	b, err := in.peek(snoopFileHeader)
	if err == io.EOF {
		return "", nil, short("snoop")
	}
	if err != nil {
		return "", nil, err
	}
	if string(b[:8]) != "snoop\x00\x00\x00" {
		return "", nil, &FormatError{Looks: look(b)}
	}
	if v := binary.BigEndian.Uint32(b[8:]); v != 2 {
		return "", nil, &FormatError{Looks: fmt.Sprintf("a snoop file of version %d; only version 2 is known", v)}
	}
	var link capture.LinkType
	switch code := binary.BigEndian.Uint32(b[12:]); code { // RFC 1761 numbers link types itself
	case 0, 4:
		link = capture.LinkEthernet
	case 2:
		link = 6 // token ring
	case 8:
		link = 10 // FDDI
	default:
		return "", nil, &FormatError{Looks: fmt.Sprintf("a snoop file of datalink type %d; convert it with editcap", code)}
	}
	in.use(snoopFileHeader)
	return "snoop", func(x *runner) error { return readSnoop(x, link) }, nil
}

func readSnoop(x *runner, link capture.LinkType) error {
	if _, err := x.tap(capture.Tap{Link: link}); err != nil {
		return err
	}
	p := capture.Packet{Link: link}
	for {
		b, err := x.in.peek(snoopRecord)
		if err != nil {
			if err = x.ended(err, len(b), "a packet header"); err == io.EOF {
				return nil
			}
			return err
		}
		orig, incl, rec := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
		if incl > maxPacket || rec > maxParsed || rec < snoopRecord+incl {
			return x.in.cut("packet %d claims %d bytes in a record of %d", x.next+1, incl, rec)
		}
		if b, err = x.in.peek(int(rec)); err != nil {
			return x.ended(err, len(b), "a packet")
		}
		n := snoopRecord + int(incl)
		p.At = unixTime(int64(binary.BigEndian.Uint32(b[16:])), int64(binary.BigEndian.Uint32(b[20:]))*1000)
		p.Arrived = p.At
		p.Length = wireLength(orig, incl)
		p.Data = b[snoopRecord:n:n]
		if err := x.packet(&p, snoopRecord); err != nil {
			return err
		}
		x.in.use(int(rec))
	}
}
