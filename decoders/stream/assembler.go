package stream

// Assembler holds all state: unfinished datagrams, the flow table, and TCP's
// buffers. It is not safe for concurrent use.
type Assembler struct {
	opt Options
}

// New makes an empty assembler.
func New(o Options) *Assembler { return &Assembler{opt: o} }

// Add takes the next packet, in the order of their times, and says in out what
// became of it.
func (a *Assembler) Add(p PacketIn, out *Result) { *out = Result{} }

// Flush is the end of the capture: holes are given up, what is buffered is
// delivered, and every conversation ends. The assembler is empty afterwards.
func (a *Assembler) Flush(out *Result) { *out = Result{} }

type tcpFlow struct{}
