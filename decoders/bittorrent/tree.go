package bittorrent

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"netscope/decoders"
	"netscope/decoders/bittorrent/bencode"
)

const (
	maxNodes = 256 // children shown of a value
	maxTree  = 12  // levels
)

// tree shows a bencoded value whose bytes begin at base in the message. base -1
// says that they are not on the wire as such (they were compressed).
func tree(v bencode.Value, name, label string, base, depth int) decoders.Field {
	f := decoders.Field{Name: name, Label: clean(label)}
	if base >= 0 {
		f.Off, f.Len = base+v.Off, v.Len
	}
	if depth > maxTree {
		f.Value = "…"
		return f
	}
	switch v.Kind {
	case bencode.Int:
		f.Value = fmt.Sprint(v.Int)
	case bencode.String:
		f.Value = text(v.Str)
	case bencode.List:
		f.Value = counted(len(v.Items), "value")
		for i := range v.Items[:min(len(v.Items), maxNodes)] {
			f.Children = append(f.Children, tree(v.Items[i], "", fmt.Sprint(i), base, depth+1))
		}
	case bencode.Dict:
		f.Value = counted(len(v.Items), "key")
		if v.Unsorted {
			f.Doc = "Bad: the keys are not sorted, or one comes twice (BEP 3)."
			f.Bad = true
		}
		for i := range v.Items[:min(len(v.Items), maxNodes)] {
			f.Children = append(f.Children, entry(string(v.Keys[i].Str), v.Items[i], base, depth))
		}
	}
	return f
}

// entry shows a value by what its key says it is.
func entry(key string, v bencode.Value, base, depth int) decoders.Field {
	f := tree(v, "", key, base, depth+1)
	f.Doc = keyDoc(key)
	if v.Kind != bencode.String {
		return f
	}
	at := -1
	if base >= 0 {
		at = base + v.Off + v.Len - len(v.Str)
	}
	switch {
	case (key == "id" || key == "target" || key == "info_hash") && len(v.Str) == 20:
		f.Name, f.Value = "bt-dht.id", hexOf(v.Str)
	case key == "peers" || key == "added" || key == "dropped":
		f.Name = "bt-dht.peers"
		list(&f, v.Str, at, 6, "peer")
	case key == "peers6" || key == "added6" || key == "dropped6":
		list(&f, v.Str, at, 18, "peer")
	case key == "nodes":
		f.Name = "bt-dht.nodes"
		list(&f, v.Str, at, 26, "node")
	case key == "nodes6":
		list(&f, v.Str, at, 38, "node")
	case key == "ip" || key == "yourip" || key == "ipv4" || key == "ipv6" || key == "external ip":
		if a, ok := address(v.Str); ok {
			f.Value = a
		}
	case key == "token" || key == "t" || key == "added.f" || key == "v" && !isText(v.Str):
		f.Value = "0x" + hexOf(v.Str)
	}
	return f
}

// list shows compact addresses of n bytes each (BEP 23, BEP 5).
func list(f *decoders.Field, b []byte, off, n int, what string) {
	if len(b)%n != 0 {
		f.Bad, f.Doc = true, fmt.Sprintf("Bad: the length is no multiple of %d (BEP 23).", n)
		return
	}
	f.Value = counted(len(b)/n, what)
	for i := 0; i+n <= len(b) && len(f.Children) < maxNodes; i += n {
		p := b[i : i+n]
		c := decoders.Field{Label: fmt.Sprintf("%s %d", what, i/n+1)}
		if off >= 0 {
			c.Off, c.Len = off+i, n
		}
		c.Name = "bt-dht." + what
		id := ""
		if n == 26 || n == 38 {
			id, p = hexOf(p[:20])+" at ", p[20:]
		}
		a, _ := address(p)
		c.Value = id + a
		f.Children = append(f.Children, c)
	}
}

