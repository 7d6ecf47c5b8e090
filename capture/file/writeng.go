package file

import (
	"bufio"
	"encoding/binary"

	"netscope/capture"
)

// ngEncoder writes one pcapng section, little-endian, in nanoseconds. The
// section header waits for the first record, so that comments on the capture
// that come before get into it.
type ngEncoder struct {
	opt      Options
	begun    bool
	b        []byte // the block being built
	ifaces   []written
	names    []capture.Name // not written yet
	comments []string       // on the capture, not written yet
	notes    []string       // for the next packet
	drops    *capture.Drops // last told
	last     uint64         // time of the last packet
	zero     [4]byte
}

// written is an interface description in the file; its number is its place.
type written struct {
	tap  capture.TapID
	link capture.LinkType
}

// open starts a block; close completes and writes it.
func (e *ngEncoder) open(kind uint32) {
	e.b = binary.LittleEndian.AppendUint32(e.b[:0], kind)
	e.u32(0) // length, filled in by close
}

func (e *ngEncoder) close(out *bufio.Writer) error {
	size := uint32(len(e.b) + 4)
	binary.LittleEndian.PutUint32(e.b[4:], size)
	e.u32(size)
	_, err := out.Write(e.b)
	return err
}

func (e *ngEncoder) u16(v uint16) { e.b = binary.LittleEndian.AppendUint16(e.b, v) }
func (e *ngEncoder) u32(v uint32) { e.b = binary.LittleEndian.AppendUint32(e.b, v) }
func (e *ngEncoder) u64(v uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, v) }

// stamp writes a time as pcapng has it: the upper half first.
func (e *ngEncoder) stamp(v uint64) {
	e.u32(uint32(v >> 32))
	e.u32(uint32(v))
}

// padded writes bytes and zeros up to a multiple of four.
func (e *ngEncoder) padded(s string) {
	e.b = append(e.b, s...)
	e.b = append(e.b, e.zero[:pad4(len(s))-len(s)]...)
}

// option writes a text option; longer texts than an option holds are cut.
func (e *ngEncoder) option(code uint16, s string) {
	const most = 1<<16 - 1
	if len(s) > most {
		s = text([]byte(s[:most-3])) // room for the mark of a rune cut in two
	}
	e.u16(code)
	e.u16(uint16(len(s)))
	e.padded(s)
}

func (e *ngEncoder) textOption(code uint16, s string) {
	if s != "" {
		e.option(code, s)
	}
}

func (e *ngEncoder) number(code uint16, v uint64) {
	e.u16(code)
	e.u16(8)
	e.u64(v)
}

func (e *ngEncoder) begin(out *bufio.Writer) error {
	if e.begun {
		return nil
	}
	e.begun = true
	e.open(blockSHB)
	e.u32(byteOrder)
	e.u16(1)
	e.u16(0)
	e.u64(1<<64 - 1) // section length not known
	for _, c := range e.comments {
		e.textOption(optComment, c)
	}
	e.comments = nil
	e.textOption(shbHardware, e.opt.Hardware)
	e.textOption(shbOS, e.opt.OS)
	e.textOption(shbUserAppl, e.opt.Application)
	e.option(optMarker, marker)
	e.option(optEnd, "")
	return e.close(out)
}

// ready writes what must stand before the next block.
func (e *ngEncoder) ready(out *bufio.Writer) error {
	if err := e.begin(out); err != nil {
		return err
	}
	if len(e.names) == 0 && len(e.comments) == 0 {
		return nil
	}
	return e.writeNames(out)
}

// writeNames writes one block for all names that have come since the last, and
// comments on the capture that have come too late for the section header.
func (e *ngEncoder) writeNames(out *bufio.Writer) error {
	e.open(blockNRB)
	for _, n := range e.names {
		kind, addr := uint16(1), n.Addr.Unmap().AsSlice()
		if len(addr) == 16 {
			kind = 2
		}
		e.u16(kind)
		e.u16(uint16(len(addr) + len(n.Host) + 1))
		e.padded(string(addr) + n.Host + "\x00")
	}
	e.u32(0) // end of the records
	for _, c := range e.comments {
		e.textOption(optComment, c)
	}
	if len(e.comments) > 0 {
		e.option(optEnd, "")
	}
	e.names, e.comments = e.names[:0], nil
	return e.close(out)
}
