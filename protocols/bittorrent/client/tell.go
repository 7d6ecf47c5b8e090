package client

import (
	"encoding/hex"
	"fmt"

	"netscope/protocols/bittorrent/metainfo"
)

// tellTorrent notes what the torrent is, once it is known: on the wire neither
// the number of pieces nor the length is ever said to who has the torrent.
func (c *Client) tellTorrent(t *metainfo.Torrent) {
	c.note("torrent-known", fmt.Sprintf("the torrent has %d pieces", t.NumPieces()), map[string]any{
		"info_hash": hex.EncodeToString(t.InfoHash[:]), "name": t.Name, "pieces": t.NumPieces(), "piece_length": t.PieceLength, "length": t.Span()})
}
