package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"netscope/decoders"
	"netscope/decoders/lines"
	"netscope/decoders/qlogout"
	"netscope/decoders/timeline"
)

// outputFlags say how lines are written.
type outputFlags struct {
	json    bool
	packets bool
	fields  []string
	quiet   bool
	filter  string
}

func (a *app) readCommand() *cobra.Command {
	var dec decodeFlags
	var out outputFlags
	var ql qlogFlags
	cmd := &cobra.Command{
		Use:   "read FILE",
		Short: "Decode a capture file without the interface, one line a message",
		Long: `Read decodes a capture file (pcap or pcapng, also compressed by gzip; "-" is
standard input) or a qlog file and prints a line for each message in the order in which they
were complete. With --json it prints one JSON object a line.

What was read before a truncation is shown; the status is then 2.`,
		Example: `  netscope read capture.pcapng
  netscope read capture.pcapng --json | jq 'select(.kind == "response")'
  netscope read capture.pcapng -Y 'http.response.code >= 400' -e http.response.code -e http.content_type
  tcpdump -w - | netscope read -`,
		Args: exactly(1, "name the capture file to read, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := ql.writer(false)
			if err != nil {
				return err
			}
			snap, free, err := dec.loadFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer free()
			secrets, err := dec.secrets()
			if err != nil {
				return err
			}
			if err := q.add(snap, qlogout.Options{Keys: secrets, Title: args[0]}); err != nil {
				return err
			}
			w := bufio.NewWriterSize(a.out, 64<<10)
			if err := out.write(w, snap); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
			if err := q.close(); err != nil {
				return err
			}
			return broken(args[0], snap)
		},
	}
	dec.add(cmd)
	out.add(cmd)
	ql.add(cmd.Flags())
	return cmd
}

func (f *decodeFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.as, "decode-as", "d", nil, "decode a port as a protocol: tcp.port==8080,http")
	cmd.Flags().StringVar(&f.keys, "keylog", "", "decrypt with the secrets in this key log (as SSLKEYLOGFILE has it written)")
	cmd.Flags().Int64VarP(&f.count, "count", "c", 0, "stop after this many packets")
}

func (f *outputFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object a line")
	cmd.Flags().BoolVar(&f.packets, "packets", false, "with --json: packets, too")
	cmd.Flags().StringArrayVarP(&f.fields, "field", "e", nil, "print these fields only, separated by tabs")
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print nothing but errors")
	cmd.Flags().StringVarP(&f.filter, "display-filter", "Y", "", "show only messages that match, in Wireshark's grammar")
}

// write writes a whole timeline.
func (f *outputFlags) write(w io.Writer, snap *timeline.Snapshot) error {
	src := lines.Source{Snap: snap}
	keep, err := f.keep(snap)
	if err != nil {
		return err
	}
	src.Keep = keep
	switch {
	case f.quiet:
		return nil
	case f.json:
		enc := lines.NewEncoder(w)
		if err := enc.Epoch(snap.Epoch()); err != nil {
			return err
		}
		if f.packets {
			if err := writePackets(enc, src); err != nil {
				return err
			}
		}
		return enc.Messages(src)
	}
	text := lines.NewText(w)
	ids, _ := snap.Completions(0)
	for _, id := range ids {
		if keep != nil && !keep(id) {
			continue
		}
		if len(f.fields) > 0 {
			err = text.Fields(src, id, f.fields)
		} else if snap.Message(id).Level == decoders.MessageLevel {
			err = text.Message(src, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writePackets(enc *lines.Encoder, src lines.Source) error {
	first, end := src.Snap.PacketRange()
	for id := first; id < end; id++ {
		if err := enc.Packet(src, id); err != nil {
			return err
		}
	}
	return nil
}

// broken is the error of a source that ended too early.
func broken(name string, snap *timeline.Snapshot) error {
	if err := snap.Err(); err != nil {
		return unreadable(fmt.Errorf("%s: %w", name, err))
	}
	if cut := snap.Truncated(); cut != nil {
		return unreadable(fmt.Errorf("%s is cut short at byte %d: %s; what was before it has been shown", name, cut.Offset, cut.Reason))
	}
	return nil
}

// exactly demands n arguments, or says in one sentence what is wanted.
func exactly(n int, wanted string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return errors.New(wanted)
		}
		return nil
	}
}
