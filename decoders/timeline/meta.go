package timeline

import (
	"strings"

	"netscope/capture"
)

// What a file may bring beside packets is bounded.
const (
	maxNames      = 1 << 14 // names of addresses
	maxTaps       = 1 << 16 // interfaces
	maxSecrets    = 32 << 20
	maxComments   = 1 << 10 // on the whole capture
	maxComment    = 1 << 16 // bytes of one
	secretsBeside = 64      // bytes that an entry costs beside its data

	nssKeyLog = 0x544c534b // type of secrets in pcapng: "TLSK"
)

// Meta adds what a source tells beside packets. It implements capture.Sink.
func (b *Builder) Meta(m capture.Meta) error {
	switch m := m.(type) {
	case capture.Tap:
		b.tap(m)
	case capture.Name:
		if b.nhosts < maxNames {
			b.nhosts++
			b.hosts.Store(m.Addr.Unmap(), m.Host)
		}
	case capture.Secrets:
		if cost := len(m.Data) + secretsBeside; b.secrets+cost <= maxSecrets {
			b.secrets += cost
			m.Data = append([]byte(nil), m.Data...)
			if m.Type == nssKeyLog {
				b.keyLog.Add(m.Data)
			}
			b.share(func(sh *shared) { sh.secrets = append(sh.secrets, m) })
		}
	case capture.Comment:
		if len(b.shared.comments) < maxComments {
			text := cut(string(m))
			b.share(func(sh *shared) { sh.comments = append(sh.comments, text) })
		}
	case capture.Truncated:
		b.share(func(sh *shared) { sh.cut = &m })
	case capture.Note:
		b.note(m)
	case capture.Clock:
		b.begin(m.At)
		b.advance(b.time(m.At))
		b.now = max(b.now, b.time(m.At)) // a live source's, too
	case capture.Progress:
		b.tail.progress = m
	case capture.Drops:
		b.tail.drops = m
	}
	b.publish()
	return nil
}

// tap notes an interface. Appending may write behind what readers of older
// snapshots see, never into it.
func (b *Builder) tap(t capture.Tap) {
	b.share(func(sh *shared) {
		n := capture.TapID(len(sh.taps))
		if t.ID < n { // told again
			sh.taps = append([]capture.Tap(nil), sh.taps...)
			sh.taps[t.ID] = t
			return
		}
		for ; n < t.ID && n < maxTaps; n++ {
			sh.taps = append(sh.taps, capture.Tap{ID: n})
		}
		if n < maxTaps {
			sh.taps = append(sh.taps, t)
		}
	})
}

func (b *Builder) note(n capture.Note) {
	b.begin(n.At)
	at := b.time(n.At)
	b.advance(at)
	pos := Position(b.moments.n)
	if !b.opt.Lab {
		pos = Position(b.packets.n)
	}
	b.notes.append(NoteRow{At: at, Position: pos, Host: n.Host, Proto: n.Proto, Name: n.Name, Summary: n.Summary,
		Data: append([]byte(nil), n.Data...)})
}

// comment keeps a packet's comment.
func (b *Builder) comment(packet uint32, text string) error {
	text = cut(text)
	b.scratch = append(b.scratch[:0], text...)
	ref, err := b.opt.Details.Put(b.scratch)
	if err == nil {
		b.comments.append(commentRow{packet, uint32(len(text)), ref})
	}
	return err
}

// cut shortens a comment to what a person might read.
func cut(s string) string {
	if len(s) > maxComment {
		s = s[:maxComment]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
