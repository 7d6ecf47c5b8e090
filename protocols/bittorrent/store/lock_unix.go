//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// takeLock keeps two processes from writing the same files, since one could
// spoil what the other has verified.
func (d *Disk) takeLock() error {
	for {
		f, err := d.root.OpenFile(d.lockName(), os.O_RDWR|os.O_CREATE, 0o666)
		if errors.Is(err, os.ErrPermission) || errors.Is(err, syscall.EROFS) {
			return nil // then the files cannot be written either; seeding is possible
		}
		if err != nil {
			return explain("lock", d.dir, err)
		}
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			_ = f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return fmt.Errorf("another program is using this torrent in %s: end it first or choose another directory", d.dir)
			}
			return nil // a file system without locks
		}
		mine, err1 := f.Stat()
		there, err2 := d.root.Stat(d.lockName())
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			d.lock = f
			return nil
		}
		_ = f.Close() // its last holder has removed it meanwhile
	}
}

func (d *Disk) unlock() {
	if d.lock != nil {
		_ = d.root.Remove(d.lockName())
		_ = d.lock.Close()
		d.lock = nil
	}
}
