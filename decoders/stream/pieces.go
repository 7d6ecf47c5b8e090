package stream

// The pieces of one direction that wait behind a hole form a treap: sorted by
// offset, never overlapping. Whatever the order in which they come, entering
// one costs the logarithm of their number.

// insert enters node i, which overlaps no other, and returns the new root.
func (b *buffers) insert(root, i int32) int32 {
	n := &b.nodes[i]
	link := &root
	for *link != 0 && b.nodes[*link].prio >= n.prio {
		at := &b.nodes[*link]
		if n.off < at.off {
			link = &at.left
		} else {
			link = &at.right
		}
	}
	// i takes this place; what was below it is split around its offset.
	rest := *link
	*link = i
	l, r := &n.left, &n.right
	for rest != 0 {
		at := &b.nodes[rest]
		if at.off < n.off {
			*l, l = rest, &at.right
			rest = at.right
		} else {
			*r, r = rest, &at.left
			rest = at.left
		}
	}
	*l, *r = 0, 0
	return root
}

// first is the piece with the smallest offset, 0 if there is none.
func (b *buffers) first(root int32) int32 {
	for root != 0 && b.nodes[root].left != 0 {
		root = b.nodes[root].left
	}
	return root
}

// removeFirst takes the first piece out and returns the new root.
func (b *buffers) removeFirst(root int32) int32 {
	link := &root
	for b.nodes[*link].left != 0 {
		link = &b.nodes[*link].left
	}
	*link = b.nodes[*link].right
	return root
}

// after is the first piece that ends beyond off, 0 if there is none.
func (b *buffers) after(root int32, off int64) int32 {
	found := int32(0)
	for root != 0 {
		if n := &b.nodes[root]; n.end() > off {
			found, root = root, n.left
		} else {
			root = n.right
		}
	}
	return found
}
