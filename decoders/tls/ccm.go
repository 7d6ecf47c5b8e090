package tls

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// ccm is counter mode with CBC-MAC (RFC 3610) with a nonce of 12 bytes. It only
// opens: nothing is sealed here.
type ccm struct {
	block cipher.Block
	tag   int // bytes
}

var errCCM = errors.New("message authentication failed")

func (c *ccm) NonceSize() int { return 12 }
func (c *ccm) Overhead() int  { return c.tag }

// Seal is not needed.
func (c *ccm) Seal(_, _, _, _ []byte) []byte { return nil }

// Open decrypts and verifies (RFC 3610 §2.4 and §2.5).
func (c *ccm) Open(dst, nonce, sealed, extra []byte) ([]byte, error) {
	if len(sealed) < c.tag {
		return nil, errCCM
	}
	body, tag := sealed[:len(sealed)-c.tag], sealed[len(sealed)-c.tag:]
	var start [16]byte
	start[0] = 2 // three bytes of length, so two more than one
	copy(start[1:], nonce)
	stream := cipher.NewCTR(c.block, start[:])
	var mask [16]byte
	stream.XORKeyStream(mask[:], mask[:])
	plain := make([]byte, len(body))
	stream.XORKeyStream(plain, body)

	var mac [16]byte
	mac[0] = byte(1<<6 | (c.tag-2)/2<<3 | 2)
	copy(mac[1:], nonce)
	mac[13], mac[14], mac[15] = byte(len(plain)>>16), byte(len(plain)>>8), byte(len(plain))
	c.block.Encrypt(mac[:], mac[:])
	c.absorb(&mac, append(binary.BigEndian.AppendUint16(nil, uint16(len(extra))), extra...))
	c.absorb(&mac, plain)
	subtle.XORBytes(mac[:], mac[:], mask[:])
	if subtle.ConstantTimeCompare(mac[:c.tag], tag) != 1 {
		return nil, errCCM
	}
	return append(dst, plain...), nil
}

// absorb adds data to a MAC, filled up with zeros to whole blocks.
func (c *ccm) absorb(mac *[16]byte, data []byte) {
	for len(data) > 0 {
		n := min(len(data), 16)
		subtle.XORBytes(mac[:n], mac[:n], data[:n])
		c.block.Encrypt(mac[:], mac[:])
		data = data[n:]
	}
}
