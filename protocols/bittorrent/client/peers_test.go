package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"netscope/capture"
	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/store"
	"netscope/protocols/bittorrent/tracker/announce"
	"netscope/protocols/bittorrent/tracker/server"
	"netscope/protocols/lab"
	"netscope/protocols/realnet"
)

// other is a client that people have.
type other struct {
	name    string
	tracker string // transport to it
	found   func() error
	// start runs it with a torrent, a directory and a port to listen on.
	start func(ctx context.Context, torrent, dir, port string) *exec.Cmd
}

// transmissionSettings keep it on the loopback interface.
const transmissionSettings = `{"bind-address-ipv4":"127.0.0.1","bind-address-ipv6":"::1","dht-enabled":false,"lpd-enabled":false,
"pex-enabled":true,"utp-enabled":false,"port-forwarding-enabled":false,"encryption":0,"rpc-enabled":false,"peer-port":%s,
"watch-dir-enabled":true,"watch-dir":%q,"download-dir":%q,"trash-original-torrent-files":false}`

const libtorrentScript = `
import sys, time, libtorrent as lt
s = lt.session({'listen_interfaces': '127.0.0.1:' + sys.argv[3], 'outgoing_interfaces': '', 'enable_dht': False,
  'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False, 'enable_outgoing_utp': False,
  'enable_incoming_utp': False, 'allow_multiple_connections_per_ip': True})
h = s.add_torrent({'ti': lt.torrent_info(sys.argv[1]), 'save_path': sys.argv[2]})
while True: time.sleep(1)
`

func others(t *testing.T) []other {
	look := func(name string) func() error {
		return func() error { _, err := exec.LookPath(name); return err }
	}
	return []other{
		{"aria2c", "tcp", look("aria2c"), func(ctx context.Context, torrent, dir, port string) *exec.Cmd {
			return exec.CommandContext(ctx, "aria2c", "--no-conf", "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false",
				"--interface=127.0.0.1", "--listen-port="+port, "--seed-time=10", "--seed-ratio=0", "--check-integrity=true", "--file-allocation=none",
				"--disable-ipv6=true", "--dir="+dir, torrent)
		}},
		{"transmission-daemon", "tcp", look("transmission-daemon"), func(ctx context.Context, torrent, dir, port string) *exec.Cmd {
			home := t.TempDir()
			set := fmt.Sprintf(transmissionSettings, port, filepath.Dir(torrent), dir)
			if err := os.WriteFile(filepath.Join(home, "settings.json"), []byte(set), 0o600); err != nil {
				t.Fatal(err)
			}
			return exec.CommandContext(ctx, "transmission-daemon", "-f", "-g", home)
		}},
		{"libtorrent", "udp", func() error {
			return exec.Command("/usr/bin/python3", "-c", "import libtorrent").Run()
		}, func(ctx context.Context, torrent, dir, port string) *exec.Cmd {
			return exec.CommandContext(ctx, "/usr/bin/python3", "-c", libtorrentScript, torrent, dir, port)
		}},
	}
}

