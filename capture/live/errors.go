package live

import (
	"fmt"
	"io/fs"
	"strings"
)

// allow is how to let netscope capture without root.
const allow = "sudo setcap cap_net_raw,cap_net_admin=eip $(command -v netscope)"

// pipe is how to capture with another program's privileges. -U hands over each
// packet at once.
const pipe = "tcpdump -U -w - | netscope -r -"

func noPrivilege(iface string) error {
	return &Error{
		text: fmt.Sprintf("this process may not capture on %s; allow it once with: %s (or run sudo netscope -i %s, or pipe: sudo %s)",
			iface, allow, iface, strings.Replace(pipe, "tcpdump", "tcpdump -i "+iface, 1)),
		kind: fs.ErrPermission,
	}
}

func unknownInterface(name string, list []Interface) error {
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	const most = 12
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return &Error{
		text: fmt.Sprintf("there is no interface %q; choose one of %s (netscope -D lists them)", name, strings.Join(names, ", ")),
		kind: fs.ErrNotExist,
	}
}

func interfaceDown(name string) error {
	return &Error{text: fmt.Sprintf("interface %s is down; bring it up with: sudo ip link set %s up", name, name)}
}

func wentDown(name string) error {
	return &Error{text: fmt.Sprintf("interface %s went down or was removed; the packets up to then are kept", name)}
}

func failed(name, what string, err error) error {
	return &Error{text: fmt.Sprintf("cannot capture on %s: %s: %v; netscope doctor shows what this machine allows", name, what, err), kind: err}
}
