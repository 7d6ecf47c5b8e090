//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package store

// takeLock does nothing where there are no advisory locks to be had.
func (d *Disk) takeLock() error { return nil }

func (d *Disk) unlock() {}