// ourTracker runs our tracker on the loopback interface over TCP and UDP, and
// gives its address over one of them.
func ourTracker(ctx context.Context, t *testing.T, network string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	pc, err := net.ListenPacket("udp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	srv := server.New(server.Config{Clock: realnet.Clock{}, Rand: rand.New(rand.NewPCG(1, 2)), Interval: 15 * time.Second})
	go func() { _ = srv.Serve(ctx, ln) }()
	go func() { _ = srv.ServePacket(ctx, pc) }()
	if network == "udp" {
		return "udp://" + ln.Addr().String()
	}
	return "http://" + ln.Addr().String() + "/announce"
}

// onLoopback runs a client on the loopback interface until ctx is done. Each has
// an address of its own, since transmission takes one peer of an address only.
func onLoopback(ctx context.Context, t *testing.T, addr string, set func(*Config)) (c *Client, over <-chan error) {
	t.Helper()
	made, end := make(chan *Client, 1), make(chan error, 1)
	src := realnet.New(realnet.Options{Bind: netip.MustParseAddr(addr)}, func(ctx context.Context, w lab.World) error {
		ann := announce.New(announce.Config{Host: w.Host(""), Clock: w.Clock(), Rand: w.Rand("announce")})
		cfg := Config{
			Host: w.Host(""), Name: "us", Clock: w.Clock(), Rand: w.Rand("client"), Listen: ":0", Announce: ann.Announce,
			Note: func(n capture.Note) {
				if n.Name != "piece-done" && n.Name != "choke-round" {
					t.Logf("us: %s: %s", n.Name, n.Summary)
				}
			},
		}
		set(&cfg)
		c, err := New(cfg)
		made <- c
		if err != nil {
			return err
		}
		return c.Run(ctx)
	})
	go func() { end <- src.Run(ctx, &notes{}) }()
	return <-made, end
}

func inMemory(s store.Store) func(context.Context, *metainfo.Torrent) (store.Store, error) {
	return func(context.Context, *metainfo.Torrent) (store.Store, error) { return s, nil }
}

func freePort(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// eventually asks every 100 ms until cond holds.
func eventually(ctx context.Context, cond func() bool) bool {
	for {
		if cond() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// The programs that people have download from us, and we from them, once from
// the torrent file and once from a magnet link.
func TestOtherClients(t *testing.T) {
	if testing.Short() {
		t.Skip("transmission takes its time")
	}
	data := content(4<<20 + 1000)
	want := sha256.Sum256(data)
	for _, o := range others(t) {
		t.Run(o.name, func(t *testing.T) {
			if err := o.found(); err != nil {
				if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
					t.Fatalf("%s is not installed: %v", o.name, err)
				}
				t.Skipf("%s is not installed", o.name)
			}
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			url := ourTracker(ctx, t, o.tracker)
			x, err := metainfo.FromBytes(data, metainfo.Options{Name: "file.bin", PieceLength: 64 << 10, Tiers: [][]string{{url}}})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			torrent := filepath.Join(dir, "file.torrent")
			if err := os.WriteFile(torrent, x.Encode(), 0o600); err != nil {
				t.Fatal(err)
			}
			seeding, stop := context.WithCancel(ctx)
			defer stop()
			seed, over := onLoopback(seeding, t, "127.0.0.2", func(cfg *Config) {
				cfg.Torrent, cfg.Open = x, inMemory(store.NewSeed(x, data))
			})
			if !eventually(ctx, func() bool { s := seed.Status(); return len(s.Trackers) > 0 && s.Trackers[0].Announces > 0 }) {
				t.Fatal("the seed does not announce")
			}

			their := filepath.Join(dir, "their")
			_ = os.Mkdir(their, 0o700)
			theirs, kill := context.WithCancel(ctx)
			defer kill()
			cmd := o.start(theirs, torrent, their, freePort(t))
			cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
			cmd.WaitDelay = 2 * time.Second
			out, err := os.Create(filepath.Join(dir, "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			cmd.Stdout, cmd.Stderr = out, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { kill(); _ = cmd.Wait() }()
			t0 := time.Now()
			if !eventually(ctx, func() bool {
				b, _ := os.ReadFile(filepath.Join(their, "file.bin"))
				return sha256.Sum256(b) == want
			}) {
				b, _ := os.ReadFile(out.Name())
				t.Fatalf("%s does not get the file from us: %+v\n%.3000s", o.name, seed.Status(), b)
			}
			t.Logf("%s has the file after %v", o.name, time.Since(t0))
			stop()
			if err := <-over; err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("the seed ends with %v", err)
			}

			for i, way := range []string{"torrent", "magnet"} {
				ours := store.NewMemory(x, nil)
				leeching, stop := context.WithCancel(ctx)
				t0 = time.Now()
				leech, over := onLoopback(leeching, t, fmt.Sprintf("127.0.0.%d", 3+i), func(cfg *Config) {
					cfg.Torrent, cfg.Open = x, inMemory(ours)
					if way == "magnet" {
						cfg.Torrent, cfg.Magnet = nil, x.Magnet()
					}
				})
				if !eventually(ctx, ours.Complete) {
					b, _ := os.ReadFile(out.Name())
					t.Errorf("%s: we do not get the file from %s: %+v\n%s", way, o.name, leech.Status(), b[max(0, len(b)-3000):])
				}
				t.Logf("%s: we have the file after %v", way, time.Since(t0))
				h := sha256.New()
				for i := range x.NumPieces() {
					b := make([]byte, x.PieceLen(i))
					_ = ours.ReadBlock(b, i, 0)
					h.Write(b)
				}
				if fmt.Sprintf("%x", h.Sum(nil)) != fmt.Sprintf("%x", want) {
					t.Error("our file is another one")
				}
				stop()
				<-over
			}
		})
	}
}
