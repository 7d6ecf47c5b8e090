package file

import (
	"encoding/binary"
	"io"

	"netscope/capture"
)

// pcapHeader is what the file header of a pcap file says about its records.
type pcapHeader struct {
	big     bool   // byte order
	frac    uint32 // nanoseconds in a unit of the fraction: 1000 or 1
	recLen  int    // bytes of a record header
	format  string
	link    capture.LinkType
	snapLen uint32
	minor   uint16
}

const pcapFileHeader = 24

// pcapMagic knows the five kinds: microseconds and nanoseconds in either byte
// order, and Kuznetzov's, whose records carry eight bytes more.
func pcapMagic(b []byte) (h pcapHeader, ok bool) {
	if len(b) < 4 {
		return h, false
	}
	magic := binary.LittleEndian.Uint32(b)
	for range 2 {
		switch magic {
		case 0xa1b2c3d4:
			return pcapHeader{big: h.big, frac: 1000, recLen: 16, format: "pcap"}, true
		case 0xa1b23c4d:
			return pcapHeader{big: h.big, frac: 1, recLen: 16, format: "pcap (nanoseconds)"}, true
		case 0xa1b2cd34:
			return pcapHeader{big: h.big, frac: 1000, recLen: 24, format: "pcap (modified)"}, true
		}
		magic = binary.BigEndian.Uint32(b)
		h.big = true
	}
	return h, false
}

func (h pcapHeader) detect(in *input) (string, func(*runner) error, error) {
	b, err := in.peek(pcapFileHeader)
	if err == io.EOF {
		return "", nil, short("pcap")
	}
	if err != nil {
		return "", nil, err
	}
	h.minor = u16(b[6:], h.big)
	h.snapLen = u32(b[16:], h.big)
	// The upper half holds the length of a frame check sequence.
	h.link = capture.LinkType(u32(b[20:], h.big) & 0xffff)
	in.use(pcapFileHeader)
	return h.format, h.read, nil
}

func (h pcapHeader) read(x *runner) error {
	if _, err := x.tap(capture.Tap{Link: h.link, SnapLen: int(min(h.snapLen, 1<<31-1))}); err != nil {
		return err
	}
	p := capture.Packet{Link: h.link}
	for {
		b, err := x.in.peek(h.recLen)
		if err != nil {
			if err = x.ended(err, len(b), "a packet header"); err == io.EOF {
				return nil
			}
			return err
		}
		incl, orig := u32(b[8:], h.big), u32(b[12:], h.big)
		if h.minor < 3 || h.minor == 3 && incl > orig {
			incl, orig = orig, incl // old libpcap wrote them the other way round
		}
		if incl > maxPacket {
			return x.in.cut("packet %d claims to have %d captured bytes, which no packet has", x.next+1, incl)
		}
		n := h.recLen + int(incl)
		if b, err = x.in.peek(n); err != nil {
			return x.ended(err, len(b), "a packet")
		}
		p.At = unixTime(int64(u32(b, h.big)), int64(u32(b[4:], h.big))*int64(h.frac))
		p.Arrived = p.At
		p.Length = wireLength(orig, incl)
		p.Data = b[h.recLen:n:n]
		if err := x.packet(&p, h.recLen); err != nil {
			return err
		}
		x.in.use(n)
	}
}

// wireLength is the original length of a packet. Broken files claim less than
// was captured.
func wireLength(orig, captured uint32) int {
	return int(min(max(orig, captured), 1<<31-1))
}

func u16(b []byte, big bool) uint16 {
	if big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func u32(b []byte, big bool) uint32 {
	if big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func u64(b []byte, big bool) uint64 {
	if big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}
