package picker

// rarity keeps pieces sorted by how many peers have them. A piece that is not
// to be chosen (complete, or begun) is out: it is counted but stands behind all
// others. Every change of one count is one exchange within the order.
type rarity struct {
	rank  []rank  // by piece
	order []int32 // pieces: those with count 0, 1, …, then those that are out
	from  []int32 // by count: where its pieces begin in order; the last entry is where those that are out begin
}

// rank is a piece's place.
type rank struct {
	count int32 // peers that have it
	at    int32 // where it stands in order
}

func newRarity(n int) rarity {
	r := rarity{rank: make([]rank, n), order: make([]int32, n), from: []int32{0, int32(n)}}
	for i := range r.order {
		r.order[i], r.rank[i].at = int32(i), int32(i)
	}
	return r
}

// levels is how many different counts there is room for.
func (r *rarity) levels() int { return len(r.from) - 1 }

// level gives the pieces that can be chosen and that c peers have.
func (r *rarity) level(c int) []int32 { return r.order[r.from[c]:r.from[c+1]] }

// choosable is how many pieces are not out.
func (r *rarity) choosable() int { return int(r.from[len(r.from)-1]) }

// gone reports whether a piece is out.
func (r *rarity) gone(piece int) bool { return r.rank[piece].at >= r.from[len(r.from)-1] }

func (r *rarity) swap(i, j int32) {
	if i == j {
		return
	}
	a, b := r.order[i], r.order[j]
	r.order[i], r.order[j] = b, a
	r.rank[a].at, r.rank[b].at = j, i
}

// more counts one more peer with the piece.
func (r *rarity) more(piece int) {
	c := r.rank[piece].count
	r.rank[piece].count++
	if int(c)+1 >= r.levels() {
		r.from = append(r.from, r.from[len(r.from)-1])
	}
	if r.gone(piece) {
		return
	}
	last := r.from[c+1] - 1
	r.swap(r.rank[piece].at, last)
	r.from[c+1] = last
}

// fewer counts one peer with the piece less.
func (r *rarity) fewer(piece int) {
	c := r.rank[piece].count
	if c == 0 {
		return
	}
	r.rank[piece].count--
	if r.gone(piece) {
		return
	}
	first := r.from[c]
	r.swap(r.rank[piece].at, first)
	r.from[c] = first + 1
}

// out takes a piece out of the choice.
func (r *rarity) out(piece int) {
	if r.gone(piece) {
		return
	}
	at := r.rank[piece].at
	for c := int(r.rank[piece].count); c < r.levels(); c++ {
		// The hole moves to the end of its level; the piece follows at last.
		last := r.from[c+1] - 1
		if at != last {
			moved := r.order[last]
			r.order[at], r.rank[moved].at = moved, at
			at = last
		}
		r.from[c+1] = last
	}
	r.order[at], r.rank[piece].at = int32(piece), at
}

// back puts a piece into the choice again.
func (r *rarity) back(piece int) {
	if !r.gone(piece) {
		return
	}
	at := r.rank[piece].at
	for c := r.levels() - 1; c >= int(r.rank[piece].count); c-- {
		first := r.from[c+1]
		if at != first {
			moved := r.order[first]
			r.order[at], r.rank[moved].at = moved, at
			at = first
		}
		r.from[c+1] = first + 1
	}
	r.order[at], r.rank[piece].at = int32(piece), at
}
