package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// rootFlags are the flags of netscope itself: open a file or capture.
type rootFlags struct {
	decodeFlags
	outputFlags
	file      string
	iface     string
	write     string
	replace   bool
	snapLen   int
	noPromisc bool
	captureF  string
	list      bool
	noNames   bool
	theme     string
}

func (a *app) root() *cobra.Command {
	var f rootFlags
	cmd := &cobra.Command{
		Use:   "netscope [FILE]",
		Short: "See application-layer protocols at work",
		Long: `netscope shows application-layer protocols at work: request and response side by
side, timing to scale, state at both ends, stepping forwards and back. It runs
labs with real protocol code on an emulated network, opens capture files, and
captures live.

Without arguments it opens its start page. When standard output is not a
terminal it prints one line a message instead.`,
		Example: `  netscope                                  the start page
  netscope capture.pcapng                   open a capture file
  sudo netscope -i eth0                     capture live
  tcpdump -w - | netscope                   what another program captures
  netscope labs                             the labs: HTTP, DNS, BitTorrent
  netscope lab http-connections             open one
  netscope run dns-resolve                  run one without the interface
  netscope dns www.example.org              resolve a name for real, from the root down
  netscope torrent debian.torrent           download for real, and see the swarm
  netscope -r in.pcap -w out.pcapng         convert`,
		Version:       version(),
		Args:          cobra.MaximumNArgs(1),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if f.file != "" || f.iface != "" {
					return fmt.Errorf("name one thing to open: %s, or what -r or -i says", args[0])
				}
				f.file = args[0]
			}
			return a.open(cmd.Context(), &f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.file, "read-file", "r", "", "open a capture file; - is standard input")
	fl.StringVarP(&f.iface, "interface", "i", "", "capture on an interface; - is standard input; any is all of them")
	fl.BoolVarP(&f.list, "list-interfaces", "D", false, "list the interfaces and end")
	fl.StringVarP(&f.captureF, "capture-filter", "f", "", "capture filter (not yet: pipe from tcpdump)")
	fl.StringVarP(&f.write, "write", "w", "", "write packets to a file: a conversion with -r, a new file with -i")
	fl.BoolVar(&f.replace, "force", false, "with -i -w: replace the file if there is one")
	fl.IntVarP(&f.snapLen, "snaplen", "s", 0, "capture at most this many bytes of a packet (0: all)")
	fl.BoolVarP(&f.noPromisc, "no-promiscuous-mode", "p", false, "do not put the interface into promiscuous mode")
	fl.BoolVarP(&f.noNames, "no-names", "n", false, "no name resolution (netscope never asks for names)")
	addTheme(cmd, &f.theme)
	f.decodeFlags.add(cmd)
	f.outputFlags.add(cmd)
	cmd.SetVersionTemplate("netscope {{.Version}}\n")
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; %s --help lists the flags", err, c.CommandPath())
	})
	cmd.AddCommand(a.labCommand(), a.labsCommand(), a.runCommand(), a.readCommand(), a.dnsCommand(), a.torrentCommand(), a.doctorCommand(), a.manCommand())
	cmd.CompletionOptions.HiddenDefaultCmd = false
	return cmd
}

// version is the version that the build knows, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "development " + s.Value[:12]
		}
	}
	return "development"
}
