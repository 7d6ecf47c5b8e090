package store

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"netscope/protocols/bittorrent/metainfo"
)

// TestKilled kills a writer again and again; what it said was verified must be
// there, and in the end the files are right.
func TestKilled(t *testing.T) {
	tor, all := sample(t)
	if dir := os.Getenv("NETSCOPE_TEST_STORE_DIR"); dir != "" {
		write(tor, all, dir)
		return
	}
	dir := t.TempDir()
	for round := 1; ; round++ {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "NETSCOPE_TEST_STORE_DIR="+dir)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		var told []int
		lines := bufio.NewScanner(out)
		for len(told) < 2 && lines.Scan() {
			var i int
			if _, err := fmt.Sscanf(lines.Text(), "piece %d", &i); err == nil {
				told = append(told, i)
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		d := openDisk(t, dir, tor)
		for _, i := range told {
			if !d.Has(i) {
				t.Errorf("round %d: piece %d is lost", round, i)
			}
		}
		for i := range tor.NumPieces() {
			got := make([]byte, tor.PieceLen(i))
			if err := d.ReadBlock(got, i, 0); err == nil && !bytes.Equal(got, pieceOf(tor, all, i)) {
				t.Errorf("round %d: piece %d is wrong", round, i)
			}
		}
		complete := d.Complete()
		must(t, d.Close())
		if complete {
			return
		}
		if round > tor.NumPieces() {
			t.Fatal("it does not get on: ", on(t, dir))
		}
	}
}

// write is the process that is killed.
func write(tor *metainfo.Torrent, all []byte, dir string) {
	d, err := OpenDisk(context.Background(), dir, tor, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range tor.NumPieces() {
		if d.Has(i) {
			continue
		}
		p := pieceOf(tor, all, i)
		for k := 0; k < len(p); k += 1000 {
			if err := d.WriteBlock(p[k:min(k+1000, len(p))], i, int64(k)); err != nil {
				fmt.Println(err)
				return
			}
		}
		if ok, err := d.Verify(i); !ok || err != nil {
			fmt.Println(ok, err)
			return
		}
		fmt.Println("piece", i)
	}
}
