package live

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"netscope/capture"
)

// The ring: 32 blocks of 1 MiB. At 200,000 packets of 150 bytes a second it
// holds about half a second. A block that is not full is handed over after
// retireMillis, which bounds how late a lone packet is seen.
const (
	blockSize    = 1 << 20
	blockCount   = 32
	frameSize    = 2048 // only a divisor of the block size in version 3
	retireMillis = 8
)

// Open prepares a capture on an interface, given by name or by its number in
// [Interfaces]; "any" is all of them. Nothing is captured before it returns,
// and packets are kept from then on until Run takes them.
func Open(iface string, o Options) (*Source, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	i, err := find(iface)
	if err != nil {
		return nil, err
	}
	if !i.Up {
		return nil, interfaceDown(i.Name)
	}
	s := &Source{name: i.Name, desc: i.Description(), fd: -1, wake: -1, snap: o.snapLen(), count: o.Count, loops: loopbacks()}
	if err := s.open(i, o); err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *Source) open(i Interface, o Options) error {
	var kind int
	s.link, kind = capture.LinkSLL2, unix.SOCK_DGRAM
	if i.Name != Any {
		hw, err := hardwareType(i.Name)
		if err != nil {
			return failed(i.Name, "asking for its hardware type", err)
		}
		s.link, kind = linkOf(hw)
	}
	s.cooked = kind == unix.SOCK_DGRAM
	var err error
	// Protocol 0 receives nothing until the socket is bound to its interface.
	if s.fd, err = unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC, 0); err != nil {
		s.fd = -1
		if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
			return noPrivilege(i.Name)
		}
		return failed(i.Name, "opening a packet socket", err)
	}
	if s.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		s.wake = -1
		return failed(i.Name, "making an event", err)
	}
	if err := s.limit(); err != nil {
		return failed(i.Name, "setting the snapshot length", err)
	}
	if err := s.mapRing(); err != nil {
		return failed(i.Name, "mapping the ring", err)
	}
	if o.Promiscuous && i.Name != Any {
		req := &unix.PacketMreq{Ifindex: int32(i.Index), Type: unix.PACKET_MR_PROMISC}
		if err := unix.SetsockoptPacketMreq(s.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, req); err != nil {
			return failed(i.Name, "making it promiscuous (leave that out with -p)", err)
		}
	}
	all := uint16(unix.ETH_P_ALL)<<8 | uint16(unix.ETH_P_ALL)>>8 // in network order
	if isBigEndian() {
		all = unix.ETH_P_ALL
	}
	if err := unix.Bind(s.fd, &unix.SockaddrLinklayer{Protocol: all, Ifindex: i.Index}); err != nil {
		if errors.Is(err, unix.ENETDOWN) {
			return interfaceDown(i.Name)
		}
		return failed(i.Name, "binding to it", err)
	}
	return nil
}

// limit attaches the smallest filter there is, "keep n bytes of everything",
// so that the kernel copies no more.
func (s *Source) limit() error {
	if s.snap >= DefaultSnapLen {
		return nil
	}
	prog := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: uint32(s.snap)}}
	return unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: 1, Filter: &prog[0]})
}

func (s *Source) mapRing() error {
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return err
	}
	req := &unix.TpacketReq3{
		Block_size: blockSize, Block_nr: blockCount, Frame_size: frameSize,
		Frame_nr: blockSize / frameSize * blockCount, Retire_blk_tov: retireMillis,
	}
	if err := unix.SetsockoptTpacketReq3(s.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, req); err != nil {
		return err
	}
	var err error
	s.ring, err = unix.Mmap(s.fd, 0, blockSize*blockCount, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return err
}

// hardwareType asks the kernel for an interface's ARPHRD_ number.
func hardwareType(name string) (uint16, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		if fd, err = unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return 0, err
		}
	}
	defer func() { _ = unix.Close(fd) }()
	req, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFHWADDR, req); err != nil {
		return 0, err
	}
	return req.Uint16(), nil // sockaddr.sa_family
}

// linkOf says what packets of a hardware type start with, and which socket
// gives them so. What has no header of its own that we know gets Linux's.
func linkOf(hardware uint16) (capture.LinkType, int) {
	switch hardware {
	case unix.ARPHRD_ETHER, unix.ARPHRD_LOOPBACK, unix.ARPHRD_EETHER:
		return capture.LinkEthernet, unix.SOCK_RAW
	case unix.ARPHRD_NONE, unix.ARPHRD_RAWIP, unix.ARPHRD_TUNNEL, unix.ARPHRD_TUNNEL6, unix.ARPHRD_SIT:
		return capture.LinkRaw, unix.SOCK_RAW
	case unix.ARPHRD_IEEE80211_RADIOTAP:
		return 127, unix.SOCK_RAW
	case unix.ARPHRD_IEEE80211:
		return 105, unix.SOCK_RAW
	}
	return capture.LinkSLL2, unix.SOCK_DGRAM
}

// loopbacks finds the interfaces on which each packet would be seen twice.
func loopbacks() map[int32]bool {
	loops := map[int32]bool{}
	list, _ := Interfaces() // Open has listed them already
	for _, i := range list {
		if i.Loopback {
			loops[int32(i.Index)] = true
		}
	}
	return loops
}

// wireless reports whether an interface belongs to a radio.
func wireless(name string) bool {
	for _, f := range [...]string{"/wireless", "/phy80211"} {
		if _, err := os.Stat("/sys/class/net/" + name + f); err == nil {
			return true
		}
	}
	return false
}
