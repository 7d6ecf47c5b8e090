package bittorrent

import "strings"

// Client names the program behind a peer ID, as well as it can be told (BEP
// 20): "Transmission 4.1.0". What is not known is shown by its letters.
func Client(id string) string {
	if len(id) < 8 {
		return "unknown client"
	}
	if id[0] == '-' && id[7] == '-' && alnum(id[1:7]) { // Azureus style: -XX1234-
		name, ok := azureus(id[1:3])
		if !ok {
			name = "client " + id[1:3]
		}
		return name + " " + dotted(id[3:7])
	}
	if v, ok := dashed(id); ok { // as mainline writes it: M4-20-8--, and aria2: A2-1-37-0-
		switch {
		case id[0] == 'M':
			return "BitTorrent " + strings.ReplaceAll(v, "-", ".")
		case strings.HasPrefix(id, "A2-"):
			return "aria2 " + strings.ReplaceAll(strings.TrimPrefix(v, "-"), "-", ".")
		}
	}
	if strings.HasPrefix(id, "exbc") || strings.HasPrefix(id, "FUTB") {
		return "BitComet"
	}
	if alnum(id[:1]) && alnum(id[1:4]) && strings.Contains(id[4:9], "--") { // Shadow's style
		for _, s := range [...][2]string{{"S", "Shadow"}, {"T", "BitTornado"}, {"A", "ABC"}, {"O", "Osprey"}, {"U", "UPnP NAT"}, {"R", "Tribler"}} {
			if id[:1] == s[0] {
				return s[1] + " " + id[1:2] + "." + id[2:3] + "." + id[3:4]
			}
		}
	}
	n := 0
	for n < len(id) && id[n] >= 0x21 && id[n] <= 0x7e {
		n++
	}
	if n >= 4 {
		return "client " + strings.Trim(id[:min(n, 12)], "-")
	}
	return "unknown client"
}

func azureus(code string) (string, bool) {
	i := strings.Index(azureusClients, "\n"+code+" ")
	if i < 0 {
		return "", false
	}
	name, _, _ := strings.Cut(azureusClients[i+4:], "\n")
	return name, true
}

// azureusClients is an extract of the list in BEP 20 and of what one meets.
const azureusClients = `
7T aTorrent
AG Ares
AR Arctic
AT Artemis
AX BitPump
AZ Vuze
BB BitBuddy
BC BitComet
BF Bitflu
BG BTG
BI BiglyBT
BR BitRocket
BS BTSlave
BT BitTorrent
BX Bittorrent X
CD Enhanced CTorrent
CT CTorrent
DE Deluge
DP Propagate
EB EBit
ES electric sheep
FC FileCroc
FD Free Download Manager
FT FoxTorrent
FX Freebox
GS GSTorrent
HL Halite
HN Hydranode
KG KGet
KT KTorrent
LC LeechCraft
LP Lphant
LT libtorrent
lt libTorrent
LW LimeWire
MO MonoTorrent
MP MooPolice
MR Miro
MT MoonlightTorrent
NS netscope
NX Net Transport
OS OneSwarm
PD Pando
PI PicoTorrent
qB qBittorrent
QD QQDownload
QT Qt 4 Torrent
RT Retriever
RZ RezTorrent
SB Swiftbit
SD Thunder
SN ShareNET
SP BitSpirit
SS SwarmScope
ST SymTorrent
SZ Shareaza
TE terasaur
TL Tribler
TN TorrentDotNET
TR Transmission
TS Torrentstorm
TT TuoTu
UE µTorrent embedded
UL uLeecher
UM µTorrent for Mac
UT µTorrent
UW µTorrent Web
VG Vagaa
WD WebTorrent Desktop
WT BitLet
WW WebTorrent
WY FireTorrent
XF Xfplay
XL Xunlei
XT XanTorrent
XX Xtorrent
ZT ZipTorrent
`

func alnum(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// dotted writes four characters of a version, the last only if it says
// anything: "4100" is 4.1.0; letters count on from 9.
func dotted(s string) string {
	out := digit(s[0]) + "." + digit(s[1]) + "." + digit(s[2])
	if c := s[3]; c != '0' && c >= '1' && c <= '9' {
		out += "." + digit(c)
	}
	return out
}

func digit(c byte) string {
	switch {
	case c >= '0' && c <= '9':
		return string(c)
	case c >= 'A' && c <= 'Z':
		return twoDigits(int(c-'A') + 10)
	}
	return twoDigits(int(c-'a') + 36)
}

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

// dashed is the version in numbers joined by dashes after one letter or two
// characters.
func dashed(id string) (string, bool) {
	i := 1
	if strings.HasPrefix(id, "A2") {
		i = 2
	}
	j := i
	for j < len(id) && j < 12 && (id[j] >= '0' && id[j] <= '9' || id[j] == '-') {
		j++
	}
	v := strings.TrimRight(id[i:j], "-")
	if j <= i+2 || strings.Count(v, "-") == 0 && i == 1 {
		return "", false
	}
	return v, true
}

func ones(b []byte) int {
	n := 0
	for _, c := range b {
		for ; c != 0; c &= c - 1 {
			n++
		}
	}
	return n
}
