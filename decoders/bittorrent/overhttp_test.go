package bittorrent

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
)

// A tracker's answer is read however the network cuts it, within its head too.
func TestTrackerAnswerInPieces(t *testing.T) {
	ask := "GET /announce?info_hash=" + hash + "&peer_id=-TR4100-abcdefghijkl&port=6881&left=7 HTTP/1.1\r\nHost: t\r\n\r\n"
	body := "d8:completei3e10:incompletei1e8:intervali1800e5:peers6:\x0a\x00\x00\x01\x1a\xe1e"
	head := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Long: " + strings.Repeat("x", 300) + "\r\n"
	whole := head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	chunked := head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", 9, body[:9], len(body)-9, body[9:])
	r := rand.New(rand.NewPCG(1, 2))
	dialogue := []decodertest.Turn{
		decodertest.A(ask), decodertest.B(whole),
		decodertest.A(ask), decodertest.B(chunked), // on the same connection
		decodertest.A(ask + ask), decodertest.B("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + whole + whole),
		decodertest.EndA(), decodertest.EndB(),
	}
	for most := range 300 {
		res := decodertest.Drive(overTest(), decoders.Hint{Transport: decoders.TCP}, dialogue, func(n int) int { return 1 + r.IntN(min(n, most+1)) })
		read := 0
		for _, m := range res.Messages {
			if kv, ok := decoders.Lookup(m.Fields, "bt-tracker.interval"); ok && kv.Int == 1800 {
				read++
			}
		}
		if read != 4 || len(res.Violations) > 0 {
			t.Fatalf("pieces of up to %d bytes: %d of 4 answers were read; %v", most+1, read, res.Violations)
		}
	}
}
