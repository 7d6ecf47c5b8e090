package lines

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"netscope/decoders/timeline"
)

// Schema is the version of the JSON lines. It grows when a field changes its
// meaning, not when one is added.
const Schema = 1

// Seconds is a time that is written in seconds, exact to the nanosecond.
type Seconds timeline.Time

// MarshalJSON writes the shortest exact decimal.
func (s Seconds) MarshalJSON() ([]byte, error) {
	sign, v := "", int64(s)
	if v < 0 {
		sign, v = "-", -v
	}
	whole := strconv.FormatInt(v/1e9, 10)
	frac := strings.TrimRight(fmt.Sprintf("%09d", v%1e9), "0")
	if frac == "" {
		frac = "0"
	}
	return []byte(sign + whole + "." + frac), nil
}

type epochLine struct {
	Type   string    `json:"type"`
	Schema int       `json:"schema"`
	Epoch  time.Time `json:"epoch"`
}

type packetLine struct {
	Type    string           `json:"type"`
	Variant string           `json:"variant,omitempty"`
	N       int64            `json:"n"`
	T       Seconds          `json:"t"`
	Arrived *Seconds         `json:"arrived"`
	Lost    bool             `json:"lost"`
	Reason  string           `json:"reason,omitempty"`
	Src     string           `json:"src"`
	Dst     string           `json:"dst"`
	Len     uint32           `json:"len"`
	Proto   string           `json:"proto"`
	Info    string           `json:"info"`
	Conv    *timeline.ConvID `json:"conv"`
	Link    string           `json:"interface,omitempty"`
	TCP     []string         `json:"analysis,omitempty"`
	Comment string           `json:"comment,omitempty"`
}

type messageLine struct {
	Type     string          `json:"type"`
	Variant  string          `json:"variant,omitempty"`
	Level    string          `json:"level"`
	N        int64           `json:"n"`
	PartOf   *int64          `json:"part_of"`
	T        Seconds         `json:"t"`
	End      *Seconds        `json:"end"`
	Conv     timeline.ConvID `json:"conv"`
	Stream   *int64          `json:"stream"`
	Exchange *int64          `json:"exchange"`
	Packets  []int64         `json:"packets"`
	Src      string          `json:"src"`
	Dst      string          `json:"dst"`
	From     string          `json:"from"`
	To       string          `json:"to"`
	Proto    string          `json:"proto"`
	Kind     string          `json:"kind"`
	Name     string          `json:"name"`
	Summary  string          `json:"summary"`
	ReplyTo  *int64          `json:"reply_to"`
	Len      int64           `json:"len"`
	// WireLen is how many bytes of its stream the message takes, head, framing
	// and coding included. The stream is the one that the protocol speaks of: a
	// TCP connection, the plaintext of TLS, a QUIC stream. So a message counts
	// alike in clear and encrypted, and what packets, TLS records and QUIC add
	// is theirs.
	WireLen int64   `json:"wire_len"`
	Fields  fields  `json:"fields"`
	Error   *string `json:"error"`
}

type noteLine struct {
	Type    string          `json:"type"`
	Variant string          `json:"variant,omitempty"`
	T       Seconds         `json:"t"`
	Host    string          `json:"host"`
	Proto   string          `json:"proto"`
	Name    string          `json:"name"`
	Summary string          `json:"summary"`
	Data    json.RawMessage `json:"data"`
}
