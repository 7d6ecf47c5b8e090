package quic

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"netscope/decoders"
)

// seal protects a payload: the opposite of what the decoder does. head is the
// header without protection, the packet number at its end.
func (k *keys) seal(head, payload []byte, pn int64, pnLen int) []byte {
	var nonce [12]byte
	binary.BigEndian.PutUint64(nonce[4:], uint64(pn))
	for i := range nonce {
		nonce[i] ^= k.iv[i]
	}
	out := k.aead.Seal(bytes.Clone(head), nonce[:], payload, head)
	at := len(head) - pnLen
	m := k.mask(out[at+4 : at+4+sampleLen])
	bits := byte(0x1f)
	if head[0]&0x80 != 0 {
		bits = 0x0f
	}
	out[0] ^= m[0] & bits
	for i := range pnLen {
		out[at+i] ^= m[1+i]
	}
	return out
}

// The CRYPTO frames of RFC 9001 app. A.2 and A.3, which RFC 9369 app. A uses too.
const (
	vectorClient = "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868" +
		"04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578" +
		"616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
		"04616c706e000500050100000000003300260024001d00209370b2c9caa47fba" +
		"baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400" +
		"0d0010000e0403050306030203080408050806002d00020101001c0002400100" +
		"3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000" +
		"75300901100f088394c8f03e51570806048000ffff"
	vectorServer = "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf739" +
		"88cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c94" +
		"0d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00" +
		"020304"
	vectorDCID   = "8394c8f03e515708"
	vectorSecret = "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b"
)

// vector is what the two RFCs publish.
type vector struct {
	id                           uint32
	clientKey, clientIV, clientH string
	serverKey                    string
	head, first, last            string // of the client's Initial packet
	serverHead, server           string
	retry                        string
	chacha, chachaKey, updated   string
}

var vectors = []vector{
	{version1, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2",
		"cf3a5331653c364c88f0f379b6067e37",
		"c300000001088394c8f03e5157080000449e00000002", "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11",
		"7e78bfe706ca4cf5e9c5453e9f7cfd2b8b4c8d169a44e55c88d4a9a7f9474241e221af44860018ab0856972e194cd934",
		"c1000000010008f067a5502a4262b50040750001",
		"cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3" +
			"dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee",
		"ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba",
		"4cfe4189655e5cd55c41f69080575d7999c25a5bfb", "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
		"1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"},
	{version2, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9",
		"82db637861d55e1d011f19ea71d5d2a7",
		"d36b3343cf088394c8f03e5157080000449e00000002", "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485",
		"6f4c4938ae79324dc402894b44faf8afbab35282ab659d13c93f70412e85cb199a37ddec600545473cfb5a05e08d0b209973b2172b4d21fb69745a262ccde96ba18b2faa745b6fe189cf772a9f84cbfc",
		"d16b3343cf0008f067a5502a4262b50040750001",
		"dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf87263017915358230035f7fd3945d88965cf17" +
			"f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c984c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140",
		"cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6",
		"5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba", "", ""},
}

