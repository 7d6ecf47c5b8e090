package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// screen is a terminal that netscope runs in: a tmux server of its own.
type screen struct {
	t      *testing.T
	socket string
}

// newScreen runs a command in a terminal of this size. When it has ended, the
// terminal shows its status and the tty's settings.
func newScreen(t *testing.T, w, h int, command string) *screen {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("tmux is missing")
		}
		t.Skip("tmux is missing")
	}
	s := &screen{t, filepath.Join(t.TempDir(), "tmux")}
	t.Cleanup(func() { exec.Command("tmux", "-S", s.socket, "kill-server").Run() })
	script := command + `; echo "status=$?"; stty -a | grep -o -- ' -\?echo ' | tr -d '\n'; echo ended; cat`
	s.tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "sh", "-c", script)
	return s
}

func (s *screen) tmux(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", s.socket}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TERM=xterm-256color", "TMUX=", "XDG_STATE_HOME="+filepath.Dir(s.socket))
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("tmux %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (s *screen) text() string { return s.tmux("capture-pane", "-p") }

func (s *screen) keys(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		s.tmux("send-keys", k)
	}
}

// until waits for the screen to show all of these, and fails with what it
// shows instead. A word that begins with "!" must not be shown.
func (s *screen) until(words ...string) string {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; {
		text := s.text()
		missing := ""
		for _, w := range words {
			if not, ok := strings.CutPrefix(w, "!"); ok == strings.Contains(text, strings.TrimPrefix(w, "!")) {
				missing = not
			}
		}
		if missing == "" {
			return text
		}
		if time.Now().After(end) {
			s.t.Fatalf("the screen is not as wanted for %q:\n%s", missing, text)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// left checks that the program has gone and left the terminal as it was.
func (s *screen) left(status int) {
	s.t.Helper()
	text := s.until("ended")
	if !strings.Contains(text, fmt.Sprintf("status=%d", status)) || !strings.Contains(text, " echo ") {
		s.t.Errorf("after leaving, want status %d and echo on:\n%s", status, text)
	}
	if got := strings.TrimSpace(s.tmux("display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}")); got != "0 0 1" {
		s.t.Errorf("alternate screen, mouse and cursor are %s after leaving, want 0 0 1", got)
	}
}

// program builds netscope once for all tests of this run.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "netscope-under-test")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// TestWholeProgram walks through what README.md promises a newcomer.
func TestWholeProgram(t *testing.T) {
	bin := program(t)
	capture := filepath.Join(t.TempDir(), "lab.pcapng")
	if out, err := exec.Command(bin, "run", "http-connections", "--variant", "persistent", "-w", capture).CombinedOutput(); err != nil {
		t.Fatalf("run -w: %v\n%s", err, out)
	}

	t.Run("a lab from the start page", func(t *testing.T) {
		s := newScreen(t, 120, 36, bin)
		s.until("HTTP: connections", "Live interfaces", "q quit")
		s.keys("1")
		s.until("ladder", "client 10.1.0.1", "GET /")
		s.keys("Space", "g", ".", ".")
		first := s.until("message 2/")
		s.keys(".", ".")
		s.until("message 4/")
		s.keys(",", ",")
		if again := s.until("message 2/"); steady(again) != steady(first) {
			t.Errorf("going forwards and back shows another screen:\n%s\n%s", first, again)
		}
		s.keys("G")
		s.until("measured 3.39")
		s.keys("?")
		s.until("step forward", "Esc closes")
		s.keys("Escape")
		s.until("!Esc closes") // Escape and a key at once would be Alt and the key
		s.keys("q")
		s.left(0)
	})
	t.Run("a file", func(t *testing.T) {
		s := newScreen(t, 80, 24, bin+" "+capture)
		s.until("lab.pcapng", "200 OK")
		s.keys("q")
		s.left(0)
	})
	t.Run("a capture from a pipe", func(t *testing.T) {
		s := newScreen(t, 100, 30, "cat "+capture+" | "+bin)
		s.until("standard input", "200 OK")
		s.keys("q")
		s.left(0)
	})
	t.Run("Ctrl-C", func(t *testing.T) {
		s := newScreen(t, 120, 36, bin+" lab http-connections")
		s.until("playing")
		s.keys("C-c")
		s.left(0)
	})
	t.Run("SIGTERM", func(t *testing.T) {
		s := newScreen(t, 120, 36, bin+" lab http-connections")
		s.until("playing")
		shell := strings.TrimSpace(s.tmux("display-message", "-p", "#{pane_pid}"))
		if out, err := exec.Command("pkill", "-TERM", "-P", shell).CombinedOutput(); err != nil {
			t.Fatalf("pkill: %v %s", err, out)
		}
		s.left(0)
		// A lab's child is started as the program itself.
		out, err := exec.Command("ps", "-eo", "stat=,comm=").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(out), "\n") {
			if strings.Contains(line, "netscope-under") && !strings.HasPrefix(line, "Z") { // Z: ended, and its parent with it
				t.Errorf("a process is left behind: %s", line)
			}
		}
	})
	t.Run("a tiny terminal", func(t *testing.T) {
		s := newScreen(t, 30, 8, bin+" lab http-connections")
		s.until("needs a terminal")
		s.keys("q")
		s.left(0)
	})
	t.Run("a file that is none", func(t *testing.T) {
		s := newScreen(t, 120, 10, bin+" "+bin)
		s.left(2)
	})
}

// steady is a screen without what may differ between two looks at one place:
// the line at the bottom.
func steady(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[:len(lines)-1], "\n")
}
