// Package netlab is the emulated network: hosts with real TCP/IP stacks in user
// space, joined by links with delay, rate, a bounded queue and loss.
//
// It is the one importer of gVisor. It builds a [Network] from a
// [lab.Topology], hands out [lab.Host]s, and tells a [capture.Sink] every
// packet at the instant at which its first bit leaves the sender. It must not
// know of protocols above transport, of child processes, or of screens.
//
// # Time
//
// One heap of events, ordered by time and then by order of posting, drives the
// links and the stacks' timers (see clock.go). Only its driver goroutine lets
// packets move, so a run's order of events does not depend on the scheduler.
// In a testing/synctest bubble the driver waits until everything that an event
// caused has come to rest before it takes the next one ([Options].Settle is
// synctest.Wait then, and nobody else in the bubble may call it); on the wall
// clock the same heap runs on real time.
//
// Lab code should sleep with [World].Clock, whose wake-ups are events too: of
// two plain timers of package time that fire at the same nanosecond a bubble
// lets a random one go first.
//
// # Links
//
// A packet waits in its link's queue until the transmitter is free, begins
// transmission (Packet.At), occupies the transmitter for 8·length/rate, and
// arrives after the propagation delay (Packet.Arrived):
//
//	Arrived = At + 8·length/rate + delay + jitter
//
// Links carry IP packets without a link-layer header (capture.LinkRaw), so
// length is the IP length. A switch forwards without touching the packet, a
// router decrements TTL or hop limit and sends ICMP errors.
//
// # Transport
//
// What a prediction has to know of the hosts' TCP: Reno with SACK unless the
// topology says CUBIC; an initial window of 10 segments; every segment is
// acknowledged at once; Nagle is off; the MSS is 1460 (1440 over IPv6) but a
// segment carries at most 1420 bytes (1400), in a packet of 1472, as the stack
// sets 40 bytes aside for options, of which time stamps take 12; a SYN is 60
// bytes long (80), an acknowledgement 52 (72); the shortest retransmission
// time-out is 200 ms, of a SYN 1 s. Ports are handed out in order from 49152.
// IPv4 datagrams of UDP may be fragmented by routers.
//
// # What is captured
//
// Each link is one [capture.Tap]. A packet that crosses several links is told
// once: with the link and the time of the sender's egress, and its arrival at
// the host it is for, or its loss on whichever link. So it is told when its fate
// is known, and what follows waits with it: the sink gets everything in the
// order in which it happened. With [Options].All each link is told by itself,
// with its own At, Arrived and Loss; with [Options].Only what one host sends
// and receives, when it does, as a capture on that host would.
package netlab
