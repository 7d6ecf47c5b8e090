// Package all is the one list of labs.
package all

import (
	"netscope/protocols/bittorrent/labs/distribution"
	"netscope/protocols/bittorrent/labs/swarm"
	"netscope/protocols/dns"
	"netscope/protocols/lab"
	"netscope/protocols/web"
)

// List is every lab, in the order in which they are shown.
func List() []lab.Lab {
	return []lab.Lab{
		web.NewConnections(),
		web.NewMultiplexing(),
		web.NewLostPacket(),
		web.NewRace(),
		dns.Resolve{},
		dns.Records{},
		dns.Cache{},
		dns.Security{},
		distribution.Lab{},
		swarm.Lab{},
	}
}
