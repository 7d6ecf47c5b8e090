package server

import (
	"net"
	"sync"
)

// slotted is a connection that gives its slot back when it is closed.
type slotted struct {
	net.Conn
	once sync.Once
	free chan struct{}
}

// Close closes the connection.
func (c *slotted) Close() error {
	c.once.Do(func() { <-c.free })
	return c.Conn.Close()
}
