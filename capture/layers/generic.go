package layers

import (
	"fmt"
	"net"
	"reflect"
)

// renderGeneric shows a layer that gopacket decodes and that has no renderer
// here: its Go fields, without spans of their own.
func renderGeneric(s step) Node {
	x := s.box()
	x.kids = goFields(s.info, s.off, s.head)
	return x.node(s, protoTable[s.proto].title, "")
}

// goFields lists the exported simple fields of what gopacket decoded. A value
// whose String method panics is left out.
func goFields(v any, off, n int) (kids []Node) {
	defer func() { _ = recover() }() // what was listed so far is kept
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() != reflect.Struct {
		return nil
	}
	for i := range r.NumField() {
		f := r.Type().Field(i)
		if !f.IsExported() || f.Anonymous {
			continue
		}
		if text, ok := goValue(r.Field(i)); ok {
			kids = append(kids, Node{Label: f.Name, Value: text, Off: off, Len: n})
		}
	}
	return kids
}

// goValue writes numbers, flags, names, addresses and bytes; not structures.
func goValue(v reflect.Value) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	switch b := v.Interface().(type) {
	case net.IP:
		return b.String(), true
	case net.HardwareAddr:
		return b.String(), true
	case []byte:
		return hexBytes(b), len(b) > 0
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.String:
		return fmt.Sprint(v.Interface()), true
	}
	return "", false
}
