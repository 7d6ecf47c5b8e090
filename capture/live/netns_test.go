//go:build linux

package live

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// inNamespace runs the calling test again in a child process with a network of
// its own, and reports whether this is the child. Without the privilege the
// test is skipped, unless NETSCOPE_REQUIRE_PEERS asks that nothing is.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("NETSCOPE_TEST_NETNS") == t.Name() {
		if err := loopbackUp(); err != nil {
			t.Fatal(err)
		}
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), "NETSCOPE_TEST_NETNS="+t.Name())
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, unix.EPERM) {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("a network namespace cannot be made: ", err)
		}
		t.Skip("a network namespace cannot be made: ", err)
	}
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "--- SKIP") {
		t.Skip("skipped in the namespace")
	}
	return false
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}

// ip runs the ip command, which makes and shows the test's interfaces.
func ip(t *testing.T, args string) string {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("the ip command is missing")
		}
		t.Skip("the ip command is missing")
	}
	out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput()
	if err != nil && os.Getenv("NETSCOPE_REQUIRE_PEERS") == "" {
		t.Skipf("this kernel cannot: ip %s: %v\n%s", args, err, out)
	}
	if err != nil {
		t.Fatalf("ip %s: %v\n%s", args, err, out)
	}
	return string(out)
}
