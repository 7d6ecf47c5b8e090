package client

const (
	// maxStrikes is how many peers of one address are banned before the address
	// is. It is more than one, because many may share an address.
	maxStrikes = 3
	maxBanned  = 4096
)

// ban cuts a peer off for good. It is called only when the peer alone can have
// sent what was wrong.
func (c *Client) ban(key, why string) {
	if c.banned[key] || len(c.banned) >= maxBanned {
		return
	}
	c.banned[key] = true
	name := key
	for _, p := range c.snapshot() {
		if p.key() != key {
			continue
		}
		name = p.name()
		if len(c.strikes) < maxBanned && !p.addr.Addr().IsLoopback() {
			c.strikes[p.addr.Addr()]++
		}
		if p.candidate != nil {
			p.candidate.useless = true
		} else if k := c.byAddr[p.listen]; k != nil {
			k.useless = true
		}
		c.drop(p, why)
	}
	c.note("banned", name+" is banned: "+why, map[string]any{"peer": name, "reason": why})
}
