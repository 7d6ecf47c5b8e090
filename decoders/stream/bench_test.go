package stream_test

import (
	"testing"

	"netscope/capture"
	"netscope/decoders/stream"
)

// steady gives one packet after the other: 1,000 connections that carry full
// segments and acknowledgements in turn.
func steady() func() {
	const flows = 1000
	data := make([]byte, 1460)
	ts := []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	var packets [flows][2][]byte
	for i := range packets {
		c := addr(client, uint16(20000+i))
		packets[i][0] = seg{from: c, to: server, flags: stream.ACK, seq: 100, ack: 500, options: ts, data: data}.packet()
		packets[i][1] = seg{from: server, to: c, flags: stream.ACK, seq: 500, ack: 100, options: ts}.packet()
	}
	a := stream.New(stream.Options{})
	var res stream.Result
	var at int64
	seq := [flows]uint32{}
	i := 0
	add := func() {
		at += 1000
		n, side := i/2%flows, i&1
		p := packets[n][side]
		if side == 0 {
			put(p[24:], 100+seq[n])
			seq[n] += 1460
		} else {
			put(p[28:], 100+seq[n])
		}
		a.Add(stream.PacketIn{ID: capture.PacketID(i), At: at, Arrived: at, Link: capture.LinkRaw, Data: p, WireLen: len(p)}, &res)
		i++
	}
	for range 2 * flows {
		add()
	}
	return add
}

// reordered gives one connection's segments, every pair of them swapped.
func reordered() func() {
	p := seg{from: client, to: server, flags: stream.ACK, data: make([]byte, 1460)}.packet()
	a := stream.New(stream.Options{})
	var res stream.Result
	i := 0
	add := func() {
		put(p[24:], uint32(i^1)*1460)
		a.Add(stream.PacketIn{ID: capture.PacketID(i), At: int64(i) * 1000, Link: capture.LinkRaw, Data: p, WireLen: len(p)}, &res)
		i++
	}
	for range 10 {
		add()
	}
	return add
}

func BenchmarkInOrder(b *testing.B) {
	add := steady()
	b.ReportAllocs()
	for b.Loop() {
		add()
	}
}

func BenchmarkReordered(b *testing.B) {
	add := reordered()
	b.ReportAllocs()
	for b.Loop() {
		add()
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	for name, add := range map[string]func(){"in order": steady(), "reordered": reordered()} {
		if n := testing.AllocsPerRun(2000, add); n != 0 {
			t.Errorf("%s: %v allocations a packet", name, n)
		}
	}
}
