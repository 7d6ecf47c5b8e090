package live

import (
	"fmt"
	"strings"
)

// Level says how serious a finding is.
type Level uint8

// The levels, from good to bad.
const (
	OK   Level = iota // works
	Warn              // works with a limit, or is no matter for capturing
	Bad               // prevents capturing
)

// String is "ok", "warn" or "bad".
func (l Level) String() string {
	return [...]string{"ok", "warn", "bad"}[min(l, Bad)]
}

// Finding is one thing about this machine, in a sentence, and what to do about
// it if anything.
type Finding struct {
	Level  Level
	Topic  string // "privilege", "interfaces", …
	Text   string
	Remedy string // a command or a sentence, empty if nothing is to be done
}

// Access says whether this process can capture, and why.
type Access struct {
	Capture  bool // can open a packet socket
	Findings []Finding
}

// CheckAccess looks at this process and machine. It changes nothing and
// captures nothing.
func CheckAccess() Access { return judge(gather()) }

// facts are what was found out about the process and the machine.
type facts struct {
	os           string // runtime.GOOS
	euid         int
	capEff       uint64 // effective capabilities
	noNewPrivs   bool
	inUserNS     bool   // in a user namespace other than the first
	socket       string // "", "permission", "family", or another error's text
	userNS       string // "", "off", "restricted": what keeps processes from making user namespaces
	interfaces   []Interface
	interfaceErr string
}

// Bits of CapEff (linux/capability.h).
const (
	capNetAdmin = 12
	capNetRaw   = 13
)

func (f facts) has(bit int) bool { return f.capEff>>bit&1 == 1 }

// judge turns facts into findings.
func judge(f facts) Access {
	a := Access{Capture: f.os == "linux" && f.socket == ""}
	add := func(l Level, topic, remedy, format string, args ...any) {
		a.Findings = append(a.Findings, Finding{Level: l, Topic: topic, Text: fmt.Sprintf(format, args...), Remedy: remedy})
	}
	add(OK, "labs and files", "", "Labs and capture files need no privilege.")
	if f.os != "linux" {
		add(Bad, "system", "sudo tcpdump -i IFACE -U -w - | netscope -r -",
			"netscope captures by itself on Linux only; this is %s.", f.os)
		return a
	}
	judgePrivilege(f, add)
	judgeInterfaces(f, add)
	switch f.userNS {
	case "":
		add(OK, "user namespaces", "", "User namespaces can be made, so a private network to try things in needs no root (unshare -rn).")
	case "restricted":
		add(Warn, "user namespaces", "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0",
			"User namespaces are restricted by AppArmor; netscope does not need them.")
	default:
		add(Warn, "user namespaces", "sudo sysctl user.max_user_namespaces=10000",
			"User namespaces are switched off; netscope does not need them.")
	}
	return a
}

type adder func(l Level, topic, remedy, format string, args ...any)

func judgePrivilege(f facts, add adder) {
	switch {
	case f.socket == "" && f.euid == 0:
		add(OK, "privilege", "", "This process can capture: it runs as root.")
	case f.socket == "":
		add(OK, "privilege", "", "This process can capture: it has CAP_NET_RAW.")
	case f.socket == "family":
		add(Bad, "privilege", "run netscope outside this sandbox, or pipe: "+pipe,
			"The kernel, or the sandbox around this process, has no packet sockets.")
	case f.socket != "permission":
		add(Bad, "privilege", pipe, "A packet socket cannot be opened: %s.", f.socket)
	case f.noNewPrivs:
		add(Bad, "privilege", "start netscope from a shell outside the sandbox, or pipe: sudo "+pipe,
			"This process may not capture, and was started so that it can gain no privilege (no_new_privs): neither sudo nor setcap helps.")
	case f.euid == 0:
		add(Bad, "privilege", "start the container with --cap-add NET_RAW, or pipe: "+pipe,
			"This process is root but without CAP_NET_RAW, as in many containers.")
	default:
		add(Bad, "privilege", allow, "This process may not capture: it lacks CAP_NET_RAW.")
		add(Warn, "privilege", "sudo netscope -i IFACE", "Or run it as root, for this once.")
		add(Warn, "privilege", "sudo "+pipe, "Or let another program capture and pipe its output.")
	}
	if f.socket == "" && f.inUserNS {
		add(Warn, "namespace", "run netscope in the host's network namespace to see its interfaces",
			"This process is in a user namespace: it can capture on the interfaces of its own network only.")
	}
	if f.socket == "" && !f.has(capNetRaw) && f.euid != 0 {
		add(Warn, "privilege", "", "A packet socket opens though CAP_NET_RAW is not listed.")
	}
}

func judgeInterfaces(f facts, add adder) {
	var up, down []string
	for _, i := range f.interfaces {
		switch {
		case i.Name == Any:
		case i.Up:
			up = append(up, i.Name)
		default:
			down = append(down, i.Name)
		}
	}
	switch {
	case f.interfaceErr != "":
		add(Bad, "interfaces", "", "The interfaces cannot be listed: %s.", f.interfaceErr)
	case len(up) == 0:
		add(Warn, "interfaces", "sudo ip link set NAME up", "No interface is up.")
	default:
		add(OK, "interfaces", "", "Interfaces that are up: %s.", strings.Join(up, ", "))
	}
	if len(down) > 0 {
		add(OK, "interfaces", "", "Interfaces that are down, and so cannot be captured: %s.", strings.Join(down, ", "))
	}
}
