package layers

import "fmt"

// render turns the layers that were found into nodes, and what no layer
// claimed into a payload node.
func (w *walk) render() []Node {
	var nodes []Node
	var net step // the innermost IP header so far
	for i, s := range w.steps {
		if s.proto == pIPv4 || s.proto == pIPv6 {
			net = s
		}
		n := w.renderStep(s, net)
		if s.proto == pEthernet {
			w.putTrailer(&n, i)
		}
		nodes = append(nodes, n)
	}
	if w.off < w.end {
		nodes = append(nodes, w.payload())
	}
	return nodes
}

func (w *walk) renderStep(s, net step) Node {
	switch s.proto {
	case pNull:
		return renderNull(s, w.link)
	case pSLL:
		return renderSLL(s)
	case pSLL2:
		return renderSLL2(s)
	case pPPP:
		return renderPPP(s)
	case pPPPoE:
		return renderPPPoE(s)
	case pEthernet:
		return renderEthernet(s)
	case pVLAN:
		return renderVLAN(s)
	case pARP:
		return renderARP(s)
	case pIPv4:
		return renderIPv4(s)
	case pIPv6:
		return renderIPv6(s)
	case pHopByHop, pDestOpts:
		return renderOptions(s)
	case pRouting:
		return renderRouting(s)
	case pAtomic:
		return renderFragment(s)
	case pICMP:
		return renderICMP(w, s)
	case pICMPv6:
		return renderICMPv6(w, s, net)
	case pIGMP:
		return renderIGMP(s)
	case pTCP:
		return renderTCP(s, net)
	case pUDP:
		return renderUDP(s, net)
	case pGRE:
		return renderGRE(s)
	case pVXLAN:
		return renderVXLAN(s)
	case pGeneve:
		return renderGeneve(s)
	case pTeredo:
		return renderTeredo(s)
	}
	return renderGeneric(s)
}

// payload is what follows the last layer.
func (w *walk) payload() Node {
	name, what := "data.data", "Data"
	switch last := w.last(); last.proto {
	case pTCP:
		name, what = "tcp.payload", "Payload"
	case pUDP:
		name, what = "udp.payload", "Payload"
	case pNone:
		if len(w.steps) == 0 {
			what = w.link.String()
		}
	case pIPv4, pAtomic:
		if isFragment(last) {
			what = "Fragment data"
		}
	}
	value := ""
	if len(w.steps) == 0 {
		value = "netscope does not decode this link type"
		if w.first() == pNone && w.decodes() {
			value = "neither IPv4 nor IPv6"
		}
	}
	return Node{
		Name: name, Label: payloadLabel(what, w.end-w.off, w.wend-w.off), Value: value, Doc: docs[name],
		Off: w.off, Len: w.end - w.off,
	}
}

// decodes reports whether packets of this link type can be decoded at all.
func (w *walk) decodes() bool {
	probe := walk{link: w.link, data: []byte{0x45}, end: 1}
	return probe.first() != pNone
}

// last is the innermost layer, or a zero step.
func (w *walk) last() step {
	if len(w.steps) == 0 {
		return step{}
	}
	return w.steps[len(w.steps)-1]
}

// isFragment reports whether an IP header says that this is part of a packet.
func isFragment(s step) bool {
	if s.proto == pIPv4 {
		return be16(s.b, 6)&0x3fff != 0
	}
	return s.proto == pAtomic && be16(s.b, 2)&0xfff9 != 0
}

// payloadLabel is "Payload (N bytes)"; where the capture kept less, it says so.
func payloadLabel(what string, captured, wire int) string {
	if captured < wire {
		return fmt.Sprintf("%s (%s, %d captured)", what, byteCount(wire), captured)
	}
	return fmt.Sprintf("%s (%s)", what, byteCount(captured))
}

// putTrailer adds what lies behind the network packet within an Ethernet
// frame: padding up to 60 bytes, or a trailer.
func (w *walk) putTrailer(n *Node, i int) {
	outer := w.steps[i]
	end := outer.off + len(outer.b)
	for _, s := range w.steps[i+1:] {
		switch s.proto {
		case pEthernet:
			return
		case pIPv4, pIPv6, pARP, pLLC, pPPPoE:
			at := s.off + len(s.b)
			if at >= end {
				return
			}
			name, label := "eth.trailer", "Trailer"
			if len(outer.b) <= 60 {
				name, label = "eth.padding", "Padding"
			}
			n.Children = append(n.Children, Node{
				Name: name, Label: label, Value: hexBytes(w.data[at:end]), Doc: docs[name], Off: at, Len: end - at,
			})
			return
		}
	}
}
