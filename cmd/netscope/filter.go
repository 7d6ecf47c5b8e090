package main

import (
	"netscope/decoders/filter"
	"netscope/decoders/timeline"
)

// keep compiles the display filter for a timeline; nil keeps everything.
func (f *outputFlags) keep(snap *timeline.Snapshot) (func(timeline.MessageID) bool, error) {
	if f.filter == "" {
		return nil, nil
	}
	fl, err := filter.Parse(f.filter)
	if err != nil {
		return nil, unreadable(err)
	}
	return func(id timeline.MessageID) bool { return fl.Match(snap, id) }, nil
}
