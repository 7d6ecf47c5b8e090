package bittorrent

import (
	"encoding/binary"
	"strings"
	"testing"

	"netscope/decoders"
	"netscope/decoders/decodertest"
	"netscope/decoders/http1"
)

func msg(id byte, payload ...byte) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)+1))
	return string(append(append(b, id), payload...))
}

func num(id byte, vs ...uint32) string {
	var p []byte
	for _, v := range vs {
		p = binary.BigEndian.AppendUint32(p, v)
	}
	return msg(id, p...)
}

func blockOf(index, begin uint32, n int) string {
	p := binary.BigEndian.AppendUint32(nil, index)
	p = binary.BigEndian.AppendUint32(p, begin)
	return msg(7, append(p, strings.Repeat("\x00\x00\x00\x05x", n)[:n]...)...)
}

const hash = "01234567890123456789"

func hello(id string) string { return header + "\x00\x00\x00\x00\x00\x10\x00\x05" + hash + id }

func peers() []decodertest.Turn {
	A, B := decodertest.A, decodertest.B
	return []decodertest.Turn{
		A(hello("-TR4100-abcdefghijkl")), B(hello("A2-1-37-0-abcdefghij")),
		A(msg(20, []byte("\x00d1:md11:ut_metadatai3e6:ut_pexi1ee13:metadata_sizei100e1:v4:teste")...)),
		B(msg(20, []byte("\x00d1:md11:ut_metadatai9eee")...)),
		B(msg(20, []byte("\x03d8:msg_typei0e5:piecei0ee")...)),
		A(msg(20, []byte("\x09d8:msg_typei1e5:piecei0e10:total_sizei5eehello")...)),
		A(msg(5, 0xff, 0xe0)), B(msg(5, 0x80, 0)), B(msg(2)), A(msg(1)), A("\x00\x00\x00\x00"),
		B(num(6, 1, 0, 16384) + num(6, 1, 16384, 16384)), A(blockOf(1, 0, 16384)), B(num(8, 1, 16384, 16384)),
		A(num(16, 1, 16384, 16384) + num(4, 10) + num(17, 2) + num(13, 2) + msg(14) + msg(15)), B(num(4, 1) + msg(9, 0x1a, 0xe1) + msg(3)), A(msg(0)),
		A(msg(0, 1, 2)), A(msg(99, 1, 2, 3)), A("\xff\xff\xff\xff\x07junk" + strings.Repeat("j", 30) + num(4, 3) + num(4, 4)),
		B(blockOf(2, 16384, 2000)), decodertest.EndA(), decodertest.EndB(),
	}
}

func overTest() decoders.Decoder { return OverHTTP{http1.Decoder{}} }

func TestPeerBattery(t *testing.T) {
	d := map[string][]decodertest.Turn{"peers": peers(), "random": {
		decodertest.A(noise(1, 700)), decodertest.B(noise(2, 300)), decodertest.A(noise(3, 100)), decodertest.B(noise(4, 70_000)), decodertest.EndA(), decodertest.EndB()}}
	for k, v := range decodertest.Dialogues() {
		d[k] = v
	}
	decodertest.Battery(t, Decoder{}, d)
	for k, v := range d {
		decodertest.Verdicts(t, Unopened{}, v)
		_ = k
	}
	decodertest.Battery(t, Datagrams{}, d)
	decodertest.Battery(t, OverHTTP{http1.Decoder{}}, d)
}

// noise is made by a congruential generator: as good as encrypted.
func noise(seed uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = byte(seed >> 56)
	}
	return string(b)
}

func TestDialogue(t *testing.T) {
	var got []string
	reply := map[uint64]uint64{}
	for _, m := range decodertest.Run(Decoder{}, peers()...) {
		s := []string{"A", "B"}[m.Dir] + " " + m.Summary
		if m.Err != "" {
			s += " ✗ " + m.Err
		}
		got = append(got, s)
		if m.ReplyTo != 0 {
			reply[m.Key] = m.ReplyTo
		}
	}
	t.Log("\n" + strings.Join(got, "\n"))
	for _, m := range decodertest.Run(Decoder{}, peers()...) {
		if (m.Name == "piece" && m.Dir == decoders.AtoB || m.Name == "reject request") && reply[m.Key] == 0 {
			t.Errorf("%s answers nothing", m.Summary)
		}
	}
}
