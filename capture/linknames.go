package capture

// linkNames is an extract of the registry: the types one meets.
var linkNames = [...]struct {
	t    LinkType
	name string
}{
	{0, "null"}, {1, "ethernet"}, {3, "ax25"}, {6, "ieee802.5"}, {7, "arcnet"}, {8, "slip"}, {9, "ppp"},
	{10, "fddi"}, {12, "raw"}, {14, "raw"}, {50, "ppp-hdlc"}, {51, "ppp-ether"}, {100, "atm-rfc1483"}, {101, "raw"},
	{104, "c-hdlc"}, {105, "ieee802.11"}, {107, "frelay"}, {108, "loop"}, {113, "linux-sll"}, {114, "ltalk"},
	{117, "pflog"}, {119, "ieee802.11-prism"}, {122, "ip-over-fc"}, {127, "ieee802.11-radiotap"}, {138, "apple-ip-over-ieee1394"},
	{143, "docsis"}, {147, "user0"}, {163, "ieee802.11-avs"}, {187, "bluetooth-hci-h4"}, {189, "usb-linux"},
	{192, "ppi"}, {195, "ieee802.15.4"}, {201, "bluetooth-hci-h4-phdr"}, {220, "usb-linux-mmapped"}, {224, "fc-2"},
	{226, "ipnet"}, {227, "can-socketcan"}, {228, "ipv4"}, {229, "ipv6"}, {230, "ieee802.15.4-nofcs"}, {231, "dbus"},
	{239, "nflog"}, {240, "netanalyzer"}, {242, "ipoib"}, {243, "mpeg-2-ts"}, {248, "sctp"}, {249, "usbpcap"},
	{251, "bluetooth-le-ll"}, {252, "wireshark-upper-pdu"}, {253, "netlink"}, {254, "bluetooth-linux-monitor"}, {256, "bluetooth-le-ll-with-phdr"},
	{258, "pktap"}, {259, "epon"}, {265, "ieee802.15.9"}, {271, "vsock"}, {272, "nordic-ble"}, {276, "linux-sll2"}, {283, "ieee802.15.4-tap"},
}
