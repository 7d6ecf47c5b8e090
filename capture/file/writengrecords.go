package file

import (
	"bufio"
	"fmt"
	"strings"

	"netscope/capture"
)

func (e *ngEncoder) packet(out *bufio.Writer, p *capture.Packet) error {
	if err := e.ready(out); err != nil {
		return err
	}
	ifc, err := e.iface(out, p.Tap, p.Link)
	if err != nil {
		return err
	}
	e.last = unixNano(p.At)
	e.open(blockEPB)
	e.u32(ifc)
	e.stamp(e.last)
	e.u32(uint32(len(p.Data)))
	e.u32(uint32(max(p.Length, len(p.Data))))
	e.b = append(e.b, p.Data...)
	e.b = append(e.b, e.zero[:pad4(len(p.Data))-len(p.Data)]...)
	e.packetOptions(p)
	return e.close(out)
}

func (e *ngEncoder) packetOptions(p *capture.Packet) {
	before := len(e.b)
	for _, n := range e.notes {
		e.textOption(optComment, n)
	}
	e.notes = e.notes[:0]
	e.textOption(optComment, p.Comment)
	switch {
	case p.Loss != capture.NotLost:
		e.option(optLoss, string([]byte{byte(p.Loss)}))
	case !p.Arrived.IsZero() && !p.Arrived.Equal(p.At):
		e.number(optFlight, uint64(p.Arrived.Sub(p.At)))
	}
	if len(e.b) > before {
		e.option(optEnd, "")
	}
}

// iface gives the number of the interface that a packet was seen on, and
// describes it first if the source has not: a Tap should have come before, but
// a file without its interface would be lost.
func (e *ngEncoder) iface(out *bufio.Writer, tap capture.TapID, link capture.LinkType) (uint32, error) {
	w := written{tap, link}
	if int(tap) < len(e.ifaces) && e.ifaces[tap] == w {
		return uint32(tap), nil
	}
	for i, f := range e.ifaces {
		if f == w {
			return uint32(i), nil
		}
	}
	err := e.describe(out, capture.Tap{ID: tap, Link: link})
	return uint32(len(e.ifaces) - 1), err
}

func (e *ngEncoder) describe(out *bufio.Writer, t capture.Tap) error {
	if t.Link > 1<<16-1 {
		return fmt.Errorf("pcapng cannot express %v", t.Link)
	}
	e.ifaces = append(e.ifaces, written{t.ID, t.Link})
	e.open(blockIDB)
	e.u16(uint16(t.Link))
	e.u16(0)
	e.u32(uint32(min(max(t.SnapLen, 0), 1<<31-1)))
	e.textOption(ifName, t.Name)
	e.textOption(ifDescription, t.Description)
	e.option(ifTsResol, "\x09")
	e.option(optEnd, "")
	return e.close(out)
}

func (e *ngEncoder) meta(out *bufio.Writer, m capture.Meta) error {
	switch m := m.(type) {
	case capture.Comment:
		e.comments = append(e.comments, string(m))
	case capture.Name:
		e.addName(m)
	case capture.Note:
		e.notes = append(e.notes, fmt.Sprintf("note %s: %s", m.Host, m.Summary))
	case capture.Drops:
		e.drops = &m
	case capture.Tap:
		if err := e.ready(out); err != nil {
			return err
		}
		return e.describe(out, m)
	case capture.Secrets:
		if err := e.ready(out); err != nil {
			return err
		}
		return e.writeSecrets(out, m)
	}
	return nil
}

// addName keeps a name for the next name resolution block. What such a block
// cannot hold is left out: an invalid address, an overlong name.
func (e *ngEncoder) addName(n capture.Name) {
	n.Host, _, _ = strings.Cut(n.Host, "\x00")
	if n.Addr.IsValid() && n.Host != "" && len(n.Host) < 1<<10 {
		e.names = append(e.names, n)
	}
}

func (e *ngEncoder) writeSecrets(out *bufio.Writer, s capture.Secrets) error {
	if len(s.Data) > maxPacket {
		return fmt.Errorf("a capture file cannot hold %d bytes of secrets in one piece", len(s.Data))
	}
	e.open(blockDSB)
	e.u32(s.Type)
	e.u32(uint32(len(s.Data)))
	e.padded(string(s.Data))
	return e.close(out)
}

func (e *ngEncoder) private(out *bufio.Writer, p Private) error {
	if err := e.ready(out); err != nil {
		return err
	}
	if len(p.JSON) > maxPacket || len(p.Kind) > 1<<10 {
		return fmt.Errorf("a record of %d bytes is too long for a capture file", len(p.JSON))
	}
	e.open(blockPrivate)
	e.u32(uint32(len(p.Kind)))
	e.padded(p.Kind)
	e.u32(uint32(len(p.JSON)))
	e.padded(string(p.JSON))
	return e.close(out)
}

func (e *ngEncoder) flush(out *bufio.Writer) error { return e.ready(out) }

// finish writes the statistics; notes that no packet has followed stand there.
func (e *ngEncoder) finish(out *bufio.Writer) error {
	if err := e.ready(out); err != nil {
		return err
	}
	if len(e.ifaces) == 0 || e.drops == nil && len(e.notes) == 0 {
		return nil
	}
	e.open(blockISB)
	e.u32(0)
	e.stamp(e.last)
	for _, n := range e.notes {
		e.textOption(optComment, n)
	}
	if e.drops != nil {
		e.number(isbOSDrop, e.drops.Kernel)
		if e.drops.Spool > 0 {
			e.number(optSpoolDrop, e.drops.Spool)
		}
	}
	e.option(optEnd, "")
	return e.close(out)
}
