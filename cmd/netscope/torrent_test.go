package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// swarm is what a test of whole programs on the loopback interface needs.
type swarm struct {
	t       *testing.T
	ctx     context.Context
	bin     string
	dir     string // has the directory seed with file.bin, and file.torrent
	tracker string // URL
	sum     [32]byte
	magnet  string
}

// newSwarm starts our tracker and makes a torrent of a file.
func newSwarm(t *testing.T, bin string, size int, flags ...string) *swarm {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Second)
	t.Cleanup(cancel)
	s := &swarm{t: t, ctx: ctx, bin: bin, dir: t.TempDir()}
	data := make([]byte, size)
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(data)
	s.sum = sha256.Sum256(data)
	if err := os.MkdirAll(s.path("seed"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.path("seed/file.bin"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	track := s.start("torrent", "track", "--port", "0", "--bind", "127.0.0.1", "--interval", "15s")
	s.tracker = strings.Fields(track.until("http://"))[5]
	args := append([]string{"torrent", "create", s.path("seed/file.bin"), "-a", s.tracker, "-o", s.path("file.torrent"), "--piece-length", "64Ki"}, flags...)
	out, err := exec.CommandContext(ctx, bin, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("create: %v\n%s", err, out)
	}
	_, s.magnet, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return s
}

func (s *swarm) path(name string) string { return filepath.Join(s.dir, filepath.FromSlash(name)) }

// right reports whether a file is there and the right one.
func (s *swarm) right(name string) bool {
	b, err := os.ReadFile(s.path(name))
	return err == nil && sha256.Sum256(b) == s.sum
}

// process is a running netscope.
type process struct {
	s     *swarm
	cmd   *exec.Cmd
	lines chan string
	mu    sync.Mutex
	text  strings.Builder
	err   error
	ended chan struct{}
}

// start runs netscope until the test is over.
func (s *swarm) start(args ...string) *process {
	s.t.Helper()
	p := &process{s: s, cmd: exec.CommandContext(s.ctx, s.bin, args...), lines: make(chan string, 1<<16), ended: make(chan struct{})}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	p.cmd.Stderr = p.cmd.Stdout
	if err := p.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		in := bufio.NewScanner(out)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			p.mu.Lock()
			fmt.Fprintln(&p.text, in.Text())
			p.mu.Unlock()
			select {
			case p.lines <- in.Text():
			default:
			}
		}
		p.err = p.cmd.Wait()
		close(p.lines)
		close(p.ended)
	}()
	s.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// said is what it has printed.
func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// until waits for a line with a text in it.
func (p *process) until(text string) string {
	p.s.t.Helper()
	for {
		select {
		case l, ok := <-p.lines:
			if strings.Contains(l, text) {
				return l
			}
			if !ok {
				p.s.t.Fatalf("%v ended without %q:\n%s", p.cmd.Args[1:], text, p.said())
			}
		case <-p.s.ctx.Done():
			p.s.t.Fatalf("%v does not say %q:\n%s", p.cmd.Args[1:], text, p.said())
		}
	}
}

// wait waits for its end and gives its status.
func (p *process) wait() int {
	p.s.t.Helper()
	select {
	case <-p.ended:
	case <-p.s.ctx.Done():
		p.s.t.Fatalf("%v does not end:\n%s", p.cmd.Args[1:], p.said())
	}
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

func (p *process) signal(sig os.Signal) { _ = p.cmd.Process.Signal(sig) }

// eventually asks every 100 ms until cond holds.
func (s *swarm) eventually(cond func() bool) bool {
	for {
		if cond() {
			return true
		}
		select {
		case <-s.ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// seed starts our seed and waits until the tracker knows it.
func (s *swarm) seed(flags ...string) *process {
	p := s.start(append([]string{"torrent", s.path("file.torrent"), "-o", s.path("seed"), "--seed", "--port", "0", "--bind", "127.0.0.2"}, flags...)...)
	p.until("knows 0 peers")
	return p
}

// leech is how our downloader is run.
func (s *swarm) leech(source, dir string, flags ...string) []string {
	return append([]string{"torrent", source, "-o", s.path(dir), "--port", "0", "--bind", "127.0.0.3", "--no-pex"}, flags...)
}

// other is a client that people have. Each keeps to the loopback interface.
type other struct {
	name  string
	found func() error
	start func(s *swarm, dir, port string) *exec.Cmd
}

func others() []other {
	look := func(name string) func() error {
		return func() error { _, err := exec.LookPath(name); return err }
	}
	return []other{
		{"aria2c", look("aria2c"), func(s *swarm, dir, port string) *exec.Cmd {
			return exec.CommandContext(s.ctx, "aria2c", "--no-conf", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
				"--interface=127.0.0.1", "--listen-port="+port, "--seed-time=10", "--seed-ratio=0", "--check-integrity=true", "--file-allocation=none",
				"--disable-ipv6=true", "--dir="+dir, s.path("file.torrent"))
		}},
		{"transmission-daemon", look("transmission-daemon"), func(s *swarm, dir, port string) *exec.Cmd {
			home, watched := s.t.TempDir(), s.t.TempDir() // it renames what it has found there
			b, err := os.ReadFile(s.path("file.torrent"))
			if err == nil {
				err = os.WriteFile(filepath.Join(watched, "file.torrent"), b, 0o600)
			}
			if err != nil {
				s.t.Fatal(err)
			}
			set := fmt.Sprintf(`{"bind-address-ipv4":"127.0.0.1","bind-address-ipv6":"::1","dht-enabled":false,"lpd-enabled":false,"pex-enabled":false,
"utp-enabled":false,"port-forwarding-enabled":false,"encryption":0,"rpc-enabled":false,"peer-port":%s,
"watch-dir-enabled":true,"watch-dir":%q,"download-dir":%q,"trash-original-torrent-files":false}`, port, watched, dir)
			if err := os.WriteFile(filepath.Join(home, "settings.json"), []byte(set), 0o600); err != nil {
				s.t.Fatal(err)
			}
			return exec.CommandContext(s.ctx, "transmission-daemon", "-f", "-g", home)
		}},
		{"libtorrent", func() error { return exec.Command("/usr/bin/python3", "-c", "import libtorrent").Run() }, func(s *swarm, dir, port string) *exec.Cmd {
			const script = `
import sys, time, libtorrent as lt
s = lt.session({'listen_interfaces': '127.0.0.1:' + sys.argv[3], 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
  'enable_natpmp': False, 'enable_outgoing_utp': False, 'enable_incoming_utp': False, 'allow_multiple_connections_per_ip': True})
s.add_torrent({'ti': lt.torrent_info(sys.argv[1]), 'save_path': sys.argv[2], 'flags': lt.torrent_flags.disable_pex | lt.torrent_flags.auto_managed})
while True: time.sleep(1)
`
			return exec.CommandContext(s.ctx, "/usr/bin/python3", "-c", script, s.path("file.torrent"), dir, port)
		}},
	}
}

// exchange says which messages of BitTorrent --json has told, by name, and checks
// that every line can be read.
func exchange(t *testing.T, text string) map[string]int {
	t.Helper()
	names := map[string]int{}
	for l := range strings.Lines(text) {
		var m struct{ Type, Proto, Name string }
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("%v: %.200s", err, l)
		}
		if m.Type == "message" && m.Proto == "BitTorrent" {
			names[m.Name]++
		}
	}
	return names
}

// TestTorrent lets the program meet those that people have, and itself.
func TestTorrent(t *testing.T) {
	if testing.Short() {
		t.Skip("real programs take their time")
	}
	bin := program(t)
	const size = 3<<20 + 1000
	for i, o := range others() {
		t.Run(o.name, func(t *testing.T) {
			if err := o.found(); err != nil {
				if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
					t.Fatalf("%s is not installed: %v", o.name, err)
				}
				t.Skipf("%s is not installed", o.name)
			}
			t.Parallel()
			s := newSwarm(t, bin, size)
			seed := s.seed("--json")
			their := s.path("their")
			_ = os.Mkdir(their, 0o700)
			cmd := o.start(s, their, freePort(t))
			cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
			cmd.WaitDelay = 2 * time.Second
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if !s.eventually(func() bool { return s.right("their/file.bin") }) {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				t.Fatalf("%s does not get the file from us:\n%.3000s\n%.3000s", o.name, out.String(), seed.said())
			}
			defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
			seed.signal(os.Interrupt)
			if st := seed.wait(); st != 0 {
				t.Errorf("the seed ends with %d: %s", st, tail(seed.said()))
			}
			if n := exchange(t, seed.said()); n["handshake"] < 2 || n["request"] < size>>14 || n["piece"] < size>>14 || n["unchoke"] == 0 {
				t.Errorf("seen of %s: %v", o.name, n)
			}
			source := s.path("file.torrent")
			if i == 0 {
				source = s.magnet
			}
			ours := s.start(s.leech(source, "ours", "--json")...)
			if st := ours.wait(); st != 0 || !s.right("ours/file.bin") {
				t.Errorf("we do not get the file from %s, status %d:\n%s\n%.3000s", o.name, st, tail(ours.said()), out.String())
			}
			if n := exchange(t, ours.said()); n["handshake"] < 2 || n["request"] < size>>14 || n["piece"] < size>>14 || n["unchoke"] == 0 {
				t.Errorf("seen of %s: %v", o.name, n)
			}
		})
	}
	t.Run("killed in the middle", func(t *testing.T) { t.Parallel(); killed(t, bin) })
	t.Run("told to stop", func(t *testing.T) { t.Parallel(); toldToStop(t, bin) })
	t.Run("wrong arguments", func(t *testing.T) { t.Parallel(); wrongArguments(t, bin) })
}

// killed ends a download with SIGKILL and goes on with what is there.
func killed(t *testing.T, bin string) {
	s := newSwarm(t, bin, 3<<20)
	s.seed()
	first := s.start(s.leech(s.path("file.torrent"), "ours", "--down-limit", "500k")...)
	first.until(" of 48 pieces   down")
	if !s.eventually(func() bool { return percentOf(first.said()) >= 20 }) {
		t.Fatal(first.said())
	}
	first.signal(syscall.SIGKILL)
	first.wait()
	if _, err := os.Stat(s.path("ours/file.bin")); err == nil {
		t.Error("an unfinished file has its name")
	}
	check := s.start("torrent", s.path("file.torrent"), "-o", s.path("ours"), "--check")
	if st := check.wait(); st != 1 || !strings.Contains(check.said(), "is not complete") {
		t.Errorf("--check ends with %d: %s", st, check.said())
	}
	second := s.start(s.leech(s.path("file.torrent"), "ours", "--json")...)
	if st := second.wait(); st != 0 || !s.right("ours/file.bin") {
		t.Errorf("it does not go on, status %d: %s", st, tail(second.said()))
	}
	var last struct{ Downloaded int64 }
	_ = json.Unmarshal([]byte(tail(second.said())), &last)
	if last.Downloaded == 0 || last.Downloaded > 3<<20*85/100 {
		t.Errorf("%d bytes were fetched after the kill", last.Downloaded)
	}
	check = s.start("torrent", s.path("file.torrent"), "-o", s.path("ours"), "--check")
	if st := check.wait(); st != 0 || !strings.Contains(check.said(), "all hashes are right") {
		t.Errorf("--check ends with %d: %s", st, check.said())
	}
}

// toldToStop ends a download with SIGINT: the tracker is told.
func toldToStop(t *testing.T, bin string) {
	s := newSwarm(t, bin, 3<<20, "--private")
	s.seed()
	p := s.start(s.leech(s.path("file.torrent"), "ours", "--down-limit", "100k")...)
	p.until(" of 48 pieces   down")
	p.signal(os.Interrupt)
	if st := p.wait(); st != 1 || !strings.Contains(tail(p.said()), "start again to go on") {
		t.Errorf("status %d: %s", st, p.said())
	}
	left, _ := os.ReadDir(s.path("ours"))
	for _, e := range left {
		if e.Name() != "file.bin.part" {
			t.Errorf("it left %s", e.Name())
		}
	}
	// The tracker knows that the first has gone: it tells the next of the seed only.
	q := s.start(s.leech(s.path("file.torrent"), "ours", "--json")...)
	if st := q.wait(); st != 0 || !s.right("ours/file.bin") || !strings.Contains(q.said(), " knows 1 peer") {
		t.Errorf("status %d: %s", st, tail(q.said()))
	}
}

// wrongArguments are one clear sentence each, and status 1.
func wrongArguments(t *testing.T, bin string) {
	s := newSwarm(t, bin, 100_000)
	l, err := net.Listen("tcp", "127.0.0.3:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file := s.path("file.torrent")
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "name a torrent file or a magnet link"},
		{[]string{s.path("none")}, "there is no file"},
		{[]string{file, "--up-limit", "fast"}, "--up-limit"},
		{[]string{file, "--bind", "here"}, "--bind"},
		{[]string{file, "--choker", "kind"}, "textbook, bep3 or mainline4"},
		{[]string{file, "--seed", "--no-seed"}, "not both"},
		{[]string{file, "--max-peers", "0"}, "--max-peers"},
		{[]string{file, "--peer", "nobody"}, "is no peer"},
		{[]string{file, "--bind", "127.0.0.3", "--port", fmt.Sprint(l.Addr().(*net.TCPAddr).Port)}, "choose another one with --port"},
		{[]string{s.magnet, "--check"}, "name the torrent file"},
		{[]string{file, "--port", "0", "-o", file}, "not a directory"},
	} {
		p := s.start(append([]string{"torrent"}, c.args...)...)
		if st := p.wait(); st != 1 || !strings.Contains(p.said(), c.want) || strings.Count(p.said(), "netscope:") != 1 {
			t.Errorf("%v: status %d, %q", c.args, st, p.said())
		}
	}
}

// tail is the last line.
func tail(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// percentOf is how far the last line of progress says it has come.
func percentOf(text string) (n int) {
	if f := strings.Fields(tail(text)); len(f) > 2 && f[2] == "%" {
		_, _ = fmt.Sscan(f[1], &n)
	}
	return n
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
