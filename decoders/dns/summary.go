package dns

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	maxListed = 4  // questions or answers in a summary
	maxValue  = 64 // bytes of one
)

// summary is the message in one line.
func (r *reading) summary() string {
	m := &r.m
	if len(r.b) < headerLen {
		return fmt.Sprintf("%d bytes, shorter than a header", len(r.b))
	}
	switch op := m.Opcode(); op {
	case opQuery:
	case opUpdate:
		return r.update()
	default:
		text := OpcodeName(op)
		if m.Response() {
			text += " " + RcodeName(m.extendedRcode())
		}
		return strings.TrimSpace(text + " " + r.questions())
	}
	if !m.Response() {
		text := r.questions()
		if n := m.Counts[1]; n > 0 && r.mdns {
			text += fmt.Sprintf(" (knows %s)", plural(int(n), "answer"))
		}
		return text
	}
	text := r.answer()
	if m.Flags&0x0200 != 0 {
		text += ", truncated"
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func (r *reading) questions() string {
	if len(r.m.Questions) == 1 && r.m.Questions[0].Class == 1 {
		q := &r.m.Questions[0]
		return TypeName(q.Type) + " " + shown(q.Name.Text)
	}
	var list []string
	for i := range r.m.Questions {
		q := &r.m.Questions[i]
		if len(list) == maxListed {
			list = append(list, fmt.Sprintf("+%d", len(r.m.Questions)-i))
			break
		}
		text := TypeName(q.Type)
		if class, _ := r.class(q.Class); class != 1 {
			text += " " + ClassName(class)
		}
		list = append(list, text+" "+shown(q.Name.Text))
	}
	if list == nil {
		return "no question"
	}
	return strings.Join(list, ", ")
}

// answer is what a response says.
func (r *reading) answer() string {
	m := &r.m
	if rc := m.extendedRcode(); rc != 0 {
		if len(m.Questions) == 0 {
			return RcodeName(rc)
		}
		return RcodeName(rc) + " " + shown(m.Questions[0].Name.Text)
	}
	var room [maxListed]string
	list := room[:0]
	least, rest := int64(-1), 0
	signed := false
	for i := range m.Records {
		rec := &m.Records[i]
		if rec.Section != AnswerSection || rec.Type == typeRRSIG && i > 0 {
			signed = signed || rec.Type == typeRRSIG && rec.Section == AnswerSection
			continue
		}
		if least < 0 || int64(rec.TTL) < least {
			least = int64(rec.TTL)
		}
		if len(list) == maxListed {
			rest++
			continue
		}
		list = append(list, TypeName(rec.Type)+" "+r.value(rec))
	}
	if len(list) == 0 {
		return r.empty()
	}
	text := strings.Join(list, ", ")
	if rest > 0 {
		text += " +" + strconv.Itoa(rest)
	}
	text += " (ttl " + strconv.FormatInt(least, 10) + ")"
	if signed {
		text += ", signed"
	}
	return text
}

// value is a record's data in a few words.
func (r *reading) value(rec *Record) string {
	parts := r.first
	if rec != r.of {
		parts, _ = data(r.b, rec, false)
	}
	if len(parts) == 1 && !parts[0].isNum {
		return clip(parts[0].text(), maxValue)
	}
	var words []string
	for i := range parts {
		if p := &parts[i]; p.isNum && !p.isBool {
			words = append(words, strconv.FormatInt(p.num, 10))
		} else {
			words = append(words, p.text())
		}
	}
	return clip(strings.Join(words, " "), maxValue)
}

// empty is what a response without answers says: a referral (RFC 1034 §4.3.2),
// or that there is no such record (RFC 2308 §2.2).
func (r *reading) empty() string {
	m := &r.m
	var first *Record
	servers, glue := 0, 0
	for i := range m.Records {
		switch rec := &m.Records[i]; {
		case rec.Section == AuthoritySection && rec.Type == typeNS:
			if servers++; first == nil {
				first = rec
			}
		case rec.Section == AdditionalSection && (rec.Type == typeA || rec.Type == typeAAAA):
			glue++
		}
	}
	if first != nil && m.Flags&0x0400 == 0 {
		text := "referral: " + shown(first.Name.Text) + " NS " + r.value(first)
		if servers > 1 {
			text += fmt.Sprintf(" +%d", servers-1)
		}
		if glue > 0 {
			text += fmt.Sprintf(" (%d with address)", glue)
		}
		return text
	}
	if len(m.Questions) == 0 {
		return "no answers"
	}
	return "no " + TypeName(m.Questions[0].Type) + " for " + shown(m.Questions[0].Name.Text)
}

// update is a dynamic update (RFC 2136).
func (r *reading) update() string {
	zone := "no zone"
	if len(r.m.Questions) > 0 {
		zone = shown(r.m.Questions[0].Name.Text)
	}
	if r.m.Response() {
		return "UPDATE " + RcodeName(r.m.extendedRcode()) + " " + zone
	}
	var list []string
	for i := range r.m.Records {
		rec := &r.m.Records[i]
		if rec.Section != AuthoritySection || len(list) == maxListed {
			continue
		}
		text := shown(rec.Name.Text) + " " + TypeName(rec.Type)
		switch rec.Class {
		case 254, 255:
			text = "−" + text
		default:
			text = "+" + text + " " + r.value(rec)
		}
		list = append(list, text)
	}
	return strings.TrimSpace("UPDATE " + zone + " " + strings.Join(list, ", "))
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}
