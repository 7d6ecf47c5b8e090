// Package stream turns packets into conversations and ordered bytes: link
// headers and tunnels are taken off, fragments put together, TCP segments and
// UDP datagrams sorted into flows, and TCP's bytes put in order.
//
// It is pure: no clock but the packets' times, no I/O, no goroutines. What it
// remembers is bounded by [Options] whatever the packets say. It must not know
// what the bytes mean; that is the decoders' business, and the field trees that
// are shown are made by capture/layers.
package stream
