package live

import (
	"context"
	"encoding/binary"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"netscope/capture"
)

// Layout of a block and of a packet in it: linux/if_packet.h, struct
// tpacket_block_desc, tpacket3_hdr (48 bytes) and sockaddr_ll behind it.
// Numbers are in the machine's order.
const (
	blockStatus = 8
	blockCountN = 12 // number of packets
	blockFirst  = 16 // where the first packet starts

	pktNext    = 0
	pktSec     = 4
	pktNsec    = 8
	pktSnapLen = 12
	pktLen     = 16
	pktStatus  = 20
	pktMAC     = 24
	pktVLANTCI = 32
	pktVLANTPI = 36
	pktAddr    = 48 // sockaddr_ll
	pktMin     = pktAddr + 20

	addrProtocol = 2 // in network order
	addrIndex    = 4
	addrHardware = 8
	addrType     = 10
	addrLen      = 11
	addrBytes    = 12
)

// cookedLen is the length of the Linux cooked v2 header.
const cookedLen = 20

// reader turns the ring's blocks into packets.
type reader struct {
	s    *Source
	sink capture.Sink
	id   capture.PacketID
}

// blocks emits the packets of all blocks that the kernel has handed over.
func (r *reader) blocks(ctx context.Context) error {
	s := r.s
	for range blockCount {
		b := s.ring[s.next*blockSize : (s.next+1)*blockSize]
		status := (*uint32)(unsafe.Pointer(&b[blockStatus])) // shared with the kernel
		if atomic.LoadUint32(status)&unix.TP_STATUS_USER == 0 {
			return nil
		}
		err := r.block(b)
		atomic.StoreUint32(status, unix.TP_STATUS_KERNEL)
		s.next = (s.next + 1) % blockCount
		if err != nil {
			return err
		}
		if err := s.ended(ctx); err != nil {
			return err
		}
	}
	return nil
}

// block emits the packets of one block. Offsets come from the kernel; they are
// checked all the same.
func (r *reader) block(b []byte) error {
	le := binary.NativeEndian
	off := int(le.Uint32(b[blockFirst:]))
	for range le.Uint32(b[blockCountN:]) {
		if off < 0 || off+pktMin > len(b) {
			return nil
		}
		h := b[off:]
		if p, ok := r.s.packet(h); ok {
			p.ID = r.id
			r.id++
			if err := r.sink.Packet(p); err != nil {
				return err
			}
			if r.s.count > 0 && int(r.id) >= r.s.count {
				return errEnough
			}
		}
		next := int(le.Uint32(h[pktNext:]))
		if next == 0 {
			return nil
		}
		off += next
	}
	return nil
}

// packet reads one packet. It is not ok for the outgoing copy of a packet on
// loopback, which comes in again.
func (s *Source) packet(h []byte) (capture.Packet, bool) {
	ne, be := binary.NativeEndian, binary.BigEndian
	addr := h[pktAddr:pktMin]
	index := int32(ne.Uint32(addr[addrIndex:]))
	if addr[addrType] == unix.PACKET_OUTGOING && s.loops[index] {
		return capture.Packet{}, false
	}
	at := int(ne.Uint16(h[pktMAC:]))
	n := int(ne.Uint32(h[pktSnapLen:]))
	if at < pktMin || n < 0 || n > len(h)-at {
		return capture.Packet{}, false
	}
	data, length := h[at:at+n:at+n], int(ne.Uint32(h[pktLen:]))
	var room [4]byte
	var tag []byte
	if status := ne.Uint32(h[pktStatus:]); status&unix.TP_STATUS_VLAN_VALID != 0 {
		tpid := uint16(unix.ETH_P_8021Q)
		if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			tpid = ne.Uint16(h[pktVLANTPI:])
		}
		tag = be.AppendUint16(be.AppendUint16(room[:0], tpid), uint16(ne.Uint32(h[pktVLANTCI:])))
	}
	switch {
	case s.cooked:
		data = s.cook(addr, tag, data)
		length += cookedLen + len(tag)
	case tag != nil && len(data) >= 12 && s.link == capture.LinkEthernet:
		s.scratch = append(append(append(s.scratch[:0], data[:12]...), tag...), data[12:]...)
		data, length = s.scratch, length+len(tag)
	}
	if len(data) > s.snap {
		data = data[:s.snap:s.snap]
	}
	when := time.Unix(int64(ne.Uint32(h[pktSec:])), int64(ne.Uint32(h[pktNsec:])))
	return capture.Packet{
		At: when, Arrived: when, Link: s.link, Length: length, Data: data, Ref: -1,
	}, true
}

// cook puts a Linux cooked v2 header in front
// (https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html), with the tag
// that the kernel took off as the first thing behind it.
func (s *Source) cook(addr, tag, data []byte) []byte {
	ne, be := binary.NativeEndian, binary.BigEndian
	b := s.scratch[:0]
	protocol := addr[addrProtocol : addrProtocol+2]
	if tag != nil {
		b = append(b, tag[:2]...)
	} else {
		b = append(b, protocol...)
	}
	b = append(b, 0, 0)
	b = be.AppendUint32(b, ne.Uint32(addr[addrIndex:]))
	b = be.AppendUint16(b, ne.Uint16(addr[addrHardware:]))
	b = append(b, addr[addrType], addr[addrLen])
	b = append(b, addr[addrBytes:addrBytes+8]...)
	if tag != nil {
		b = append(append(b, tag[2:]...), protocol...)
	}
	s.scratch = append(b, data...)
	return s.scratch
}

// isBigEndian reports the machine's byte order.
func isBigEndian() bool {
	return binary.NativeEndian.Uint16([]byte{0, 1}) == 1
}