// clientInitial is the client's first packet of a vector.
func (v vector) clientInitial() []byte {
	ver, _ := lookup(v.id)
	c, _ := initialKeys(ver, unhex(vectorDCID))
	payload := append(unhex(vectorClient), make([]byte, 1162-245)...)
	return c.seal(unhex(v.head), payload, 2, 4)
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(versionName(v.id), func(t *testing.T) {
			ver, ok := lookup(v.id)
			if !ok {
				t.Fatal("unknown version")
			}
			client, server := initialKeys(ver, unhex(vectorDCID))
			for _, c := range []struct{ label, got, want string }{
				{"client key", hexOf(expand(aes128gcm, client.secret, ver.label+"key", 16)), v.clientKey},
				{"client iv", hexOf(client.iv), v.clientIV},
				{"client hp", hexOf(expand(aes128gcm, client.secret, ver.label+"hp", 16)), v.clientH},
				{"server key", hexOf(expand(aes128gcm, server.secret, ver.label+"key", 16)), v.serverKey},
			} {
				if c.got != c.want {
					t.Errorf("%s is %s, not %s", c.label, c.got, c.want)
				}
			}
			got := hexOf(v.clientInitial())
			if len(got) != 2400 || !strings.HasPrefix(got, v.first) || !strings.HasSuffix(got, v.last) {
				t.Errorf("the client's Initial packet is %s", got)
			}
			if got := hexOf(server.seal(unhex(v.serverHead), unhex(vectorServer), 1, 2)); got != v.server {
				t.Errorf("the server's Initial packet is %s", got)
			}
			h, err := parseLong(unhex(v.server))
			if p, ok := server.decrypt(h, unhex(v.server), -1); err != nil || !ok || p.number != 1 || hexOf(p.payload) != vectorServer {
				t.Errorf("the server's Initial packet decrypts to %+v, %v", p, err)
			}
			if !retryValid(ver, unhex(vectorDCID), unhex(v.retry)) {
				t.Error("the tag of Retry is refused")
			}
			if bad := unhex(v.retry); retryValid(ver, unhex("00"), bad) {
				t.Error("a wrong tag of Retry is accepted")
			}
			k := newKeys(chachaPoly, ver.label, unhex(vectorSecret))
			b := unhex(v.chacha)
			h, _ = parseShort(b, 0)
			if p, ok := k.decrypt(h, b, 654360563); !ok || p.number != 654360564 || hexOf(p.payload) != "01" {
				t.Errorf("the ChaCha20 packet decrypts to %+v, %v", p, ok)
			}
			if v.updated != "" && hexOf(k.next().secret) != v.updated {
				t.Errorf("after a key update the secret is %x", k.next().secret)
			}
		})
	}
}

func TestPacketNumber(t *testing.T) {
	for _, c := range []struct {
		largest int64
		low     uint64
		n       int
		want    int64
	}{
		{0xa82f30ea, 0x9b32, 2, 0xa82f9b32}, // RFC 9000 app. A.3
		{-1, 0, 1, 0}, {-1, 255, 1, 255}, {255, 0, 1, 256}, {256, 255, 1, 255}, {1000, 0xe7, 1, 999},
	} {
		if got := packetNumber(c.largest, c.low, c.n); got != c.want {
			t.Errorf("after %d, %#x of %d bytes is %d, not %d", c.largest, c.low, c.n, got, c.want)
		}
	}
}

// datagrams feeds datagrams to a parser and gives what it says, one line a
// message.
func datagrams(t *testing.T, env decoders.Env, turns ...[]byte) []string {
	t.Helper()
	r := drive(t, env, turns)
	var out []string
	for _, m := range r {
		s := fmt.Sprintf("%s %s: %s", m.Proto, m.Name, m.Summary)
		if m.Err != "" {
			s += " !" + m.Err
		}
		out = append(out, s)
	}
	return out
}

func TestInitialsWithoutKeys(t *testing.T) {
	for _, v := range vectors {
		got := datagrams(t, decoders.Env{}, v.clientInitial(), unhex(v.server))
		want := []string{
			"QUIC Initial: Initial 2: CRYPTO, PADDING", "QUIC CRYPTO: CRYPTO bytes 0-240",
			"QUIC Client Hello: Client Hello  example.com  TLS 1.3  alpn", "QUIC PADDING: PADDING 917 bytes",
			"QUIC Initial: Initial 1: ACK, CRYPTO", "QUIC ACK: ACK 0", "QUIC CRYPTO: CRYPTO bytes 0-89",
			"QUIC Server Hello: Server Hello  TLS 1.3  TLS_AES_128_GCM_SHA256  x25519"}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got\n%s", strings.Join(got, "\n"))
		}
	}
}

func TestRetry(t *testing.T) {
	v := vectors[0]
	got := datagrams(t, decoders.Env{}, v.clientInitial(), unhex(v.retry))
	last := got[len(got)-1]
	if want := "QUIC Retry: Retry: try again with a token of 5 bytes, to connection ID f067a5502a4262b5"; last != want {
		t.Errorf("got %s", last)
	}
	bad := unhex(v.retry)
	bad[len(bad)-1] ^= 1
	got = datagrams(t, decoders.Env{}, v.clientInitial(), bad)
	if last := got[len(got)-1]; !strings.Contains(last, "integrity tag is wrong") {
		t.Errorf("got %s", last)
	}
}
