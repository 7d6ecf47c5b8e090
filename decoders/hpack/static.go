package hpack

// static is the static table (RFC 7541 app. A); index 1 comes first.
var static = [61]Field{
	{Name: ":authority"},                              // 1
	{Name: ":method", Value: "GET"},                   // 2
	{Name: ":method", Value: "POST"},                  // 3
	{Name: ":path", Value: "/"},                       // 4
	{Name: ":path", Value: "/index.html"},             // 5
	{Name: ":scheme", Value: "http"},                  // 6
	{Name: ":scheme", Value: "https"},                 // 7
	{Name: ":status", Value: "200"},                   // 8
	{Name: ":status", Value: "204"},                   // 9
	{Name: ":status", Value: "206"},                   // 10
	{Name: ":status", Value: "304"},                   // 11
	{Name: ":status", Value: "400"},                   // 12
	{Name: ":status", Value: "404"},                   // 13
	{Name: ":status", Value: "500"},                   // 14
	{Name: "accept-charset"},                          // 15
	{Name: "accept-encoding", Value: "gzip, deflate"}, // 16
	{Name: "accept-language"},                         // 17
	{Name: "accept-ranges"},                           // 18
	{Name: "accept"},                                  // 19
	{Name: "access-control-allow-origin"},             // 20
	{Name: "age"},                                     // 21
	{Name: "allow"},                                   // 22
	{Name: "authorization"},                           // 23
	{Name: "cache-control"},                           // 24
	{Name: "content-disposition"},                     // 25
	{Name: "content-encoding"},                        // 26
	{Name: "content-language"},                        // 27
	{Name: "content-length"},                          // 28
	{Name: "content-location"},                        // 29
	{Name: "content-range"},                           // 30
	{Name: "content-type"},                            // 31
	{Name: "cookie"},                                  // 32
	{Name: "date"},                                    // 33
	{Name: "etag"},                                    // 34
	{Name: "expect"},                                  // 35
	{Name: "expires"},                                 // 36
	{Name: "from"},                                    // 37
	{Name: "host"},                                    // 38
	{Name: "if-match"},                                // 39
	{Name: "if-modified-since"},                       // 40
	{Name: "if-none-match"},                           // 41
	{Name: "if-range"},                                // 42
	{Name: "if-unmodified-since"},                     // 43
	{Name: "last-modified"},                           // 44
	{Name: "link"},                                    // 45
	{Name: "location"},                                // 46
	{Name: "max-forwards"},                            // 47
	{Name: "proxy-authenticate"},                      // 48
	{Name: "proxy-authorization"},                     // 49
	{Name: "range"},                                   // 50
	{Name: "referer"},                                 // 51
	{Name: "refresh"},                                 // 52
	{Name: "retry-after"},                             // 53
	{Name: "server"},                                  // 54
	{Name: "set-cookie"},                              // 55
	{Name: "strict-transport-security"},               // 56
	{Name: "transfer-encoding"},                       // 57
	{Name: "user-agent"},                              // 58
	{Name: "vary"},                                    // 59
	{Name: "via"},                                     // 60
	{Name: "www-authenticate"},                        // 61
}
