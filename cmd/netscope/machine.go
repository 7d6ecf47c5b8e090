package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"netscope/capture/live"
)

// piped reports whether a file is a pipe, a socket, or a plain file that was
// redirected to us: something that may carry a capture.
func piped(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && (st.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 || st.Mode().IsRegular() && st.Size() > 0)
}

// listInterfaces prints the interfaces as tcpdump -D does.
func (a *app) listInterfaces() error {
	list, err := live.Interfaces()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for i, x := range list {
		fmt.Fprintf(w, "%d.\t%s\t%s\n", i+1, x.Name, x.Description())
	}
	return w.Flush()
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine lets netscope do, and how to allow more",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(a.out, "netscope %s, %s/%s, %s\n\n", version(), runtime.GOOS, runtime.GOARCH, runtime.Version())
			var findings []finding
			for _, f := range live.CheckAccess().Findings {
				findings = append(findings, finding{f.Level.String(), f.Text, f.Remedy})
			}
			for _, f := range append(findings, a.terminal()...) {
				fmt.Fprintf(a.out, "%-5s %s\n", f.level, f.text)
				if f.remedy != "" {
					fmt.Fprintf(a.out, "      %s\n", strings.ReplaceAll(f.remedy, "\n", "\n      "))
				}
			}
			return nil
		},
	}
}

// finding is one thing that doctor says.
type finding struct{ level, text, remedy string }

// terminal looks at what the interface needs.
func (a *app) terminal() []finding {
	var out []finding
	add := func(ok bool, good, bad, remedy string) {
		if ok {
			out = append(out, finding{"ok", good, ""})
		} else {
			out = append(out, finding{"warn", bad, remedy})
		}
	}
	add(isTerminal(a.out), "standard output is a terminal", "standard output is not a terminal: messages are printed as lines", "")
	lang := os.Getenv("LC_ALL") + os.Getenv("LC_CTYPE") + os.Getenv("LANG")
	utf := strings.Contains(strings.ToLower(strings.ReplaceAll(lang, "-", "")), "utf8")
	add(utf, "the locale is UTF-8", "the locale does not say UTF-8: lines and arrows may look broken", "export LANG=C.UTF-8")
	color := os.Getenv("COLORTERM")
	switch {
	case os.Getenv("NO_COLOR") != "":
		out = append(out, finding{"ok", "NO_COLOR is set: no colours are used", ""})
	case color == "truecolor" || color == "24bit":
		out = append(out, finding{"ok", "the terminal shows 24-bit colour", ""})
	default:
		out = append(out, finding{"ok", "colours are brought down to what TERM=" + os.Getenv("TERM") + " shows", ""})
	}
	if dir, err := os.MkdirTemp("", "netscope"); err != nil {
		out = append(out, finding{"bad", "temporary files cannot be made in " + os.TempDir(), "set TMPDIR to a folder that you can write to"})
	} else {
		os.Remove(dir)
		out = append(out, finding{"ok", "temporary files go to " + os.TempDir(), ""})
	}
	return out
}

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man",
		Short:   "Print the manual page",
		Example: "  netscope man | man -l -\n  netscope man > netscope.1",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if root.Name() != "netscope" {
				return errors.New("the manual page is printed by netscope itself")
			}
			head := &doc.GenManHeader{Title: "NETSCOPE", Section: "1", Source: application(), Manual: "User commands"}
			if err := doc.GenMan(root, head, a.out); err != nil {
				return err
			}
			for _, c := range root.Commands() {
				if c.IsAvailableCommand() && c.Name() != "help" {
					if err := doc.GenMan(c, head, a.out); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}
