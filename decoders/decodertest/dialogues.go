package decodertest

import "strings"

// Dialogues are conversations of many protocols, well formed and not: any
// decoder must be safe on all of them.
func Dialogues() map[string][]Turn {
	page := strings.Repeat("<p>The quick brown fox jumps over the lazy dog.</p>\n", 40)
	return map[string][]Turn{
		"nothing": {EndA(), EndB()},
		"echo":    {A("hello"), B("HELLO"), A("Grüße\r\n"), B("GRÜSSE\r\n"), EndA(), EndB()},
		"http persistent": {
			A("GET / HTTP/1.1\r\nHost: a.example\r\nCookie: id=1678\r\n\r\n"),
			B("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2080\r\n\r\n" + page),
			A("POST /form HTTP/1.1\r\nHost: a.example\r\nContent-Length: 7\r\n\r\na=1&b=2"),
			B("HTTP/1.1 204 No Content\r\n\r\n"), EndA(), EndB()},
		"http pipelined": {
			A("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
			B("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
			EndA(), EndB()},
		"http chunked": {
			A("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
			B("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n10\r\n, world of bytes\r\n0\r\nX-Sum: 7\r\n\r\n"),
			EndA(), EndB()},
		"http until close": {
			A("GET / HTTP/1.0\r\n\r\n"), B("HTTP/1.0 200 OK\r\n\r\n" + page), EndB(), EndA()},
		"http interim and upgrade": {
			A("PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
			B("HTTP/1.1 100 Continue\r\n\r\n"), A("ok"), B("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
			A("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
			B("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x02hi"),
			A("\x81\x82\x01\x02\x03\x04ik"), EndA(), EndB()},
		"http tunnel": {
			A("CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n\x16\x03\x01"), B("HTTP/1.1 200 OK\r\n\r\n\x16\x03\x03"), EndA(), EndB()},
		"http 0.9": {A("GET /old\r\n"), B("<html>so simple</html>"), EndB(), EndA()},
		"http broken": {
			A("GET/ HTTP/1.1\r\nHost: a\r\n\r\n"), B("HTTP/1.0 400 Bad Request\r\nContent-Length: 4\r\n\r\noops"),
			A("what is this?\r\nGET /2 HTTP/1.1\r\nHost : a\r\nno colon\r\n\r\n"), B("HTTP/1.1 2OO OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n???"),
			EndA(), EndB()},
		"smtp": {
			B("220 hamburger.edu\r\n"), A("HELO crepes.fr\r\n"), B("250 Hello crepes.fr, pleased to meet you\r\n"),
			A("MAIL FROM: <alice@crepes.fr>\r\n"), B("250 ok\r\n"), A("DATA\r\n"), B("354 go\r\n"),
			A("Do you like ketchup?\r\n.\r\n"), B("250 ok\r\n"), A("QUIT\r\n"), B("221 bye\r\n"), EndB(), EndA()},
		"rtsp":   {A("OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\n\r\n"), B("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"), EndA(), EndB()},
		"h2":     {A("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"), B("\x00\x00\x00\x04\x00\x00\x00\x00\x00"), EndA(), EndB()},
		"binary": {A("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"), B("\x16\x03\x03\x00\x02\x02\x28\n\n\r\n\x00"), A(strings.Repeat("\x00\xff\n", 3000)), EndA(), EndB()},
		"long":   {A(strings.Repeat("x", 20_000) + "\r\n" + strings.Repeat("\r\n", 2500)), B(strings.Repeat("HTTP/1.", 3000)), EndA(), EndB()},
		"mixed":  {B("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"), A("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Gap(1, 1, "HTTP/1.1 200 OK\r\n"), Gap(0, 9, "GET /"), EndA(), EndB()},
	}
}
