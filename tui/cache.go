package tui

import (
	tea "charm.land/bubbletea/v2"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/decoders"
	"netscope/decoders/timeline"
	"netscope/tui/view"
)

// cache is the shell's [view.Explainer]: it decodes what is asked for once.
// Lines and trees of what is on the screen are cheap and made at once; a long
// body is read in a command and is there a frame later.
type cache struct {
	direct view.Direct
	infos  map[capture.PacketID]layers.Summary
	trees  map[capture.PacketID]layers.Tree
	fields map[messageKey]decoders.Field
	bodies map[bodyKey]body
	want   map[bodyKey]bool // asked for and not yet under way
	busy   map[bodyKey]bool
}

// messageKey changes while a message grows.
type messageKey struct {
	id     timeline.MessageID
	total  int64
	closed bool
}

type bodyKey struct {
	messageKey
	max int
}

type body struct {
	content []byte
	more    bool
	err     error
}

// What is kept at most; then the cache starts anew, which costs a few
// milliseconds.
const (
	keepInfos  = 4096
	keepTrees  = 64
	keepBodies = 16
	longBody   = 64 << 10 // content longer than this is read in a command
)

func newCache() *cache {
	c := &cache{want: map[bodyKey]bool{}, busy: map[bodyKey]bool{}}
	c.clear()
	return c
}

func (c *cache) clear() {
	c.infos = map[capture.PacketID]layers.Summary{}
	c.trees = map[capture.PacketID]layers.Tree{}
	c.fields = map[messageKey]decoders.Field{}
	c.bodies = map[bodyKey]body{}
}

// use says which snapshot the next frame shows.
func (c *cache) use(s *timeline.Snapshot) { c.direct.Timeline = s }

func (c *cache) key(id timeline.MessageID) messageKey {
	m := c.direct.Timeline.Message(id)
	return messageKey{id, m.Total, m.Closed}
}

// PacketInfo implements view.Explainer.
func (c *cache) PacketInfo(id capture.PacketID) layers.Summary {
	if s, ok := c.infos[id]; ok {
		return s
	}
	if len(c.infos) >= keepInfos {
		clear(c.infos)
	}
	s := c.direct.PacketInfo(id)
	c.infos[id] = s
	return s
}

// PacketTree implements view.Explainer.
func (c *cache) PacketTree(id capture.PacketID) layers.Tree {
	if s, ok := c.trees[id]; ok {
		return s
	}
	if len(c.trees) >= keepTrees {
		clear(c.trees)
	}
	s := c.direct.PacketTree(id)
	c.trees[id] = s
	return s
}

// MessageTree implements view.Explainer.
func (c *cache) MessageTree(id timeline.MessageID) decoders.Field {
	k := c.key(id)
	if s, ok := c.fields[k]; ok {
		return s
	}
	if len(c.fields) >= keepTrees {
		clear(c.fields)
	}
	s := c.direct.MessageTree(id)
	c.fields[k] = s
	return s
}

// MessageBody implements view.Explainer. While a long body is being read it
// is empty, with more to come.
func (c *cache) MessageBody(id timeline.MessageID, max int) (content []byte, more bool, err error) {
	k := bodyKey{c.key(id), max}
	if b, ok := c.bodies[k]; ok {
		return b.content, b.more, b.err
	}
	if k.total <= longBody {
		return c.keep(k, c.read(k))
	}
	if !c.busy[k] {
		c.want[k] = true
	}
	return nil, true, nil
}

func (c *cache) read(k bodyKey) (b body) {
	b.content, b.more, b.err = c.direct.MessageBody(k.id, k.max)
	return b
}

func (c *cache) keep(k bodyKey, b body) ([]byte, bool, error) {
	if len(c.bodies) >= keepBodies {
		clear(c.bodies)
	}
	c.bodies[k] = b
	return b.content, b.more, b.err
}

// bodyMsg brings a long body.
type bodyMsg struct {
	track int
	key   bodyKey
	body  body
}

// work is a command that reads one of the bodies that were asked for.
func (c *cache) work(track int) tea.Cmd {
	for k := range c.want {
		delete(c.want, k)
		c.busy[k] = true
		d := c.direct
		return func() tea.Msg {
			b := body{}
			b.content, b.more, b.err = d.MessageBody(k.id, k.max)
			return bodyMsg{track, k, b}
		}
	}
	return nil
}

func (c *cache) take(m bodyMsg) {
	delete(c.busy, m.key)
	c.keep(m.key, m.body)
}
