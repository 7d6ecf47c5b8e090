package server

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"netscope/protocols/bittorrent/metainfo"
	"netscope/protocols/bittorrent/tracker"
)

type wall struct{}

func (wall) Now() time.Time { return time.Now() }

// TestAria2 has aria2c announce to this tracker, over HTTP and over UDP.
func TestAria2(t *testing.T) {
	if _, err := exec.LookPath("aria2c"); err != nil {
		if os.Getenv("NETSCOPE_REQUIRE_PEERS") != "" {
			t.Fatal("aria2c is not installed, and NETSCOPE_REQUIRE_PEERS is set")
		}
		t.Skip("aria2c is not installed")
	}
	for _, scheme := range []string{"http", "udp"} {
		t.Run(scheme, func(t *testing.T) {
			told := make(chan tracker.Announce, 16)
			s := New(Config{Clock: wall{}, Rand: rand.New(rand.NewPCG(1, 2)), Told: func(_ netip.AddrPort, a tracker.Announce, _ tracker.Answer) {
				select {
				case told <- a:
				default:
				}
			}})
			ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
			defer cancel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			p, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = s.Serve(ctx, l) }()
			go func() { _ = s.ServePacket(ctx, p) }()
			url := fmt.Sprintf("http://%s/announce", l.Addr())
			if scheme == "udp" {
				url = fmt.Sprintf("udp://%s/announce", p.LocalAddr())
			}
			tor, err := metainfo.FromBytes(make([]byte, 50_000), metainfo.Options{Name: "zeros", Tiers: [][]string{{url}}})
			if err != nil {
				t.Fatal(err)
			}
			// Somebody for aria2c to be told of; nobody is at home there.
			s.Announce(tracker.Announce{InfoHash: tor.InfoHash, Port: 9, NumWant: -1}, netip.MustParseAddr("127.0.0.1"))
			<-told
			dir := t.TempDir()
			path := filepath.Join(dir, "x.torrent")
			if err := os.WriteFile(path, tor.Encode(), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(ctx, "aria2c", "--no-conf", "--dir="+dir, "--enable-dht", "--dht-entry-point=127.0.0.1:9", "--dht-file-path="+filepath.Join(dir, "dht"), // without DHT it does not speak UDP
				"--bt-enable-lpd=false", "--listen-port=20000-40000", "--dht-listen-port=20000-40000", "--stop=30", path)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Wait() }()
			next := func(what string, e tracker.Event) {
				t.Helper()
				select {
				case a := <-told:
					if a.InfoHash != tor.InfoHash || a.Event != e || a.Left != 50_000 || a.Port < 20000 || hex.EncodeToString(a.PeerID[:2]) != "4132" {
						t.Errorf("%s: %+v", what, a)
					}
				case <-ctx.Done():
					t.Errorf("%s: aria2c does not announce", what)
				}
			}
			next("start", tracker.Started)
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			next("stop", tracker.Stopped)
		})
	}
}
