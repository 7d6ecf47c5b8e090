// Package file reads and writes capture files: pcap, pcapng, snoop (reading
// only), plain or gzip-compressed, from a path, standard input or a pipe.
//
// It turns records into [capture.Packet] and [capture.Meta] values and back,
// and must not know what the bytes of a packet mean. Files are untrusted: every
// length is checked before anything is allocated, memory stays within a few
// tens of megabytes whatever the file claims, and a file that breaks off is
// reported as [capture.Truncated] after everything before it has been emitted.
//
// netscope's own additions to pcapng (flight time and loss of a lab packet,
// notes, clock) use code points that the format sets aside for local use, in
// sections that carry a marker option; other programs skip them. See private.go.
package file