// address reads 4 or 16 bytes of address, and a port if there are two more.
func address(b []byte) (string, bool) {
	switch len(b) {
	case 4, 16:
		a, _ := netip.AddrFromSlice(b)
		return a.String(), true
	case 6, 18:
		n := len(b) - 2
		a, _ := netip.AddrFromSlice(b[:n])
		return netip.AddrPortFrom(a, binary.BigEndian.Uint16(b[n:])).String(), true
	}
	return "", false
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(int64(n)) + " " + what + "s"
}

func isText(b []byte) bool {
	for _, c := range b {
		if c < 0x20 || c > 0x7e {
			return false
		}
	}
	return true
}

func text(b []byte) string {
	const most = 200
	if isText(b) {
		if len(b) > most {
			return string(b[:most]) + "…"
		}
		return string(b)
	}
	if len(b) <= 32 {
		return "0x" + hexOf(b)
	}
	return thousands(int64(len(b))) + " bytes"
}

// keyDoc says what a key is for, in trackers, the DHT and extensions.
func keyDoc(key string) string {
	for _, d := range keyDocs {
		if d[0] == key {
			return d[1]
		}
	}
	return ""
}

// keyDocs is never changed.
var keyDocs = [...][2]string{
	{"interval", "Seconds that a peer should wait before it announces itself again (BEP 3)."},
	{"min interval", "Seconds that a peer must wait before it asks again."},
	{"complete", "How many peers have everything: seeds (BEP 48)."},
	{"incomplete", "How many peers are still downloading (BEP 48)."},
	{"downloaded", "How many peers have ever finished, as far as the tracker was told (BEP 48)."},
	{"peers", "Peers of the torrent: six bytes each for address and port (BEP 23), or a list of dictionaries (BEP 3)."},
	{"peers6", "Peers with IPv6 addresses, 18 bytes each (BEP 7)."},
	{"failure reason", "Why the tracker refuses, for people (BEP 3)."},
	{"tracker id", "The client sends this back with its next announce."},
	{"files", "A scrape's answer: numbers for each torrent (BEP 48)."},
	{"m", "Extensions by name, and the number that the sender gives each; 0 takes one back (BEP 10)."},
	{"metadata_size", "Length of the info dictionary in bytes (BEP 9)."},
	{"reqq", "How many requests the sender keeps waiting at most (BEP 10)."},
	{"p", "The port on which the sender listens (BEP 10)."},
	{"yourip", "The receiver's address, as the sender sees it (BEP 10)."},
	{"upload_only", "1: the sender does not want to download anything (BEP 21)."},
	{"msg_type", "0 asks for a part of the metadata, 1 brings it, 2 refuses (BEP 9)."},
	{"total_size", "Length of the info dictionary in bytes (BEP 9)."},
	{"added", "Peers that have joined, six bytes each (BEP 11)."},
	{"dropped", "Peers that have left (BEP 11)."},
	{"added.f", "A byte for each of them: prefers encryption, seeds, speaks uTP, … (BEP 11)."},
	{"y", "q: a query, r: a response, e: an error (BEP 5)."},
	{"q", "Which query: ping, find_node, get_peers or announce_peer (BEP 5)."},
	{"a", "The query's arguments (BEP 5)."},
	{"r", "The response's values (BEP 5)."},
	{"e", "Number and text of an error (BEP 5)."},
	{"t", "Transaction ID: the response repeats it (BEP 5)."},
	{"id", "The sender's node ID; nodes are responsible for what is near it by XOR (BEP 5)."},
	{"target", "The node ID that is looked for (BEP 5)."},
	{"info_hash", "The torrent that is looked for (BEP 5)."},
	{"nodes", "The nodes nearest to the target that the sender knows: ID, address and port (BEP 5)."},
	{"values", "Peers of the torrent, six bytes each (BEP 5)."},
	{"token", "Must be sent back with announce_peer, so that nobody announces another's address (BEP 5)."},
	{"implied_port", "1: take the port that the query came from (BEP 5)."},
	{"ro", "1: the sender answers no queries (BEP 43)."},
	{"v", "The sender's program (BEP 5, BEP 10)."},
}
