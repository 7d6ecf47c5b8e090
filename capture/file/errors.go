package file

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// FormatError says that a file is not a capture file, or not one that is read.
type FormatError struct {
	Name  string // path, or "standard input"
	Looks string // what it looks like: "a PNG image"
}

// Error is one sentence with what is read instead.
func (e *FormatError) Error() string {
	return fmt.Sprintf("%s is not a capture file that netscope can read: it looks like %s (read are pcap, pcapng and snoop, also gzip-compressed)", e.Name, e.Looks)
}

// cut ends reading at a broken record: everything before it counts.
type cut struct {
	off    int64
	reason string
}

func (c *cut) Error() string { return c.reason }

func (in *input) cut(format string, args ...any) error {
	return &cut{in.off, fmt.Sprintf(format, args...)}
}

// looks are the beginnings of files that people mistake for capture files.
var looks = [...]struct{ magic, what string }{
	{"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first with zstd -d"},
	{"\xfd7zXZ\x00", "an xz archive; unpack it first with xz -d"},
	{"BZh", "a bzip2 archive; unpack it first with bzip2 -d"},
	{"\x04\x22\x4d\x18", "an lz4 archive; unpack it first with lz4 -d"},
	{"PK\x03\x04", "a zip archive; unpack it first with unzip"},
	{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first with 7z x"},
	{"GMBU", "a Microsoft Network Monitor capture; convert it with editcap"},
	{"RTSS", "an old Microsoft Network Monitor capture; convert it with editcap"},
	{"TRSNIFF data    \x1a", "a Sniffer capture; convert it with editcap"},
	{"XCP\x00", "a NetXRay capture; convert it with editcap"},
	{"btsnoop\x00", "a Bluetooth snoop log; convert it with editcap"},
	{"\x7fELF", "a program"},
	{"MZ", "a Windows program"},
	{"\x89PNG", "a PNG image"},
	{"\xff\xd8\xff", "a JPEG image"},
	{"%PDF", "a PDF document"},
	{"SQLite format 3\x00", "an SQLite database"},
}

// look describes a file by its first bytes.
func look(b []byte) string {
	if len(b) == 0 {
		return "an empty file"
	}
	for _, l := range looks {
		if bytes.HasPrefix(b, []byte(l.magic)) {
			return l.what
		}
	}
	if isText(b) {
		return "text"
	}
	return "binary data of another kind"
}

// isText accepts UTF-8 without control characters; a rune that the end of b
// cuts in two is not held against it.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			return len(b) < utf8.UTFMax && !utf8.FullRune(b)
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != 0x1b {
			return false
		}
		b = b[n:]
	}
	return true
}
