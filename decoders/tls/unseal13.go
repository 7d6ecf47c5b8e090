package tls

// Labels of the key log (the NSS key log format).
const (
	labelEarly           = "CLIENT_EARLY_TRAFFIC_SECRET"
	labelClientHandshake = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
	labelServerHandshake = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
	labelClientTraffic   = "CLIENT_TRAFFIC_SECRET_0"
	labelServerTraffic   = "SERVER_TRAFFIC_SECRET_0"
)

// unseal13 decrypts a record of TLS 1.3 (RFC 8446 §5.2). The keys of the
// present epoch are tried first, then those of the next ones: how the epoch
// ends may have been missed, or could not be read.
func (p *parser) unseal13(s *side, r record) unsealed {
	c, x := &p.conn, &s.prot
	client := s.dir == c.client
	early := client && c.hello.early && x.epoch == epochEarly
	why := p.why()
	if why != "" && !early {
		return p.sealed(s, r, why)
	}
	last := max(x.epoch+1, epochApplication)
	if !c.answered {
		last = epochEarly
	}
	missing := ""
	some := false
	for e := x.epoch; e <= last; e++ {
		list, label := p.keys13(s, e)
		if list == nil && missing == "" {
			missing = label
		}
		for _, o := range list {
			some = true
			if seq, typ, data, ok := s.seek(o, r, e == x.epoch); ok {
				x.keys[e] = []*opener{o}
				return p.opened(s, e, seq, typ, data)
			}
		}
	}
	switch {
	case early && p.secret(labelEarly, c.hello.random) == nil && (!c.answered || !some):
		if p.secrets == nil {
			return p.sealed(s, r, whyNoLog)
		}
		return p.sealed(s, r, whyEarly)
	case missing == "":
		return p.failed(s, r)
	case !known(p.secrets, c.hello.random):
		return p.sealed(s, r, whyNoRandom)
	}
	return p.sealed(s, r, notDecrypted(whyNoSecret, missing))
}

// seek tries the sequence numbers that a record can have. Within the epoch at
// hand those of records seen are used up; in a later epoch none may be.
func (s *side) seek(o *opener, r record, present bool) (seq uint64, typ byte, data []byte, ok bool) {
	x := &s.prot
	if present {
		from := x.next + x.seen
		for seq = from; seq <= from+x.lost; seq++ {
			if typ, data, ok = s.try(o, r, seq); ok {
				return
			}
		}
		return
	}
	seen := min(x.seen, maxTries)
	for i := uint64(0); i <= seen; i++ {
		if seq = seen - i; x.seen > maxTries {
			seq = x.seen - i
		}
		if typ, data, ok = s.try(o, r, seq); ok {
			return
		}
	}
	for seq = x.seen + 1; seq <= x.seen+x.lost; seq++ {
		if typ, data, ok = s.try(o, r, seq); ok {
			return
		}
	}
	return
}

// keys13 are the keys of an epoch; more than one if it is not known yet which
// suite it has. label names the secret, for when it is missing.
func (p *parser) keys13(s *side, epoch int) (list []*opener, label string) {
	x := &s.prot
	if list := x.keys[epoch]; list != nil {
		return list, ""
	}
	c := &p.conn
	client := s.dir == c.client
	switch {
	case epoch == epochEarly:
		if !client {
			return nil, labelEarly
		}
		label = labelEarly
	case epoch == epochHandshake && client:
		label = labelClientHandshake
	case epoch == epochHandshake:
		label = labelServerHandshake
	case client:
		label = labelClientTraffic
	default:
		label = labelServerTraffic
	}
	secret := p.secret(label, c.hello.random)
	if secret == nil {
		return nil, label
	}
	if epoch == epochEarly {
		list = earlyOpeners(secret)
	} else {
		for range epoch - epochApplication {
			secret = nextSecret(c.suite, secret)
		}
		if o := opener13(c.suite, secret); o != nil {
			list = []*opener{o}
		}
	}
	if list == nil {
		return nil, label
	}
	if x.keys == nil {
		x.keys = map[int][]*opener{}
	}
	x.keys[epoch] = list
	return list, ""
}
