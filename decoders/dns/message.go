package dns

// Message is a DNS message as it is on the wire (RFC 1035 §4.1). Offsets count
// from its first byte, the length prefix of TCP not included.
type Message struct {
	ID        uint16
	Flags     uint16
	Counts    [4]uint16 // questions, answers, authority, additional: as the header says
	Questions []Question
	Records   []Record // of all sections, in order
	End       int      // bytes used
	Bad       string   // the first thing that is wrong, empty if nothing
	Partial   bool     // it ends before it has all that the header promises
	Left      int      // records that are there but were not kept, being too many
}

// Question is an entry of the question section (RFC 1035 §4.1.2).
type Question struct {
	Name        Name
	Type, Class uint16
	Off, Len    int
}

// Section is a part of a message.
type Section uint8

// The sections. In an UPDATE they are called zone, prerequisite, update and
// additional (RFC 2136 §2).
const (
	QuestionSection Section = iota
	AnswerSection
	AuthoritySection
	AdditionalSection
)

// Record is a resource record (RFC 1035 §4.1.3).
type Record struct {
	Section          Section
	Name             Name
	Type, Class      uint16
	TTL              uint32
	Off, Len         int
	DataOff, DataLen int // of RDATA
}

const (
	headerLen = 12

	// maxRecords are the questions and records of one message that are kept;
	// others are counted. A message of 64 KiB cannot have more than 13,104.
	maxRecords = 4096
)

// Response reports the QR bit.
func (m *Message) Response() bool { return m.Flags&0x8000 != 0 }

// Opcode is the kind of operation.
func (m *Message) Opcode() int { return int(m.Flags >> 11 & 15) }

// Rcode is the response code of the header, without EDNS's higher bits.
func (m *Message) Rcode() int { return int(m.Flags & 15) }

func u16(b []byte, off int) uint16 { return uint16(b[off])<<8 | uint16(b[off+1]) }

func u32(b []byte, off int) uint32 { return uint32(u16(b, off))<<16 | uint32(u16(b, off+2)) }

// Parse reads a message. It never fails: what cannot be read ends it, with the
// reason in Bad.
func Parse(b []byte) Message {
	var m Message
	word := func(i int) uint16 {
		if len(b) >= 2*i+2 {
			return u16(b, 2*i)
		}
		return 0
	}
	m.ID, m.Flags = word(0), word(1)
	for i := range m.Counts {
		m.Counts[i] = word(2 + i)
	}
	if len(b) < headerLen {
		m.End, m.Partial, m.Bad = len(b), true, "shorter than the header of 12 bytes (RFC 1035 §4.1.1)"
		return m
	}
	m.End = headerLen
	if m.Counts[0] == 1 {
		m.Questions = make([]Question, 0, 1)
	}
	for range m.Counts[0] {
		if !m.question(b) {
			m.Partial = true
			return m
		}
	}
	total := 0
	for _, c := range m.Counts[1:] {
		total += int(c)
	}
	if total > 0 {
		m.Records = make([]Record, 0, min(total, (len(b)-m.End)/11, maxRecords))
	}
	for s := AnswerSection; s <= AdditionalSection; s++ {
		for range m.Counts[s] {
			if !m.record(b, s) {
				m.Partial = true
				return m
			}
		}
	}
	return m
}

func (m *Message) wrong(text string) {
	if m.Bad == "" {
		m.Bad = text
	}
}

func (m *Message) question(b []byte) bool {
	if m.End >= len(b) {
		m.wrong("the message ends before its last question")
		return false
	}
	name, ok := readName(b, m.End)
	if name.Bad != "" {
		m.wrong("question: " + name.Bad)
	}
	at := name.Off + name.Len
	if !ok || at+4 > len(b) {
		m.wrong("the message ends within a question")
		return false
	}
	if len(m.Questions) < maxRecords {
		m.Questions = append(m.Questions, Question{Name: name, Type: u16(b, at), Class: u16(b, at+2), Off: m.End, Len: at + 4 - m.End})
	} else {
		m.Left++
	}
	m.End = at + 4
	return name.Text != nameTooLong // with such a name nothing after it can be trusted
}

func (m *Message) record(b []byte, s Section) bool {
	if m.End >= len(b) {
		m.wrong("the message ends before the last record that its header counts")
		return false
	}
	like := ""
	if len(m.Questions) > 0 {
		like = m.Questions[0].Name.Text // most records have the name that was asked for
	}
	name, ok := nameAt(b, m.End, like)
	if name.Bad != "" {
		m.wrong("name of a record: " + name.Bad)
	}
	at := name.Off + name.Len
	if !ok || at+10 > len(b) {
		m.wrong("the message ends within a record")
		return false
	}
	r := Record{Section: s, Name: name, Type: u16(b, at), Class: u16(b, at+2), TTL: u32(b, at+4), Off: m.End,
		DataOff: at + 10, DataLen: int(u16(b, at+8))}
	whole := r.DataOff+r.DataLen <= len(b)
	if !whole {
		m.wrong("RDLENGTH says more bytes than the message has")
		r.DataLen = len(b) - r.DataOff
	}
	m.End = r.DataOff + r.DataLen
	r.Len = m.End - r.Off
	if len(m.Records) < maxRecords {
		m.Records = append(m.Records, r)
	} else {
		m.Left++
	}
	return whole && name.Text != nameTooLong
}
