package tls

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/keylog"
)

// identity is a self-signed certificate.
func identity(t testing.TB, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(0xbeef), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name, "*." + name},
		NotBefore: time.Unix(1e9, 0), NotAfter: time.Unix(4e9, 0), BasicConstraintsValid: true, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// session is a TLS session made by crypto/tls: the client says hello, the server
// answers with a page, both close in order.
type session struct {
	rec  recording
	log  keylog.Log
	page []byte
}

func talk(t testing.TB, client, server *tls.Config) *session {
	t.Helper()
	s := &session{page: bytes.Repeat([]byte("The quick brown fox. "), 3000)}
	client.KeyLogWriter = &s.log
	client.InsecureSkipVerify = true
	s.rec.came.L = &s.rec.mu
	a, b := &wire{decoders.AtoB, &s.rec}, &wire{decoders.BtoA, &s.rec}
	c, d := tls.Client(a, client), tls.Server(b, server)
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 5)
		if _, err := io.ReadFull(d, buf); err != nil {
			t.Error(err)
		}
		for b := s.page; len(b) > 0; b = b[min(len(b), 2000):] {
			_, _ = d.Write(b[:min(len(b), 2000)])
		}
		_ = d.CloseWrite()
		_, _ = io.Copy(io.Discard, d)
	})
	_, _ = c.Write([]byte("hello"))
	got, _ := io.ReadAll(c)
	if !bytes.Equal(got, s.page) {
		t.Errorf("the page did not come: %d bytes", len(got))
	}
	_ = c.CloseWrite()
	_ = a.Close()
	wg.Wait()
	s.rec.turns = append(s.rec.turns, decodertest.EndA(), decodertest.EndB())
	return s
}

func tcp() decoders.Hint { return decoders.Hint{Transport: decoders.TCP} }

// names are the messages of a session, those of the server in small letters.
func (c *conversation) names() string {
	var out []string
	for i := range c.sink.messages {
		m := &c.sink.messages[i]
		if m.Level != decoders.MessageLevel {
			continue
		}
		n := m.Name
		if m.Dir == decoders.BtoA {
			n = strings.ToLower(n)
		}
		if m.Err != "" {
			n += " !" + m.Err
		}
		out = append(out, n)
	}
	return strings.Join(out, ", ")
}

func (s *session) check(t *testing.T) *conversation {
	t.Helper()
	c := converse(tcp(), &s.log)
	c.turns(s.rec.turns)
	if got := c.out.data[0].String(); got != "hello" {
		t.Errorf("the client said %q", got)
	}
	if !bytes.Equal(c.out.data[1].Bytes(), s.page) {
		t.Errorf("%d bytes of plaintext, want %d", c.out.data[1].Len(), len(s.page))
	}
	if !c.out.ended[0] || !c.out.ended[1] || c.out.gaps != [2]int64{} {
		t.Errorf("ended %v, gaps %v", c.out.ended, c.out.gaps)
	}
	return c
}

