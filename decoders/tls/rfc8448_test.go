package tls

import (
	"crypto"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/keylog"
)

// The records and secrets of the simple 1-RTT handshake of RFC 8448 §3.
const (
	traceRandom = "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7"

	traceClientHello = "16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113031302010000910000000b00" +
		"09000006736572766572ff01000100000a00140012001d0017001800190100010101020103010400230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3" +
		"c06e51c13cae4d5413691e529aaf2c002b0003020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d00020101001c00024001"
	traceServerHello = "160303005a020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00330024001d0020c9828876" +
		"112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304"
	traceServerFlight = "17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8ea73f848a7ca07612ef9f945cb960b4068905123ea78" +
		"b111b429ba9191cd05d2a389280f526134aadc7fc78c4b729df828b5ecf7b13bd9aefb0e57f271585b8ea9bb355c7c79020716cfb9b1183ef3ab20e37d57a6b9" +
		"d7477609aee6e122a4cf51427325250c7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b227812cbb360987255cc744110c453baa4fcd61092" +
		"8d809810e4b7ed1a8fd991f06aa6248204797e36a6a73b70a2559c09ead686945ba246ab66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330ef8190579b368" +
		"4596c960bd596eea520a56a8d650f563aad27409960dca63d3e688611ea5e22f4415cf9538d51a200c27034272968a264ed6540c84838d89f72c24461aad6d26" +
		"f59ecaba9acbbb317b66d902f4f292a36ac1b639c637ce343117b659622245317b49eeda0c6258f100d7d961ffb138647e92ea330faeea6dfa31c7a84dc3bd7e" +
		"1b7a6c7178af36879018e3f252107f243d243dc7339d5684c8b0378bf30244da8c87c843f5e56eb4c5e8280a2b48052cf93b16499a66db7cca71e4599426f7d4" +
		"61e66f99882bd89fc50800becca62d6c74116dbd2972fda1fa80f85df881edbe5a37668936b335583b599186dc5c6918a396fa48a181d6b6fa4f9d62d513afbb" +
		"992f2b992f67f8afe67f76913fa388cb5630c8ca01e0c65d11c66a1e2ac4c85977b7c7a6999bbf10dc35ae69f5515614636c0b9b68c19ed2e31c0b3b66763038" +
		"ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f60f0504de93b5b845e275592c12335ee340bbc4fddd502784016e4b3be7ef04dda49f4b440a30cb5" +
		"d2af939828fd4ae3794e44f94df5a631ede42c1719bfdabf0253fe5175be898e750edc53370d2b"
	traceClientFinished = "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd1caeacab6867d726c40546"
	traceTicket         = "17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c758db289a015940252f55713e061dc13e078891a3" +
		"8efbcf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1b6c0d4a3d03f75e09c30ba1e62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5b406" +
		"f16e3fc181a77ca475840025db2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac347d143f9605d64f650db4d023e70e952ca49fe5137121c74" +
		"bc2697687e248746d6df353005f3bce18696129c8153556b3b6c6779b37bf15985684f"
	traceClientData  = "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4"
	traceServerData  = "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d"
	traceClientClose = "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3"
	traceServerClose = "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9"

	traceLog = "CLIENT_HANDSHAKE_TRAFFIC_SECRET " + traceRandom + " b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21\n" +
		"SERVER_HANDSHAKE_TRAFFIC_SECRET " + traceRandom + " b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38\n" +
		"CLIENT_TRAFFIC_SECRET_0 " + traceRandom + " 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5\n" +
		"SERVER_TRAFFIC_SECRET_0 " + traceRandom + " a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643\n"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func trace(t testing.TB) []decodertest.Turn {
	a := func(s string) decodertest.Turn { return decodertest.A(string(unhex(t, s))) }
	b := func(s string) decodertest.Turn { return decodertest.B(string(unhex(t, s))) }
	return []decodertest.Turn{
		a(traceClientHello), b(traceServerHello), b(traceServerFlight), a(traceClientFinished), b(traceTicket),
		a(traceClientData), b(traceServerData), a(traceClientClose), b(traceServerClose), decodertest.EndA(), decodertest.EndB(),
	}
}

func TestRFC8448(t *testing.T) {
	var log keylog.Log
	log.Add([]byte(traceLog))
	c := converse(tcp(), &log)
	c.turns(trace(t))
	const want = "Client Hello, server hello, encrypted extensions, certificate, certificate verify, finished, Finished, new session ticket, Alert, alert"
	if got := c.names(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var fifty strings.Builder
	for i := range 50 {
		fifty.WriteByte(byte(i))
	}
	for d := range c.out.data {
		if c.out.data[d].String() != fifty.String() {
			t.Errorf("direction %d: %x", d, c.out.data[d].Bytes())
		}
	}
	finished := map[decoders.Dir]string{
		decoders.AtoB: "a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61",
		decoders.BtoA: "9b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718",
	}
	for i := range c.sink.messages {
		m := &c.sink.messages[i]
		if m.Name == "Finished" && str(m, "tls.handshake.verify_data") != finished[m.Dir] {
			t.Errorf("Finished is %s", str(m, "tls.handshake.verify_data"))
		}
		if m.Name == "Certificate" && str(m, "x509af.subject") != "CN=rsa" {
			t.Errorf("the subject is %s", str(m, "x509af.subject"))
		}
	}
}

// TestKeySchedule compares the keys of RFC 8448 §3.
func TestKeySchedule(t *testing.T) {
	secret := unhex(t, "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")
	if got := hexString(expandLabel(crypto.SHA256, secret, "key", 16)); got != "3fce516009c21727d0f2e4e86ee403bc" {
		t.Error(got)
	}
	if got := hexString(expandLabel(crypto.SHA256, secret, "iv", 12)); got != "5d313eb2671276ee13000b30" {
		t.Error(got)
	}
}

// TestCCM is example 3 of NIST SP 800-38C.
func TestCCM(t *testing.T) {
	key := unhex(t, "404142434445464748494a4b4c4d4e4f")
	nonce := unhex(t, "101112131415161718191a1b")
	var extra []byte
	for i := range 20 {
		extra = append(extra, byte(i))
	}
	sealed := unhex(t, "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951")
	plain, err := newAEAD(aesCCM8, key).Open(nil, nonce, sealed, extra)
	if got := hexString(plain); err != nil || got != "202122232425262728292a2b2c2d2e2f3031323334353637" {
		t.Error(got, err)
	}
	for i := range sealed {
		sealed[i] ^= 1
		if _, err := newAEAD(aesCCM8, key).Open(nil, nonce, sealed, extra); err == nil {
			t.Errorf("byte %d may be changed", i)
		}
		sealed[i] ^= 1
	}
}

// TestKeyUpdate goes on under updated keys, seals being made by hand.
func TestKeyUpdate(t *testing.T) {
	var log keylog.Log
	log.Add([]byte(traceLog))
	s := suiteOf(0x1301)
	secret := unhex(t, "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643")
	seal := func(secret []byte, seq uint64, typ byte, plain string) string {
		o := opener13(s, secret)
		nonce := o.iv
		nonce[11] ^= byte(seq)
		inner := append([]byte(plain), typ, 0, 0) // with padding
		head := []byte{typeData, 3, 3, 0, byte(len(inner) + 16)}
		return string(o.aead.Seal(head, nonce[:], inner, head))
	}
	next := nextSecret(s, secret)
	third := nextSecret(s, next)
	turns := trace(t)[:7] // one ticket and one record of data have come from the server
	turns = append(turns,
		decodertest.B(seal(secret, 2, typeHandshake, "\x18\x00\x00\x01\x00")), decodertest.B(seal(next, 0, typeData, "new")),
		// The next update is lost.
		decodertest.Gap(decoders.BtoA, 27, seal(third, 0, typeData, "keys")), decodertest.B(seal(third, 1, typeAlert, "\x01\x00")), decodertest.EndA(), decodertest.EndB())
	c := converse(tcp(), &log)
	c.turns(turns)
	if got := c.out.data[1].String(); !strings.HasSuffix(got, "newkeys") || c.out.gaps[1] == 0 {
		t.Errorf("%q, gaps %v: %s", got, c.out.gaps, c.names())
	}
	if got := fmt.Sprint(c.out.ended); got != "[true true]" {
		t.Error(got)
	}
}
