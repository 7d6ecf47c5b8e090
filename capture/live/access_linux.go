package live

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// gather looks at this process and machine.
func gather() facts {
	f := facts{os: runtime.GOOS, euid: os.Geteuid()}
	status, _ := os.ReadFile("/proc/self/status") // without it, what the socket says decides
	f.readStatus(string(status))
	uidMap, err := os.ReadFile("/proc/self/uid_map")
	f.inUserNS = err == nil && !fullMap(string(uidMap))
	f.socket = trySocket()
	f.userNS = userNamespaces()
	if f.interfaces, err = Interfaces(); err != nil {
		f.interfaceErr = err.Error()
	}
	return f
}

// readStatus takes the fields it knows from /proc/self/status.
func (f *facts) readStatus(status string) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch name {
		case "CapEff":
			f.capEff, _ = strconv.ParseUint(value, 16, 64) // 0 if unreadable
		case "NoNewPrivs":
			f.noNewPrivs = value == "1"
		}
	}
}

// fullMap reports whether a uid_map is that of the first user namespace: all
// users mapped to themselves.
func fullMap(m string) bool {
	w := strings.Fields(m)
	return len(w) == 3 && w[0] == "0" && w[1] == "0" && w[2] == "4294967295"
}

// trySocket opens a packet socket that receives nothing, and closes it.
func trySocket() string {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	switch {
	case err == nil:
		_ = unix.Close(fd)
		return ""
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.EACCES):
		return "permission"
	case errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return "family"
	}
	return err.Error()
}

// userNamespaces finds the settings that keep processes without privilege from
// making user namespaces.
func userNamespaces() string {
	read := func(path string) string {
		b, err := os.ReadFile("/proc/sys/" + path)
		if err != nil {
			return "" // no such setting here
		}
		return strings.TrimSpace(string(b))
	}
	switch {
	case read("user/max_user_namespaces") == "0", read("kernel/unprivileged_userns_clone") == "0":
		return "off"
	case read("kernel/apparmor_restrict_unprivileged_userns") == "1":
		return "restricted"
	}
	return ""
}
