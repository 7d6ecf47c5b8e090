package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestQlog writes qlogs of a lab and of a capture, in both versions, and reads
// them back.
func TestQlog(t *testing.T) {
	bin, dir := program(t), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	// netscope runs it, wants an exit status, and gives what it has printed.
	netscope := func(status int, args ...string) (out, complaint string) {
		t.Helper()
		cmd := exec.Command(bin, args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		var exit *exec.ExitError
		if got := cmd.ProcessState.ExitCode(); err != nil && !errors.As(err, &exit) || got != status {
			t.Fatalf("netscope %s: status %d, want %d; %v\n%s", strings.Join(args, " "), got, status, err, stderr.String())
		}
		return stdout.String(), stderr.String()
	}
	lab := []string{"run", "http3", "--variant", "http3", "--set", "objects=2", "-w", at("lab.pcapng"), "--qlog", at("lab.qlog")}
	netscope(0, lab...)
	netscope(0, "read", "-q", at("lab.pcapng"), "--qlog", at("read.qlog"))
	netscope(0, "read", "-q", at("lab.pcapng"), "--qlog", at("old.qlog"), "--qlog-version", "0.3")

	var shown [3]string
	for i, name := range []string{"lab.qlog", "read.qlog", "old.qlog"} {
		b, err := os.ReadFile(at(name))
		if err != nil {
			t.Fatal(err)
		}
		var head struct {
			Schema  string            `json:"file_schema"`
			Version string            `json:"qlog_version"`
			Traces  []json.RawMessage `json:"traces"`
		}
		if err := json.Unmarshal(b, &head); err != nil || len(head.Traces) == 0 || (head.Schema == "urn:ietf:params:qlog:file:contained") == (name == "old.qlog") || (head.Version == "0.3") != (name == "old.qlog") {
			t.Errorf("%s: schema %q, version %q, %d traces, %v", name, head.Schema, head.Version, len(head.Traces), err)
		}
		shown[i], _ = netscope(0, "read", at(name))
		if !strings.Contains(shown[i], "Initial 0: ") || !strings.Contains(shown[i], "1-RTT") {
			t.Errorf("netscope read %s shows\n%.500s", name, shown[i])
		}
	}
	if n, m := strings.Count(shown[1], "\n"), strings.Count(shown[2], "\n"); n != m || n < 20 {
		t.Errorf("the two versions give %d and %d lines", n, m)
	}

	t.Run("nothing is overwritten", func(t *testing.T) {
		before, _ := os.ReadFile(at("lab.qlog"))
		for _, args := range [][]string{
			{"run", "http3", "--variant", "http3", "--qlog", at("lab.qlog")},
			{"read", "-q", at("lab.pcapng"), "--qlog", at("lab.qlog")},
		} {
			if _, why := netscope(1, args...); !strings.Contains(why, "lab.qlog exists; name another file") {
				t.Errorf("%v: %s", args, why)
			}
		}
		if after, _ := os.ReadFile(at("lab.qlog")); !bytes.Equal(before, after) {
			t.Error("the file has changed")
		}
		netscope(0, append([]string{"run", "--force"}, lab[1:]...)...)
		if _, why := netscope(1, "run", "http3", "--variant", "http3", "--qlog-version", "7", "--qlog", at("x.qlog")); !strings.Contains(why, "take current or 0.3") {
			t.Error(why)
		}
		if _, why := netscope(1, "run", "http3", "--variant", "http2", "--qlog", at("none.qlog")); !strings.Contains(why, "no QUIC connection") {
			t.Error(why)
		}
		if left, _ := filepath.Glob(at(".*")); len(left) > 0 {
			t.Errorf("%v are left over", left)
		}
	})
	t.Run("cut short", func(t *testing.T) {
		b, err := os.ReadFile(at("lab.qlog"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at("cut.qlog"), b[:len(b)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		out, why := netscope(2, "read", at("cut.qlog"))
		if n := strings.Count(out, "\n"); n < 10 || n >= strings.Count(shown[0], "\n") || !strings.Contains(why, "cut short at byte") {
			t.Errorf("%d lines and %s", n, why)
		}
	})
	t.Run("on the screen", func(t *testing.T) {
		s := newScreen(t, 120, 36, bin+" "+at("lab.qlog"))
		s.until("lab.qlog", "frames", "CONNECTION_CLOSE", "QUIC 1-RTT")
		s.keys("q")
		s.left(0)
	})
}
