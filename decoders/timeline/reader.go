package timeline

import (
	"io"

	"netscope/capture"
	"netscope/decoders"
)

// StreamBytes reads up to max bytes of one direction of a conversation from
// stream offset off. Where bytes are missing it ends with ErrGap.
func (s *Snapshot) StreamBytes(c ConvID, d decoders.Dir, off int64, max int) ([]byte, error) {
	return io.ReadAll(s.StreamReader(c, d, off, int64(max)))
}

// StreamReader reads n bytes of one direction from off without holding them.
func (s *Snapshot) StreamReader(c ConvID, d decoders.Dir, off, n int64) io.Reader {
	return &streamReader{s: s, conv: c, dir: d, off: off, end: off + max(n, 0)}
}

type streamReader struct {
	s        *Snapshot
	conv     ConvID
	dir      decoders.Dir
	off, end int64
	idx      uint64 // of the segment where off lies, once found
	found    bool
}

// Read reads from one segment at a time.
func (r *streamReader) Read(p []byte) (int, error) {
	if r.off >= r.end || len(p) == 0 {
		return 0, io.EOF
	}
	cv := r.s.conv(r.conv)
	if cv == nil {
		return 0, io.EOF
	}
	dir := &cv.dirs[r.dir]
	end := dir.nsegs.Load()
	if !r.found {
		r.idx = dir.segs.search(dir.segs.first(), end, func(g *segRow) bool { return g.end() > r.off })
		r.found = true
	}
	row := dir.segs.at(r.idx)
	if r.idx >= end || row == nil {
		return 0, io.EOF
	}
	g, ok := r.s.b.unpack(row)
	if !ok || g.off > r.off {
		return 0, ErrGap
	}
	skip := int(r.off - g.off)
	n := int(min(int64(len(p)), int64(g.n)-int64(skip), r.end-r.off))
	if err := r.s.readSegment(p[:n], &g, skip); err != nil {
		return 0, err
	}
	r.off += int64(n)
	if r.off == g.off+int64(g.n) {
		r.idx++
	}
	return n, nil
}

func (s *Snapshot) readSegment(p []byte, g *seg, skip int) error {
	if g.pktOff >= 0 {
		row := s.b.packets.at(uint64(g.packet))
		if row == nil {
			return capture.ErrEvicted
		}
		return s.readRef(p, row.ref, int(g.pktOff)+skip)
	}
	a := s.b.aux.at(uint64(^g.pktOff))
	if a == nil {
		return capture.ErrEvicted
	}
	whole := make([]byte, a.n)
	err := s.b.opt.Store.ReadAt(whole, a.ref)
	copy(p, whole[min(skip, len(whole)):])
	return err
}
