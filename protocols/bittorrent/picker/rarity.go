package picker

// rarity keeps pieces sorted by how many peers have them. A piece that is not
// to be chosen (complete, or begun) is out: it is counted but stands behind all
// others. Every change of one count is one exchange within the order.
type rarity struct {
	count []int32 // by piece: peers that have it
	order []int32 // pieces: those with count 0, 1, …, then those that are out
	at    []int32 // by piece: where it stands in order
	from  []int32 // by count: where its pieces begin in order; the last entry is where those that are out begin
}

func newRarity(n int) rarity {
	r := rarity{count: make([]int32, n), order: make([]int32, n), at: make([]int32, n), from: []int32{0, int32(n)}}
	for i := range r.order {
		r.order[i], r.at[i] = int32(i), int32(i)
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
func (r *rarity) gone(piece int) bool { return r.at[piece] >= r.from[len(r.from)-1] }

func (r *rarity) swap(i, j int32) {
	a, b := r.order[i], r.order[j]
	r.order[i], r.order[j] = b, a
	r.at[a], r.at[b] = j, i
}

// more counts one more peer with the piece.
func (r *rarity) more(piece int) {
	c := r.count[piece]
	r.count[piece]++
	if int(c)+1 >= r.levels() {
		r.from = append(r.from, r.from[len(r.from)-1])
	}
	if r.gone(piece) {
		return
	}
	last := r.from[c+1] - 1
	r.swap(r.at[piece], last)
	r.from[c+1] = last
}

// fewer counts one peer with the piece less.
func (r *rarity) fewer(piece int) {
	c := r.count[piece]
	if c == 0 {
		return
	}
	r.count[piece]--
	if r.gone(piece) {
		return
	}
	first := r.from[c]
	r.swap(r.at[piece], first)
	r.from[c] = first + 1
}

// out takes a piece out of the choice.
func (r *rarity) out(piece int) {
	if r.gone(piece) {
		return
	}
	for c := int(r.count[piece]); c < r.levels(); c++ {
		last := r.from[c+1] - 1
		r.swap(r.at[piece], last)
		r.from[c+1] = last
	}
}

// back puts a piece into the choice again.
func (r *rarity) back(piece int) {
	if !r.gone(piece) {
		return
	}
	for c := r.levels() - 1; c >= int(r.count[piece]); c-- {
		first := r.from[c+1]
		r.swap(r.at[piece], first)
		r.from[c+1] = first + 1
	}
}
