// Package keylog reads key logs: the secrets of TLS and QUIC connections, one a
// line, as browsers, curl and most libraries write them when SSLKEYLOGFILE is
// set (the NSS key log format; a pcapng decryption secrets block holds the
// same text).
//
// It keeps secrets and finds them again, nothing more: it must not know of
// files, nor of what a secret is good for.
package keylog

import (
	"bytes"
	"encoding/hex"
	"sync"

	"netscope/decoders"
)

// Bounds. A log that grows beyond them forgets its oldest secrets.
const (
	maxSecrets = 1 << 18
	maxLine    = 1 << 10 // bytes; longer lines are passed over
	maxLabel   = 64      // bytes
	maxSecret  = 64      // bytes: no hash in use is longer
)

// Log is a key log. Its zero value is empty and ready for use. It may be
// written and read at the same time.
type Log struct {
	mu      sync.RWMutex
	secrets map[key][]byte
	order   []key // oldest first, from index gone
	gone    int
	part    []byte // a line whose end has not come
	long    bool   // … that is too long
	bad     int
}

type key struct {
	label  string
	random [32]byte
}

var _ decoders.SecretSource = (*Log)(nil)

// Write adds text as it comes, cut anywhere: a file that another program
// appends to. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(p)
	return len(p), nil
}

// Add adds a whole log, whose last line may lack its end: the data of a pcapng
// decryption secrets block.
func (l *Log) Add(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// What Write has begun goes on after this.
	part, long := l.part, l.long
	l.part, l.long = nil, false
	l.write(p)
	l.write([]byte("\n"))
	l.part, l.long = part, long
}

func (l *Log) write(p []byte) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			break
		}
		line := p[:i]
		if len(l.part) > 0 {
			line = append(l.part, line...)
		}
		if l.long || len(line) > maxLine {
			l.bad++
		} else {
			l.line(line)
		}
		l.part, l.long = l.part[:0], false
		p = p[i+1:]
	}
	if len(l.part)+len(p) > maxLine {
		l.part, l.long = l.part[:0], true
		return
	}
	l.part = append(l.part, p...)
}

// line reads "label client-random secret", both in hexadecimal. Comments and
// empty lines say nothing; RSA lines name no connection and are not used.
func (l *Log) line(b []byte) {
	f := bytes.Fields(b)
	if len(f) == 0 || f[0][0] == '#' || len(f) == 3 && string(f[0]) == "RSA" {
		return
	}
	if len(f) != 3 || !isLabel(f[0]) || len(f[2]) < 2 || len(f[2]) > 2*maxSecret {
		l.bad++
		return
	}
	k := key{label: string(f[0])}
	secret := make([]byte, hex.DecodedLen(len(f[2])))
	if len(f[1]) != hex.EncodedLen(len(k.random)) {
		l.bad++
		return
	}
	if _, err := hex.Decode(k.random[:], f[1]); err != nil {
		l.bad++
		return
	}
	if _, err := hex.Decode(secret, f[2]); err != nil {
		l.bad++
		return
	}
	l.put(k, secret)
}

func (l *Log) put(k key, secret []byte) {
	if l.secrets == nil {
		l.secrets = map[key][]byte{}
	}
	if _, had := l.secrets[k]; !had {
		l.order = append(l.order, k)
	}
	l.secrets[k] = secret
	for len(l.secrets) > maxSecrets {
		delete(l.secrets, l.order[l.gone])
		l.gone++
	}
	if l.gone > maxSecrets {
		l.order = append([]key(nil), l.order[l.gone:]...)
		l.gone = 0
	}
}

// isLabel says whether b is made of capital letters, digits and underscores.
func isLabel(b []byte) bool {
	for _, c := range b {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return len(b) <= maxLabel
}

// Secret implements [decoders.SecretSource]. The caller must not change what
// it gets.
func (l *Log) Secret(label string, clientRandom [32]byte) (secret []byte, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	secret, ok = l.secrets[key{label, clientRandom}]
	return secret, ok
}

// Len is the number of secrets kept.
func (l *Log) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.secrets)
}

// Bad is the number of lines that were not understood.
func (l *Log) Bad() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.bad
}
