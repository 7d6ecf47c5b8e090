package file

import (
	"errors"
	"fmt"
	"io"
	"time"

	"netscope/capture"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockIDB = 1          // interface description
	blockPB  = 2          // packet, obsolete
	blockSPB = 3          // simple packet
	blockNRB = 4          // name resolution
	blockISB = 5          // interface statistics
	blockEPB = 6          // enhanced packet
	blockDSB = 10         // decryption secrets
	blockSHB = 0x0A0D0D0A // section header; the same in either byte order
)

const (
	blockFrame  = 12         // type, length, and length again at the end
	byteOrder   = 0x1A2B3C4D // magic number of a section
	sectionHead = 28
)

// ngReader is the state of reading a pcapng file: that of the current section.
type ngReader struct {
	*runner
	big     bool // byte order of the section
	marked  bool // netscope wrote the section: local-use code points are ours
	ifaces  []iface
	last    time.Time // of the packet before, for packets that carry no time
	p       capture.Packet
	dropped capture.Drops // last told
}

// iface is one interface of a section.
type iface struct {
	tap     capture.TapID
	link    capture.LinkType
	snapLen uint32
	tick    tick
	drops   capture.Drops
}

func isNg(b []byte) bool { return len(b) >= 4 && u32(b, false) == blockSHB }

// detectNg looks at the first section header without using it up.
func detectNg(in *input) (string, func(*runner) error, error) {
	b, err := in.peek(sectionHead)
	if err == io.EOF {
		return "", nil, short("pcapng")
	}
	if err != nil {
		return "", nil, err
	}
	if _, err := sectionOrder(b); err != nil {
		return "", nil, &FormatError{Looks: "pcapng, but " + err.Error()}
	}
	return "pcapng", func(x *runner) error {
		return (&ngReader{runner: x, last: time.Unix(0, 0).UTC()}).read()
	}, nil
}

// sectionOrder finds the byte order of a section and checks its version.
func sectionOrder(b []byte) (big bool, err error) {
	switch {
	case u32(b[8:], false) == byteOrder:
	case u32(b[8:], true) == byteOrder:
		big = true
	default:
		return false, errors.New("a section header has no byte-order magic")
	}
	// 1.2 has been written by mistake and means 1.0.
	if major := u16(b[12:], big); major != 1 {
		return big, fmt.Errorf("a section is of version %d.%d, and only version 1 is known", major, u16(b[14:], big))
	}
	return big, nil
}

func (n *ngReader) read() error {
	for {
		switch err := n.block(); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// block reads one block. It returns io.EOF at the end of the file.
func (n *ngReader) block() error {
	b, err := n.in.peek(blockFrame)
	if err != nil {
		return n.ended(err, len(b), "a block header")
	}
	kind := u32(b, n.big)
	if kind == blockSHB {
		// The length can only be read once the byte order is known.
		if b, err = n.in.peek(sectionHead); err != nil {
			return n.ended(err, len(b), "a section header")
		}
		if n.big, err = sectionOrder(b); err != nil {
			return n.in.cut("%v", err)
		}
	}
	size := u32(b[4:], n.big)
	if size < blockFrame || size > maxBlock || kind == blockSHB && size < sectionHead {
		return n.in.cut("a block of type %#x claims to be %d bytes long, which no block is", kind, size)
	}
	if !n.wanted(kind) {
		return n.skip(kind, int(size))
	}
	if size > maxParsed {
		return n.in.cut("a block of type %#x claims to be %d bytes long, more than any packet needs", kind, size)
	}
	if b, err = n.in.peek(int(size)); err != nil {
		return n.ended(err, len(b), "a block")
	}
	if again := u32(b[size-4:], n.big); again != size {
		return n.in.cut("a block of type %#x says at its start that it is %d bytes long and at its end %d", kind, size, again)
	}
	if err := n.parse(kind, b[8:size-4:size-4]); err != nil {
		return err
	}
	n.in.use(int(size))
	return nil
}

// wanted says whether a kind of block is looked into. The others are skipped:
// unknown ones, custom ones, and those that hold nothing for us.
func (n *ngReader) wanted(kind uint32) bool {
	switch kind {
	case blockEPB, blockSPB, blockPB, blockSHB, blockIDB, blockNRB, blockISB, blockDSB:
		return true
	}
	return kind == blockPrivate && n.marked
}

func (n *ngReader) parse(kind uint32, body []byte) error {
	switch kind {
	case blockEPB:
		return n.enhancedPacket(body)
	case blockSPB:
		return n.simplePacket(body)
	case blockPB:
		return n.oldPacket(body)
	case blockSHB:
		return n.section(body)
	case blockIDB:
		return n.interfaceDescription(body)
	case blockNRB:
		return n.names(body)
	case blockISB:
		return n.statistics(body)
	case blockDSB:
		return n.secrets(body)
	}
	return n.privateRecord(body)
}

// skip passes over a block of which nothing needs to be kept.
func (n *ngReader) skip(kind uint32, size int) error {
	start := n.in.off
	err := n.in.discard(int64(size) - 4)
	var b []byte
	if err == nil {
		b, err = n.in.peek(4)
	}
	if err != nil {
		err = n.ended(err, 1, "a block")
		var c *cut
		if errors.As(err, &c) {
			c.off = start
		}
		return err
	}
	if again := u32(b, n.big); again != uint32(size) {
		return &cut{start, fmt.Sprintf("a block of type %#x says at its start that it is %d bytes long and at its end %d", kind, size, again)}
	}
	n.in.use(4)
	return nil
}
