package frames

import "netscope/decoders/timeline"

// Steps implements view.Stepped.
func (v *View) Steps() timeline.Granularity { return timeline.ByUnit }
