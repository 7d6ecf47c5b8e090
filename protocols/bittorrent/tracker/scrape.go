package tracker

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"netscope/protocols/bittorrent/bencode"
)

// Scrape is what a tracker counts of one torrent (BEP 48).
type Scrape struct {
	InfoHash   Hash // zero in a UDP answer, which has the order of the question
	Complete   int  // seeds
	Downloaded int  // downloads that were completed, ever
	Incomplete int  // leechers
}

// MaxScrape is how many torrents one scrape asks about: what fits one UDP
// packet (BEP 15).
const MaxScrape = 74

// ScrapeURL gives the address for scrapes that belongs to an announce address:
// "announce" at the start of the last part of its path becomes "scrape"
// (BEP 48). Without that the tracker has no scrape, and ok is false.
func ScrapeURL(announce string) (s string, ok bool) {
	u, err := url.Parse(announce)
	if err != nil {
		return "", false
	}
	if u.Scheme == "udp" {
		return announce, true
	}
	i := strings.LastIndexByte(u.Path, '/')
	rest, ok := strings.CutPrefix(u.Path[i+1:], "announce")
	if !ok {
		return "", false
	}
	u.Path, u.RawPath = u.Path[:i+1]+"scrape"+rest, ""
	return u.String(), true
}

// ScrapeQuery writes the query of an HTTP scrape.
func ScrapeQuery(hashes []Hash) string {
	parts := make([]string, len(hashes))
	for i, h := range hashes {
		parts[i] = "info_hash=" + escape(h[:])
	}
	return strings.Join(parts, "&")
}

// ParseScrapeQuery reads the query of an HTTP scrape. Without any info_hash
// all torrents are meant.
func ParseScrapeQuery(query string) ([]Hash, error) {
	var out []Hash
	err := eachParam(query, func(k, v string) error {
		if k != "info_hash" {
			return nil
		}
		var h Hash
		if len(v) != len(h) {
			return ErrNoHash
		}
		if len(out) == MaxScrape {
			return fmt.Errorf("a scrape asks about more than %d torrents", MaxScrape)
		}
		copy(h[:], v)
		out = append(out, h)
		return nil
	})
	return out, err
}

// ScrapeAnswer is an HTTP tracker's answer to a scrape.
type ScrapeAnswer struct {
	Failure  string
	Torrents []Scrape
}

// ParseScrape reads the body of an HTTP tracker's answer to a scrape.
func ParseScrape(b []byte) (ScrapeAnswer, error) {
	v, err := bencode.DecodeLimits(b, answerLimits)
	if err != nil {
		return ScrapeAnswer{}, fmt.Errorf("the tracker's answer is not bencoded: %w", err)
	}
	return ScrapeOf(v)
}

// ScrapeOf reads an answer to a scrape that is already decoded.
func ScrapeOf(v bencode.Value) (ScrapeAnswer, error) {
	var a ScrapeAnswer
	if a.Failure = v.Text("failure reason"); a.Failure != "" {
		return a, nil
	}
	files := v.Get("files")
	if files.Kind != bencode.Dict {
		return a, errors.New("the tracker's answer to the scrape has no files")
	}
	for _, e := range files.Dict {
		var s Scrape
		if len(e.Key) != len(s.InfoHash) || e.Value.Kind != bencode.Dict {
			return ScrapeAnswer{}, errors.New("a torrent in the tracker's answer is not named by its info-hash")
		}
		copy(s.InfoHash[:], e.Key)
		s.Complete = max(0, count(e.Value, "complete"))
		s.Downloaded = max(0, count(e.Value, "downloaded"))
		s.Incomplete = max(0, count(e.Value, "incomplete"))
		a.Torrents = append(a.Torrents, s)
	}
	return a, nil
}

// Encode writes the body of an HTTP answer to a scrape.
func (a ScrapeAnswer) Encode() []byte {
	if a.Failure != "" {
		return bencode.Encode(bencode.DictOf(bencode.KV("failure reason", bencode.Str(a.Failure))))
	}
	files := bencode.DictOf()
	for _, s := range a.Torrents {
		files.Dict = append(files.Dict, bencode.KV(string(s.InfoHash[:]), bencode.DictOf(
			bencode.KV("complete", bencode.Int(int64(s.Complete))),
			bencode.KV("downloaded", bencode.Int(int64(s.Downloaded))),
			bencode.KV("incomplete", bencode.Int(int64(s.Incomplete))),
		)))
	}
	return bencode.Encode(bencode.DictOf(bencode.KV("files", files)))
}
