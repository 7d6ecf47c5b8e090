package http2

import (
	"encoding/binary"

	"netscope/decoders"
)

// explainData is the payload of DATA.
func (p *part) explainData() []decoders.Field {
	out, pad := p.padLength()
	n := max(p.end-p.off-pad, 0)
	out = append(out, field("http2.data.data", "Data", thousands(int64(n))+" bytes", p.off, n,
		"A piece of the content. All of the payload counts against the windows of stream and connection, padding too (RFC 9113 §6.9.1)."))
	p.off += n
	return append(out, p.rest("http2.data.padding", "Padding", "Zeros that hide the length of the content (RFC 9113 §6.1).")...)
}

// padLength is the pad length of a padded frame; pad is how many bytes of
// padding end the payload.
func (p *part) padLength() (out []decoders.Field, pad int) {
	if !p.h.Flags.Has(Padded) {
		return nil, 0
	}
	v, at, ok := p.number(1)
	if !ok {
		return nil, 0
	}
	f := field("http2.pad_length", "Pad length", thousands(int64(v)), at, 1, "Bytes of padding at the end of the frame (RFC 9113 §6.1).")
	pad = int(v)
	if pad >= p.h.Length {
		f.Bad, f.Doc, pad = true, "Bad: "+badPadding+".", 0
	}
	return []decoders.Field{f}, min(pad, p.end-p.off)
}

// explainGRPC is a length-prefixed message of gRPC.
func explainGRPC(m decoders.Exposed, total int) decoders.Field {
	size, _ := decoders.Lookup(m.Fields, "grpc.message_length")
	flag, _ := decoders.Lookup(m.Fields, "grpc.compressed_flag")
	root := decoders.Field{Name: "grpc", Label: "gRPC message", Value: thousands(size.Int) + " bytes", Len: total,
		Doc: "A message of a remote procedure call, with a prefix of 5 bytes. It need not begin and end with DATA frames: where it spans several, their headers stand in between."}
	if m.HeadLen == grpcPrefix && len(m.Raw) >= grpcPrefix && int64(binary.BigEndian.Uint32(m.Raw[1:])) == size.Int {
		root.Children = append(root.Children,
			field("grpc.compressed_flag", "Compressed", thousands(flag.Int), 0, 1, "1: the message is compressed as grpc-encoding says."),
			field("grpc.message_length", "Length", thousands(size.Int)+" bytes", 1, 4, "Length of the message, prefix not counted."))
		if int64(total) == grpcPrefix+size.Int && size.Int > 0 {
			root.Children = append(root.Children, field("grpc.message_data", "Message", thousands(size.Int)+" bytes", grpcPrefix, total-grpcPrefix,
				"Usually Protocol Buffers; its meaning stands in a file that both sides have."))
		}
	}
	return root
}
