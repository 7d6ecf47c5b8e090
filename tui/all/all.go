// Package all is the one list of views.
package all

import (
	"netscope/tui/ladder"
	"netscope/tui/view"
)

// Views makes every view, in the order in which the number keys choose them.
func Views() []func() view.View {
	return []func() view.View{
		func() view.View { return ladder.New() },
	}
}
