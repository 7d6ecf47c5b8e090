package waterfall

import (
	"math"
	"strconv"

	"netscope/protocols/lab"
	"netscope/tui/view"
)

// Piece is a piece of a line with what it means, for its style.
type Piece struct {
	Text string
	Kind PieceKind
}

// PieceKind says what a piece of a measure's line is.
type PieceKind uint8

// Kinds of piece.
const (
	Plain PieceKind = iota
	NamePiece
	PredictedPiece
	MeasuredPiece
)

// MeasureLines say what was predicted, what was measured and why they differ.
func MeasureLines(ms []lab.Measure, rows int) [][]Piece {
	var out [][]Piece
	for i := range ms {
		if len(out) >= rows {
			break
		}
		m := &ms[i]
		l := []Piece{{m.Name + "  ", NamePiece}}
		switch {
		case m.Measured == nil:
			l = append(l, Piece{"not measured yet", Plain})
		default:
			l = append(l, Piece{"measured " + view.FormatValue(m.Measured, m.Unit), MeasuredPiece})
			if m.Predicted != nil && *m.Predicted != 0 {
				l = append(l, Piece{" (" + percent(*m.Measured / *m.Predicted - 1) + ")", Plain})
			}
		}
		switch {
		case m.Predicted != nil:
			l = append(l, Piece{" · ", Plain}, Piece{"predicted " + view.FormatValue(m.Predicted, m.Unit), PredictedPiece})
		case m.Band != nil:
			l = append(l, Piece{" · ", Plain}, Piece{"predicted " + view.FormatValue(&m.Band[0], m.Unit) + " to " + view.FormatValue(&m.Band[1], m.Unit), PredictedPiece})
		}
		if m.Ideal != nil {
			l = append(l, Piece{" · ", Plain}, Piece{"ideal " + view.FormatValue(m.Ideal, m.Unit), PredictedPiece}, Piece{" = " + m.Formula, Plain})
		}
		out = append(out, l)
		if len(m.Causes) > 0 && len(out) < rows {
			c := []Piece{{"  because of ", Plain}}
			for j, k := range m.Causes {
				if j > 0 {
					c = append(c, Piece{", ", Plain})
				}
				v := math.Abs(k.Value)
				sign := "+"
				if k.Value < 0 {
					sign = "−"
				}
				c = append(c, Piece{k.Name + " " + sign + view.FormatValue(&v, m.Unit), Plain})
			}
			out = append(out, c)
		}
		if m.Note != "" && len(out) < rows {
			out = append(out, []Piece{{"  " + m.Note, Plain}})
		}
	}
	return out
}

func percent(x float64) string {
	s := strconv.FormatFloat(math.Abs(x*100), 'f', 2, 64) + " %"
	if x < 0 {
		return "−" + s
	}
	return "+" + s
}

// caption is the first measure in few words, for the pane's title.
func caption(ms []lab.Measure) string {
	if len(ms) == 0 {
		return ""
	}
	m := &ms[0]
	s := ""
	switch {
	case m.Predicted != nil:
		s = "predicted " + view.FormatValue(m.Predicted, m.Unit)
	case m.Band != nil:
		s = "predicted " + view.FormatValue(&m.Band[0], "") + "–" + view.FormatValue(&m.Band[1], m.Unit)
	case m.Ideal != nil:
		s = "ideal " + view.FormatValue(m.Ideal, m.Unit)
	}
	if m.Measured != nil {
		if s != "" {
			s += ", "
		}
		s += "measured " + view.FormatValue(m.Measured, m.Unit)
	}
	return s
}
