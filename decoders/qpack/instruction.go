package qpack

// Op is what an instruction does.
type Op uint8

// The instructions of an encoder stream (RFC 9204 §4.3), then those of a decoder
// stream (§4.4).
const (
	SetCapacity Op = iota
	InsertNameRef
	InsertLiteral
	Duplicate
	SectionAck
	StreamCancel
	CountIncrement
)

// String is the name that the RFC gives the instruction.
func (o Op) String() string {
	return [...]string{"Set Dynamic Table Capacity", "Insert with Name Reference", "Insert with Literal Name", "Duplicate",
		"Section Acknowledgment", "Stream Cancellation", "Insert Count Increment"}[o%7]
}

// Instruction is one instruction.
type Instruction struct {
	Op      Op
	Len     int
	N       uint64 // capacity, index, stream or increment
	Static  bool   // N is an index into the static table
	Field   Field  // that is inserted
	Index   uint64 // absolute index of the new entry, after Apply
	Evicted int    // entries that had to go, after Apply
}

// ParseEncoder reads the instruction at the front of an encoder stream. ErrShort
// means that more bytes are needed.
func ParseEncoder(b []byte) (in Instruction, err error) {
	if len(b) == 0 {
		return in, ErrShort
	}
	next := 0
	switch first := b[0]; {
	case first&0x80 != 0:
		in.Op, in.Static = InsertNameRef, first&0x40 != 0
		if in.N, next, err = integer(b, 0, 6); err == nil {
			in.Field.Value, next, err = text(b, next, 7)
		}
	case first&0x40 != 0:
		in.Op = InsertLiteral
		if in.Field.Name, next, err = text(b, 0, 5); err == nil {
			in.Field.Value, next, err = text(b, next, 7)
		}
	case first&0x20 != 0:
		in.Op = SetCapacity
		in.N, next, err = integer(b, 0, 5)
	default:
		in.Op = Duplicate
		in.N, next, err = integer(b, 0, 5)
	}
	in.Len = next
	return in, err
}

// ParseDecoder reads the instruction at the front of a decoder stream. ErrShort
// means that more bytes are needed.
func ParseDecoder(b []byte) (in Instruction, err error) {
	if len(b) == 0 {
		return in, ErrShort
	}
	bits := uint(6)
	switch first := b[0]; {
	case first&0x80 != 0:
		in.Op, bits = SectionAck, 7
	case first&0x40 != 0:
		in.Op = StreamCancel
	default:
		in.Op = CountIncrement
	}
	in.N, in.Len, err = integer(b, 0, bits)
	return in, err
}

// Apply does what an instruction of the encoder says, and fills in its Field,
// Index and Evicted.
func (t *Table) Apply(in *Instruction) error {
	switch in.Op {
	case SetCapacity:
		if t.LimitKnown && in.N > uint64(max(t.Limit, 0)) {
			return ErrCapacity
		}
		in.Evicted = t.resize(int(min(in.N, MaxCapacity)))
		return nil
	case InsertNameRef, Duplicate:
		f, err := t.relative(in.N, in.Static)
		if err != nil {
			return err
		}
		in.Field.Name, in.Field.NoName = f.Name, f.NoName
		if in.Op == Duplicate {
			in.Field = f
		}
	case InsertLiteral:
	default:
		return nil
	}
	var ok bool
	in.Index = t.Inserted
	if t.Partial && in.Field.Size() > t.Capacity {
		t.Capacity = MaxCapacity // the instruction that set it may have been missed
	}
	if in.Evicted, ok = t.insert(in.Field); !ok {
		return ErrNoRoom
	}
	return nil
}

// relative finds the entry that an instruction names: 0 is the newest of the
// dynamic table (RFC 9204 §3.2.5).
func (t *Table) relative(n uint64, fixed bool) (Field, error) {
	if fixed {
		if n >= uint64(len(static)) {
			return Field{}, ErrIndex
		}
		return static[n], nil
	}
	if n < t.Inserted {
		if f, ok := t.At(t.Inserted - 1 - n); ok {
			return f, nil
		}
	}
	if t.Partial {
		return Field{NoName: true, NoValue: true}, nil
	}
	return Field{}, ErrGone
}

// Acknowledge does what an instruction of the decoder says. required is the
// insert count that the acknowledged section needed.
func (t *Table) Acknowledge(in Instruction, required uint64) error {
	switch in.Op {
	case SectionAck:
		t.Known = max(t.Known, required)
	case CountIncrement:
		if in.N == 0 || !t.Partial && in.N > t.Inserted-min(t.Known, t.Inserted) {
			return ErrIncrement
		}
		t.Known += in.N
	}
	return nil
}
