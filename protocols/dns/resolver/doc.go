// Package resolver is a resolver with a cache: it finds the answer to a
// question by asking name servers, from the root downwards (RFC 1034 §5.3.3) or
// by leaving the work to the next server up, and serves stub resolvers.
//
// It runs on a [lab.Host], in virtual time or on the real network; its clock
// and its random numbers are given to it. It must not know of labs or screens.
//
// # Notes
//
// What a resolver decides is not on the wire, so it says so in notes with
// Proto "dns" and the resolver's host. Data is a JSON object; name and type are
// always those of a question or RRset, name in lower case with its final dot:
//
//	cache-insert     name, type, ttl (s), value (list of data in text), kind
//	                 ("answer", "nodata", "nxdomain"), rank ("glue", "referral",
//	                 "answer", "authority"), secure (bool)
//	cache-hit        name, type, ttl (s left), value, kind
//	cache-miss       name, type
//	cache-expire     name, type; told when an expired entry is found or dropped
//	cache-evict      name, type; the cache was full
//	cache-flush      nothing; the cache was emptied
//	pending          id, state, name, type: state "begin" when a question is
//	                 taken up (client: who asked, "" for the resolver's own),
//	                 "ask" when a server is asked (server: its address, zone, tcp),
//	                 "join" when the same question waits for one that is under way
//	                 (client), "end" when it is answered (rcode in text, ms)
//	forged-rejected  name, type, count, id, source, question: how many datagrams
//	                 came to the port of a question and were not its answer, and by
//	                 what that was seen
//	forged-accepted  name, type, value: what Config.Forged recognised in an answer
//	                 that was taken for true
//	validated        name, type, status ("secure", "insecure", "bogus"), reason
package resolver
