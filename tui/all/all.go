// Package all is the one list of views.
package all

import (
	"netscope/tui/bits"
	"netscope/tui/chart"
	"netscope/tui/chart/progress"
	"netscope/tui/conversations"
	"netscope/tui/frames"
	"netscope/tui/hexdump"
	"netscope/tui/ladder"
	"netscope/tui/messages"
	"netscope/tui/packets"
	"netscope/tui/resolver"
	"netscope/tui/state"
	"netscope/tui/swarm"
	"netscope/tui/tree"
	"netscope/tui/view"
	"netscope/tui/waterfall"
)

// Views makes every view, in the order in which the number keys choose them.
func Views() []func() view.View {
	return []func() view.View{
		func() view.View { return messages.New(messages.Both) },
		func() view.View { return ladder.New() },
		func() view.View { return packets.New(tree.New(), hexdump.New()) },
		func() view.View { return waterfall.New() },
		func() view.View { return frames.New() },
		func() view.View { return conversations.New() },
		func() view.View { return state.New() },
		func() view.View { return resolver.New() },
		func() view.View { return swarm.New() },
		func() view.View { return chart.New(chart.Points{}, progress.New()) },
		func() view.View { return tree.New() },
		func() view.View { return hexdump.New() },
		func() view.View { return bits.New() },
		func() view.View { return messages.New(messages.Client) },
		func() view.View { return messages.New(messages.Server) },
	}
}
