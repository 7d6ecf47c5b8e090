package qlog

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"netscope/capture"
)

// Looks reports whether a file's first bytes may be a qlog: a JSON object, or a
// sequence of them.
func Looks(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), "\x1e \t\r\n")
	return len(b) > 0 && b[0] == '{'
}

// Open reads a qlog file. The error is one sentence.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // names the path
	}
	defer f.Close()
	q, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return q, nil
}

var (
	errTooLarge = fmt.Errorf("the qlog is larger than %d MB; split it by connection", maxFile>>20)
	errOld      = errors.New("the qlog is of a version before 0.3, whose events are lists; convert it, or log anew with a current version")
	errNoQlog   = errors.New("it is JSON but no qlog: it has neither file_schema nor qlog_version")
	errNoTraces = errors.New("the qlog has no traces")
)

// Read reads a qlog, also one that is compressed by gzip. The events before a
// place where it is broken or ends too early are kept, and the place is told as
// [capture.Truncated].
func Read(r io.Reader) (*File, error) {
	b, err := readAll(r)
	if err != nil {
		return nil, err
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	// The record separator of a sequence (RFC 7464) is white space to us: it
	// cannot stand within a JSON text.
	for i, c := range b {
		if c == 0x1e {
			b[i] = ' '
		}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	var top object
	f := &File{}
	if err := dec.Decode(&top); err != nil {
		why := broken(err, dec.InputOffset())
		good := b
		var syn *json.SyntaxError
		if errors.As(err, &syn) {
			good = b[:min(max(syn.Offset-1, 0), int64(len(b)))]
		}
		text, end := whole(good)
		if end == 0 || json.Unmarshal(text, &top) != nil || top["traces"] == nil {
			return nil, why
		}
		f.cut = &capture.Truncated{Offset: int64(end), Reason: why.Error()}
	}
	form := top.text("file_schema")
	if v := top.text("qlog_version"); form == "" && v != "" {
		form = "version " + v
		if v == "0.1" || v == "0.2" || strings.HasPrefix(v, "draft-0") {
			return nil, errOld
		}
	}
	if form == "" {
		return nil, errNoQlog
	}
	if _, ok := top["traces"]; ok {
		err = f.contained(top)
	} else {
		err = f.sequence(top, dec)
	}
	if err != nil {
		return nil, err
	}
	sort.SliceStable(f.events, func(i, j int) bool { return f.events[i].at.Before(f.events[j].at) })
	f.describe(short(form), short(top.text("title")))
	return f, nil
}

// readAll reads a file that may be compressed. If it ends too early, what there
// is of it is the file.
func readAll(r io.Reader) ([]byte, error) {
	in, err := unzipped(r)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, err
	case len(b) > maxFile:
		return nil, errTooLarge
	}
	return b, nil
}

// unzipped undoes compression by gzip, if there is any.
func unzipped(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" {
		return in, nil
	}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, errors.New("it is a damaged gzip file")
	}
	return z, nil
}

// broken says in a sentence what is wrong with JSON.
func broken(err error, off int64) error {
	var syn *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the qlog ends in the middle of a JSON text")
	case errors.As(err, &syn):
		return fmt.Errorf("the qlog is not JSON at byte %d: %s", syn.Offset, syn.Error())
	}
	return fmt.Errorf("the qlog cannot be read near byte %d: it holds something else than an object where one must be", off)
}

// contained reads all traces of a file that is one JSON text.
func (f *File) contained(top object) error {
	var list []json.RawMessage
	if json.Unmarshal(top["traces"], &list) != nil || len(list) == 0 {
		return errNoTraces
	}
	for i, b := range list {
		o := objectOf(b)
		if o == nil || o["events"] == nil && o["error_description"] != nil {
			continue // a trace that could not be loaded is kept as a reason only
		}
		if len(f.traces) == maxTraces {
			return fmt.Errorf("the qlog has more than %d traces; split it", maxTraces)
		}
		f.begin(o)
		var events []json.RawMessage
		if err := json.Unmarshal(o["events"], &events); o["events"] != nil && err != nil {
			return fmt.Errorf("trace %d of the qlog has no list of events", i+1)
		}
		for _, e := range events {
			if err := f.add(e); err != nil {
				return err
			}
		}
	}
	if len(f.traces) == 0 {
		return errNoTraces
	}
	return nil
}

// sequence reads the events after the head of a sequence.
func (f *File) sequence(top object, dec *json.Decoder) error {
	t := objectOf(top["trace"])
	if t == nil {
		return errNoTraces
	}
	f.begin(t)
	for {
		var b json.RawMessage
		switch err := dec.Decode(&b); {
		case err == io.EOF:
			return nil
		case err != nil:
			f.cut = &capture.Truncated{Offset: dec.InputOffset(), Reason: broken(err, dec.InputOffset()).Error()}
			return nil
		}
		if err := f.add(b); err != nil {
			return err
		}
	}
}

// begin adds a trace.
func (f *File) begin(o object) {
	v := objectOf(o["vantage_point"])
	t := trace{vantage: v.text("type"), flow: v.text("flow"), name: short(v.text("name")), title: short(o.text("title"))}
	switch t.vantage {
	case "client", "server", "network":
	default:
		t.vantage = "unknown"
	}
	if t.flow != "client" && t.flow != "server" {
		t.flow = ""
	}
	t.clock = clockOf(objectOf(o["common_fields"]))
	f.traces = append(f.traces, t)
}

// add adds an event to the newest trace. One without a time or a name is left
// out.
func (f *File) add(b json.RawMessage) error {
	if len(b) > 0 && b[0] == '[' {
		return errOld
	}
	if len(f.events) == maxEvents {
		return fmt.Errorf("the qlog has more than %d events; split it by connection", maxEvents)
	}
	var e struct {
		Time json.RawMessage `json:"time"`
		Name text            `json:"name"`
		Data json.RawMessage `json:"data"`
	}
	i := len(f.traces) - 1
	if json.Unmarshal(b, &e) != nil || e.Name == "" {
		return nil
	}
	at, ok := f.traces[i].clock.at(e.Time)
	if !ok {
		return nil
	}
	full := short(string(e.Name))
	f.events = append(f.events, event{trace: i, at: at, name: full[strings.LastIndexByte(full, ':')+1:], full: full, data: e.Data})
	return nil
}
