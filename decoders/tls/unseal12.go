package tls

import "fmt"

const badDecrypt = "the record cannot be decrypted: the key does not fit, the record is damaged, or records before it are missing"

// unseal12 decrypts a record of TLS 1.2 or older (RFC 5246 §6.2.3.3).
func (p *parser) unseal12(s *side, r record) unsealed {
	x := &s.prot
	q := &x.current
	if why := p.whyNot(q); why != "" {
		return p.sealed(s, r, why)
	}
	list := x.keys[0]
	if list == nil {
		master := p.secret("CLIENT_RANDOM", q.client)
		if master == nil {
			if q.suite.rsa {
				return p.sealed(s, r, whyRSA)
			}
			return p.sealed(s, r, whyNoRandom)
		}
		o := opener12(q, master, s.dir == p.conn.client)
		if o == nil {
			return p.sealed(s, r, whyFailed)
		}
		list = []*opener{o}
		x.keys = map[int][]*opener{0: list}
	}
	seq, typ, data, ok := s.seek(list[0], r, true)
	if !ok {
		return p.failed(s, r)
	}
	return p.opened(s, x.epoch, seq, typ, data)
}

// whyNot says why these keys cannot be had, "" if they may be.
func (p *parser) whyNot(q *params) string {
	switch {
	case q.version == 0:
		if why := p.why(); why != "" {
			return why
		}
		return whyNoServer
	case q.version < tls10:
		return notDecrypted(whyVersion, versionName(q.version))
	case q.suite == nil:
		return notDecrypted(whyUnknown, p.conn.server.suite)
	case q.suite.kind == otherCipher:
		return notDecrypted(whyOldSuite, q.suite.name)
	case p.secrets == nil && q.suite.rsa:
		return whyRSA
	case p.secrets == nil:
		return whyNoLog
	}
	return ""
}

func notDecrypted(format string, a any) string { return fmt.Sprintf(format, a) }
