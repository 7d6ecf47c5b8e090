package netlab

// edge is a link seen from one of its ends.
type edge struct {
	to  int // node at the far end
	via int // index of the link
}

// shortest computes, for each node, the link to take towards each other node:
// next[from][to], or -1 where there is no way. Fewest hops win; among equals,
// the link named first. Nodes for which transit is false forward nothing.
func shortest(adjacent [][]edge, transit []bool) (next [][]int) {
	n := len(adjacent)
	next = make([][]int, n)
	for i := range next {
		next[i] = make([]int, n)
		for j := range next[i] {
			next[i][j] = -1
		}
	}
	distance := make([]int, n)
	for dst := range n {
		for i := range distance {
			distance[i] = -1
		}
		distance[dst] = 0
		frontier := []int{dst}
		for len(frontier) > 0 {
			node := frontier[0]
			frontier = frontier[1:]
			if node != dst && !transit[node] {
				continue
			}
			for _, e := range adjacent[node] {
				if distance[e.to] < 0 {
					distance[e.to] = distance[node] + 1
					frontier = append(frontier, e.to)
				}
			}
		}
		for from := range n {
			for _, e := range adjacent[from] {
				closer := distance[e.to] >= 0 && distance[e.to] == distance[from]-1
				if closer && (e.to == dst || transit[e.to]) {
					next[from][dst] = e.via
					break
				}
			}
		}
	}
	return next
}