func TestSuites(t *testing.T) {
	server := func() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{identity(t, "a.example")}} }
	for _, id := range []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256} {
		t.Run(suiteName(id), func(t *testing.T) {
			s := talk(t, &tls.Config{ServerName: "a.example", NextProtos: []string{"h2", "http/1.1"}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{id}},
				&tls.Config{Certificates: server().Certificates, NextProtos: []string{"http/1.1"}})
			c := s.check(t)
			const want = "Client Hello, server hello, certificate, server key exchange, server hello done, Client Key Exchange, Change Cipher Spec, Finished, " +
				"change cipher spec, finished, alert, Alert"
			if got := c.names(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if c.out.proto != "http1" {
				t.Errorf("the protocol inside is %q", c.out.proto)
			}
			battery(t, s)
		})
	}
	t.Run("TLS 1.3", func(t *testing.T) {
		s := talk(t, &tls.Config{ServerName: "a.example", NextProtos: []string{"h2"}}, &tls.Config{Certificates: server().Certificates, NextProtos: []string{"h2"}})
		c := s.check(t)
		const want = "Client Hello, server hello, change cipher spec, encrypted extensions, certificate, certificate verify, finished, " +
			"Change Cipher Spec, Finished, alert, Alert"
		if got := c.names(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if c.out.proto != "http2" {
			t.Errorf("the protocol inside is %q", c.out.proto)
		}
		for _, m := range c.sink.messages {
			if m.Name == "Certificate" && (str(&m, "x509af.subject") != "CN=a.example" || list(&m, "x509ce.dNSName", "") != "a.example|*.a.example") {
				t.Errorf("%+v", m.Fields)
			}
		}
		battery(t, s)
	})
	t.Run("client certificate", func(t *testing.T) {
		cfg := server()
		cfg.ClientAuth = tls.RequireAnyClientCert
		c := talk(t, &tls.Config{Certificates: []tls.Certificate{identity(t, "me")}}, cfg).check(t)
		if got := c.names(); !strings.Contains(got, "certificate request, certificate, certificate verify, finished, Change Cipher Spec, Certificate, Certificate Verify, Finished") {
			t.Error(got)
		}
	})
	t.Run("resumption and retry", func(t *testing.T) {
		cfg := server()
		cfg.CurvePreferences = []tls.CurveID{tls.CurveP384}
		client := &tls.Config{ServerName: "a.example", ClientSessionCache: tls.NewLRUClientSessionCache(4), CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP384}}
		c := talk(t, client, cfg).check(t)
		if got := c.names(); !strings.HasPrefix(got, "Client Hello, hello retry request, change cipher spec, Change Cipher Spec, Client Hello, server hello, encrypted extensions") {
			t.Error(got)
		}
		if got := talk(t, client, cfg).check(t).names(); strings.Contains(got, "certificate") {
			t.Error("not resumed: " + got)
		}
	})
	t.Run("TLS 1.2 resumption", func(t *testing.T) {
		client := &tls.Config{ServerName: "a.example", ClientSessionCache: tls.NewLRUClientSessionCache(4), MaxVersion: tls.VersionTLS12}
		cfg := server()
		if got := talk(t, client, cfg).check(t).names(); !strings.Contains(got, "Finished, new session ticket, change cipher spec") {
			t.Error(got)
		}
		// crypto/tls logs no secret for a session that it resumes with TLS 1.2.
		s := talk(t, client, cfg)
		c := converse(tcp(), &s.log)
		c.turns(s.rec.turns)
		if got := c.names(); !strings.HasPrefix(got, "Client Hello, server hello, new session ticket, change cipher spec, encrypted handshake message, Change Cipher Spec, Encrypted Handshake Message, Application Data") {
			t.Error(got)
		}
	})
}

// battery runs the battery of all decoders over a session, with its secrets and
// without.
func battery(t *testing.T, s *session) {
	t.Helper()
	var short []decodertest.Turn
	for _, turn := range s.rec.turns {
		if len(turn.Data) > 4000 {
			continue // the page: it makes the battery long
		}
		short = append(short, turn)
	}
	for _, d := range []decoders.Decoder{Decoder{}, keyed{secrets: &s.log, out: &plaintext{}}} {
		for _, mid := range []bool{false, true} {
			h := tcp()
			h.Midway = mid
			decodertest.Splits(t, d, h, short)
			decodertest.Prefixes(t, d, h, short)
			decodertest.Gaps(t, d, h, short)
		}
		decodertest.Verdicts(t, d, short)
	}
}

// records splits what a session's sides have sent into records, one a turn.
func (s *session) records() []decodertest.Turn {
	var rest [2]string
	var out []decodertest.Turn
	for _, turn := range s.rec.turns {
		b := rest[turn.Dir] + turn.Data
		for len(b) >= headerLen && len(b) >= recordLen([]byte(b[:headerLen])) {
			n := recordLen([]byte(b[:headerLen]))
			out = append(out, decodertest.Turn{Dir: turn.Dir, Data: b[:n]})
			b = b[n:]
		}
		rest[turn.Dir] = b
	}
	return append(out, decodertest.EndA(), decodertest.EndB())
}

