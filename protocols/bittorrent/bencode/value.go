// Package bencode reads and writes the encoding of BitTorrent's torrent files,
// tracker answers, extension messages and DHT (BEP 3, "bencoding").
//
// Every decoded [Value] knows which bytes it was read from, so that a decoder
// can point at them and an info-hash is computed from the bytes as they came,
// not from what they would be if encoded again. Input is taken to be hostile:
// [Limits] bound depth, elements and size, and memory grows only with bytes
// that are really there.
//
// The package is pure. It must not know what any dictionary means.
package bencode

import (
	"bytes"
	"sort"
)

// Kind is one of bencoding's four kinds of value. The zero Kind is no value.
type Kind uint8

// Kinds of value.
const (
	Invalid Kind = iota
	Integer      // i42e
	String       // 4:spam, any bytes
	List         // l…e
	Dict         // d…e
)

// String names the kind as a person reads it.
func (k Kind) String() string {
	switch k {
	case Integer:
		return "integer"
	case String:
		return "string"
	case List:
		return "list"
	case Dict:
		return "dictionary"
	}
	return "nothing"
}

// Value is one bencoded value. Only the field of its Kind is set.
type Value struct {
	Kind Kind
	Int  int64
	Str  []byte  // shares the bytes given to Decode
	List []Value // in order
	Dict []Entry // in the order of the bytes, which ought to be sorted

	Off, Len int // where the whole value stands in the bytes given to Decode
}

// Entry is one key and value of a dictionary.
type Entry struct {
	Key            []byte
	KeyOff, KeyLen int // where the key stands, its length prefix included
	Value          Value
}

// Int makes an integer.
func Int(n int64) Value { return Value{Kind: Integer, Int: n} }

// Str makes a string.
func Str(s string) Value { return Value{Kind: String, Str: []byte(s)} }

// Bytes makes a string from bytes, which it shares.
func Bytes(b []byte) Value { return Value{Kind: String, Str: b} }

// ListOf makes a list.
func ListOf(v ...Value) Value { return Value{Kind: List, List: v} }

// DictOf makes a dictionary; Encode sorts its keys.
func DictOf(e ...Entry) Value { return Value{Kind: Dict, Dict: e} }

// KV makes an entry of a dictionary.
func KV(key string, v Value) Entry { return Entry{Key: []byte(key), Value: v} }

// Raw gives the value's own bytes out of those that were decoded; nil if b is
// not long enough to be them.
func (v Value) Raw(b []byte) []byte {
	if v.Off < 0 || v.Len < 0 || v.Off > len(b) || v.Len > len(b)-v.Off {
		return nil
	}
	return b[v.Off : v.Off+v.Len : v.Off+v.Len]
}

// Get finds a dictionary's value; the zero Value if there is none.
func (v Value) Get(key string) Value {
	for i := range v.Dict {
		if string(v.Dict[i].Key) == key {
			return v.Dict[i].Value
		}
	}
	return Value{}
}

// Has says whether a dictionary has a key.
func (v Value) Has(key string) bool { return v.Get(key).Kind != Invalid }

// Integer gives a dictionary's integer; false if it is absent or something else.
func (v Value) Integer(key string) (int64, bool) {
	e := v.Get(key)
	return e.Int, e.Kind == Integer
}

// Bytes gives a dictionary's string; false if it is absent or something else.
func (v Value) Bytes(key string) ([]byte, bool) {
	e := v.Get(key)
	return e.Str, e.Kind == String
}

// Text gives a dictionary's string as text, "" if it is absent.
func (v Value) Text(key string) string {
	b, _ := v.Bytes(key)
	return string(b)
}

// Sorted says whether a dictionary's keys are in the order that BEP 3 demands.
// Not its inner dictionaries'.
func (v Value) Sorted() bool {
	for i := 1; i < len(v.Dict); i++ {
		if bytes.Compare(v.Dict[i-1].Key, v.Dict[i].Key) >= 0 {
			return false
		}
	}
	return true
}

// sortedEntries gives the entries in order, copying only if they are not.
func (v Value) sortedEntries() []Entry {
	if v.Sorted() {
		return v.Dict
	}
	e := append([]Entry(nil), v.Dict...)
	sort.SliceStable(e, func(i, j int) bool { return bytes.Compare(e[i].Key, e[j].Key) < 0 })
	return e
}
