package session

import (
	"context"
	"fmt"
	"io/fs"
	"net/netip"
	"os"

	"netscope/capture"
	"netscope/capture/file"
	"netscope/decoders/timeline"
)

// write writes what a snapshot holds to a file, complete or not at all.
func (r Real) write(ctx context.Context, s *timeline.Snapshot, path string, replace bool) error {
	if _, err := os.Stat(path); err == nil && !replace {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	out, err := file.Create(path, file.CreateOptions{Options: file.Options{Application: r.Application}})
	if err != nil {
		return err
	}
	defer out.Close()
	if err := head(out, s); err != nil {
		return err
	}
	notes := s.Notes()
	first, end := s.PacketRange()
	for id := first; id < end; id++ {
		if id%1024 == 0 && ctx.Err() != nil {
			return errStopped
		}
		row := s.Packet(id)
		for len(notes) > 0 && notes[0].At <= row.At {
			if err := out.Meta(noteOf(s, notes[0])); err != nil {
				return err
			}
			notes = notes[1:]
		}
		data, err := s.PacketData(id)
		if err != nil {
			return fmt.Errorf("packet %d cannot be read any more: %w; nothing has been written", id+1, err)
		}
		if err := out.Packet(packetOf(s, id, row, data)); err != nil {
			return err
		}
	}
	return out.Commit()
}

// head writes what comes before the packets: interfaces, names, secrets.
func head(out capture.Sink, s *timeline.Snapshot) error {
	var ms []capture.Meta
	for _, t := range s.Taps() {
		ms = append(ms, t)
	}
	for _, c := range s.Comments() {
		ms = append(ms, capture.Comment(c))
	}
	for _, k := range s.Secrets() {
		ms = append(ms, k)
	}
	seen := map[netip.Addr]bool{}
	for i := range s.Conversations() {
		c := s.Conversation(timeline.ConvID(i))
		for _, a := range []netip.Addr{c.A.Addr(), c.B.Addr()} {
			if n := s.HostName(a); n != "" && !seen[a] {
				ms = append(ms, capture.Name{Addr: a, Host: n})
			}
			seen[a] = true
		}
	}
	for _, m := range ms {
		if err := out.Meta(m); err != nil {
			return err
		}
	}
	return nil
}

func noteOf(s *timeline.Snapshot, n timeline.NoteRow) capture.Note {
	return capture.Note{At: timeAt(s, n.At), Host: n.Host, Proto: n.Proto, Name: n.Name, Summary: n.Summary, Data: n.Data}
}

func packetOf(s *timeline.Snapshot, id capture.PacketID, row timeline.PacketRow, data []byte) capture.Packet {
	p := capture.Packet{
		ID: id, At: timeAt(s, row.At), Loss: row.Loss, Link: s.LinkType(id), Tap: capture.TapID(row.Tap),
		Length: int(row.Length), Data: data, Comment: s.PacketComment(id), Ref: -1,
	}
	if row.Arrived >= 0 {
		p.Arrived = timeAt(s, row.Arrived)
	}
	return p
}