// TestLostRecords takes whole records, and pieces of records, out of the page:
// what comes after them is decrypted all the same.
func TestLostRecords(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := talk(t, &tls.Config{MaxVersion: version}, &tls.Config{Certificates: []tls.Certificate{identity(t, "a.example")}})
		all := s.records()
		var data []int
		for i, r := range all {
			if r.Dir == decoders.BtoA && len(r.Data) > 1000 && r.Data[0] == typeData {
				data = append(data, i)
			}
		}
		data = data[len(data)-16:]
		for _, c := range []struct {
			name     string
			from, to int // bytes cut out of what the records in data hold
			lost     int // records
		}{
			{"one record", len(all[data[3]].Data), len(all[data[3]].Data) + 1, 1},
			{"within a record", 100, 500, 0},
			{"across a border", 500, 3000, 0},
			{"many", 20, 9000, 0},
		} {
			t.Run(versionName(version)+" "+c.name, func(t *testing.T) {
				var turns []decodertest.Turn
				if c.lost > 0 {
					for i, r := range all {
						if i == data[3] {
							all[i+1].Gap = int64(len(r.Data))
							turns = append(turns, all[i+1])
							all[i+1].Gap = 0
						} else if i != data[3]+1 {
							turns = append(turns, r)
						}
					}
				} else {
					joined := ""
					for _, i := range data {
						joined += all[i].Data
					}
					turns = append(turns, all[:data[0]]...)
					turns = append(turns, decodertest.B(joined[:c.from]), decodertest.Gap(decoders.BtoA, int64(c.to-c.from), joined[c.to:]))
					turns = append(turns, all[data[len(data)-1]+1:]...)
				}
				v := converse(tcp(), &s.log)
				v.turns(turns)
				got := v.out.data[1].Bytes()
				if n := len(s.page) - len(got); n <= 0 || n > 30000 || v.out.gaps[1] == 0 {
					t.Errorf("%d of %d bytes, gaps %v: %s", len(got), len(s.page), v.out.gaps, v.names())
				}
				if tail := s.page[len(s.page)-1000:]; !bytes.HasSuffix(got, tail) {
					t.Error("the end is not there: " + v.names())
				}
				if !v.out.ended[1] {
					t.Error("not ended: " + v.names())
				}
			})
		}
	}
}

// TestReasons checks that what is not decrypted is said.
func TestReasons(t *testing.T) {
	cfg := &tls.Config{Certificates: []tls.Certificate{identity(t, "a.example")}}
	s13 := talk(t, &tls.Config{}, cfg)
	s12 := talk(t, &tls.Config{MaxVersion: tls.VersionTLS12}, cfg)
	cbc := talk(t, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}},
		&tls.Config{Certificates: cfg.Certificates, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}})
	for _, c := range []struct {
		name    string
		s       *session
		secrets decoders.SecretSource
		skip    int
		want    string
	}{
		{"no log, 1.3", s13, nil, 0, whyNoLog},
		{"no log, 1.2", s12, nil, 0, whyNoLog},
		{"other log, 1.3", s13, &s12.log, 0, whyNoRandom},
		{"other log, 1.2", s12, &s13.log, 0, whyNoRandom},
		{"CBC", cbc, &cbc.log, 0, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA is not decrypted"},
		{"midway", s13, &s13.log, 10, whyNoHello},
	} {
		h := tcp()
		turns := c.s.records()[c.skip:]
		h.Midway = c.skip > 0
		v := converse(h, c.secrets)
		v.turns(turns)
		found := 0
		for i := range v.sink.messages {
			m := &v.sink.messages[i]
			if why := str(m, fieldSealed); why != "" {
				found++
				if !strings.Contains(why, c.want) {
					t.Errorf("%s: %s says %q, want %q", c.name, m.Name, why, c.want)
				}
			}
			if m.Err != "" && c.skip == 0 {
				t.Errorf("%s: %s: %s", c.name, m.Name, m.Err)
			}
		}
		if found < 3 {
			t.Errorf("%s: %d reasons: %s", c.name, found, v.names())
		}
	}
}

// TestLateSecrets gives the secrets only when the handshake is over.
func TestLateSecrets(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := talk(t, &tls.Config{MaxVersion: version}, &tls.Config{Certificates: []tls.Certificate{identity(t, "a.example")}})
		turns := s.records()
		var late later
		c := converse(tcp(), &late)
		for i, turn := range turns {
			if i == len(turns)*2/3 {
				late.SecretSource = &s.log
			}
			c.Feed(time.Unix(0, 0), turn.Dir, turn.Gap, []byte(turn.Data), turn.End)
		}
		got := c.out.data[1].Bytes()
		if len(got) == 0 || !bytes.HasSuffix(s.page, got) || c.out.gaps[1] == 0 {
			t.Errorf("%s: %d bytes, gaps %v: %s", versionName(version), len(got), c.out.gaps, c.names())
		}
	}
}

// later is a source that has nothing until it is given a log.
type later struct{ decoders.SecretSource }

func (l *later) Secret(label string, random [32]byte) ([]byte, bool) {
	if l.SecretSource == nil {
		return nil, false
	}
	return l.SecretSource.Secret(label, random)
}
