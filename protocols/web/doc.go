// Package web holds the labs about the Web and HTTP.
//
// The protocols themselves are in http1, http2 and http3, the predictions in
// model, which cannot import a network. This package brings them together: what
// the site serves, how the browser fetches it, what is predicted and what is
// measured. It must not know of the emulated network, only of [lab.World], nor
// of screens.
package web
