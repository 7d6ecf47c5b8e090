package view

import (
	"io"

	"netscope/capture"
	"netscope/capture/layers"
	"netscope/decoders"
	"netscope/decoders/timeline"
)

// Direct is the plain [Explainer]: it decodes at every call. The shell puts a
// cache before it.
type Direct struct{ Timeline *timeline.Snapshot }

// PacketTree decodes a packet's layers.
func (d Direct) PacketTree(id capture.PacketID) layers.Tree {
	data, err := d.Timeline.PacketData(id)
	if err != nil {
		return layers.Tree{Err: "the bytes of this packet cannot be read: " + err.Error()}
	}
	return layers.Decode(d.Timeline.LinkType(id), data, int(d.Timeline.Packet(id).Length))
}

// PacketInfo is a packet's line in a list.
func (d Direct) PacketInfo(id capture.PacketID) layers.Summary {
	data, err := d.Timeline.PacketData(id)
	if err != nil {
		return layers.Summary{Info: "the bytes of this packet cannot be read: " + err.Error()}
	}
	return layers.Summarize(d.Timeline.LinkType(id), data, int(d.Timeline.Packet(id).Length))
}

// MessageTree decodes a message's fields.
func (d Direct) MessageTree(id timeline.MessageID) decoders.Field { return d.Timeline.Explain(id) }

// MessageBody reads the first max bytes of a message's content.
func (d Direct) MessageBody(id timeline.MessageID, max int) (content []byte, more bool, err error) {
	r, err := d.Timeline.Body(id)
	if err != nil || r == nil {
		return nil, false, err
	}
	content, err = io.ReadAll(io.LimitReader(r, int64(max)+1))
	if len(content) > max {
		return content[:max], true, err
	}
	return content, false, err
}
