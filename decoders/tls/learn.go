package tls

// learn takes from a whole handshake message what the connection's state
// depends on.
func (p *parser) learn(s *side, msg []byte, sealed bool) {
	c := &p.conn
	body := msg[hsHeaderLen:]
	switch msg[0] {
	case hsClientHello:
		p.hello(s, parseClientHello(body))
	case hsServerHello:
		h := parseServerHello(body)
		c.server, c.answered = h.small(), true
		c.version, c.suite = h.chosen, suiteOf(h.suite)
		c.alpn = h.alpn
		if !c.haveHello {
			c.client = s.dir.Other()
		}
		p.renewKeys()
	case hsEncryptedExtensions:
		r := reader{b: body}
		for _, e := range parseExtensions(&r) {
			if e.typ == extALPN {
				if names := parseALPN(&reader{b: e.data}); len(names) > 0 {
					c.alpn = names[0]
				}
			}
		}
	case hsFinished:
		if c.version == tls13 && sealed {
			s.prot.turn(epochApplication)
		}
	case hsEndOfEarlyData:
		s.prot.turn(epochHandshake)
	case hsKeyUpdate:
		if sealed && s.prot.epoch >= epochApplication {
			s.prot.turn(s.prot.epoch + 1)
		}
	}
}

// hello takes note of a ClientHello: a handshake begins.
func (p *parser) hello(s *side, h clientHello) {
	c := &p.conn
	retried := c.haveHello && c.answered && c.server.retry
	again := c.haveHello && c.version != 0 && c.version != tls13
	c.hello, c.haveHello, c.client = h.small(), true, s.dir
	switch {
	case retried: // the second of one handshake; what the server has chosen stands
		p.side[s.dir].prot.begin(false)
		return
	case again: // a renegotiation: the old keys protect it until the cipher changes
		c.answered = false
		return
	}
	c.answered = false
	c.server, c.version, c.suite, c.alpn = serverHello{}, 0, nil, ""
	p.side[s.dir].prot.begin(h.early)
	p.side[s.dir.Other()].prot.begin(false)
}
