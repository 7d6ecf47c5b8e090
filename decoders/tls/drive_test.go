package tls

import (
	"bytes"
	"time"

	"netscope/decoders"
	"netscope/decoders/data"
	"netscope/decoders/decodertest"
	"netscope/decoders/drive"
)

// keyed is the decoder with secrets, and collects the plaintext.
type keyed struct {
	Decoder
	secrets decoders.SecretSource
	out     *plaintext
}

// plaintext is what was handed on.
type plaintext struct {
	data  [2]bytes.Buffer
	gaps  [2]int64
	ended [2]bool
	proto string
}

func (k keyed) NewParser(h decoders.Hint, e decoders.Env) decoders.Parser {
	e.Secrets = k.secrets
	return &tap{k.Decoder.NewParser(h, e), k.out}
}

type tap struct {
	decoders.Parser
	out *plaintext
}

func (t *tap) Next(c decoders.Chunk) (decoders.Step, error) {
	st, err := t.Parser.Next(c)
	for _, in := range st.Inner {
		t.out.gaps[in.Dir] += in.Gap
		t.out.data[in.Dir].Write(in.Data)
		t.out.ended[in.Dir] = t.out.ended[in.Dir] || in.End
		t.out.proto = in.Proto
	}
	return st, err
}

// sink collects messages as the timeline would.
type sink struct{ messages []decodertest.Message }

func (s *sink) Open(_ int, ev *decoders.Event, partOf, replyTo drive.ID) drive.ID {
	s.messages = append(s.messages, decodertest.Message{Event: *ev})
	m := &s.messages[len(s.messages)-1]
	m.PartOf, m.ReplyTo = uint64(partOf+1)&0xffffffff, uint64(replyTo+1)&0xffffffff
	return drive.ID(len(s.messages) - 1)
}

func (s *sink) Update(id drive.ID, ev *decoders.Event) {
	m := &s.messages[id]
	m.Fields = append(m.Fields[:len(m.Fields):len(m.Fields)], ev.Fields...)
	if ev.Summary != "" {
		m.Summary = ev.Summary
	}
}

func (s *sink) Close(id drive.ID, ev *decoders.Event) {
	m := &s.messages[id]
	m.End, m.Len, m.Err, m.Closed = ev.End, ev.Len, ev.Err, true
}

// Inner has been taken by the decoder that keeps plaintext.
// conversation is one being driven.
type conversation struct {
	*drive.Conv
	sink sink
	out  plaintext
}

func converse(h decoders.Hint, secrets decoders.SecretSource) *conversation {
	c := &conversation{}
	c.Conv = drive.New([]decoders.Decoder{keyed{secrets: secrets, out: &c.out}, data.Decoder{}}, h, "", drive.Limits{}, &c.sink)
	return c
}

func (c *conversation) turns(dialogue []decodertest.Turn) {
	for _, t := range dialogue {
		c.Feed(time.Unix(0, 0), t.Dir, t.Gap, []byte(t.Data), t.End)
	}
	c.Finish(time.Unix(0, 0))
}

func (s *sink) Inner(*decoders.Inner) {}
