package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"netscope/protocols/all"
	"netscope/protocols/lab"
	"netscope/protocols/lab/fork"
)

func (a *app) labsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "labs [ID]",
		Short: "List the labs, or describe one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				l, err := findLab(args[0])
				if err != nil {
					return err
				}
				a.describe(l.Spec())
				return nil
			}
			group := ""
			for _, l := range all.List() {
				s := l.Spec()
				if s.Group != group {
					group = s.Group
					fmt.Fprintln(a.out, group)
				}
				fmt.Fprintf(a.out, "  %-18s %s\n", s.ID, s.Summary)
			}
			return nil
		},
	}
}

// describe prints a lab's parameters and variants.
func (a *app) describe(s lab.Spec) {
	fmt.Fprintf(a.out, "%s\n%s\n%s\nParameters (--set NAME=VALUE)\n", s.Title,
		wrap("", "", strings.Fields(s.Summary), " "), paragraphs(s.About))
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, p := range s.Params {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", p.Name, p.Format(p.Default), p.Doc)
	}
	w.Flush()
	if len(s.Acts) > 0 {
		fmt.Fprintln(a.out, "\nWhile it runs (--act 'TIME NAME …')")
		for _, x := range s.Acts {
			fmt.Fprintf(w, "  %s\t%s\n", strings.TrimSpace(x.Name+" "+x.Args), x.Doc)
		}
		w.Flush()
	}
	fmt.Fprintln(a.out, "\nVariants (--variant NAME,NAME…)")
	for _, v := range s.Variants {
		fmt.Fprintf(w, "  %s\t%s\n", v.ID, v.Summary)
	}
	w.Flush()
}

// findLab finds a lab by its id or says which there are.
func findLab(id string) (lab.Lab, error) {
	var ids []string
	for _, l := range all.List() {
		if l.Spec().ID == id {
			return l, nil
		}
		ids = append(ids, l.Spec().ID)
	}
	return nil, fmt.Errorf("there is no lab %q: take one of %s", id, strings.Join(ids, ", "))
}

// labFlags choose a lab's parameters and variants.
type labFlags struct {
	set      []string
	variants []string
	seed     uint64
	actions  []string
	acts     []string
}

func (f *labFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "set a parameter: rtt=100ms (repeat for more)")
	cmd.Flags().StringSliceVar(&f.variants, "variant", nil, "variants to run, separated by commas (default all)")
	cmd.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all random choices")
	cmd.Flags().StringArrayVar(&f.actions, "action", nil, "do something at a virtual time (repeat for more): drop@0.412s:server:client[#N], delay@…:FROM:TO+50ms, set@0.4s:rtt=200ms, or JSON")
	cmd.Flags().StringArrayVar(&f.acts, "act", nil, "do what the lab can do while it runs, at a virtual time (repeat for more): '30s kill alice'; netscope labs ID lists what that is")
}

// act reads an --act: "30s kill alice".
func act(s lab.Spec, text string) (lab.Action, error) {
	bad := func(why string) (lab.Action, error) {
		return lab.Action{}, fmt.Errorf("--act %q: %s", text, why)
	}
	if len(s.Acts) == 0 {
		return bad("lab " + s.ID + " can do nothing while it runs; --set changes it from the start")
	}
	when, what, _ := strings.Cut(strings.TrimSpace(text), " ")
	at, err := time.ParseDuration(when)
	if err != nil || at < 0 {
		return bad("write the time, what to do and to whom, as in '30s kill alice'")
	}
	name, args, _ := strings.Cut(strings.TrimSpace(what), " ")
	var names []string
	for _, a := range s.Acts {
		if a.Name == name {
			return lab.Action{At: at, Kind: "param", Name: name, Text: strings.TrimSpace(args)}, nil
		}
		names = append(names, strings.TrimSpace(a.Name+" "+a.Args))
	}
	return bad("this lab can " + strings.Join(names, ", "))
}

// journal reads --action and --act for one variant.
func (f *labFlags) journal(l lab.Lab, variant string, p lab.Params) ([]lab.Action, error) {
	var out []lab.Action
	for _, text := range f.actions {
		as, err := fork.Parse(l, variant, fork.Effective(l, p, out), text)
		if err != nil {
			return nil, fmt.Errorf("--action: %w", err)
		}
		out = append(out, as...)
	}
	for _, text := range f.acts {
		a, err := act(l.Spec(), text)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// params applies --set to the lab's defaults.
func (f *labFlags) params(s lab.Spec) (lab.Params, error) {
	p := lab.Defaults(s.Params)
	for _, kv := range f.set {
		name, value, ok := strings.Cut(kv, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: write it as NAME=VALUE, as in rtt=100ms", kv)
		}
		if err := p.Set(s.Params, name, value); err != nil {
			return nil, fmt.Errorf("--set %s: %w", kv, err)
		}
	}
	return p, nil
}

// chosen gives the variants to run, with their number k of 10.k.0.0/16.
func (f *labFlags) chosen(s lab.Spec) ([]chosenVariant, error) {
	var out []chosenVariant
	for i, v := range s.Variants {
		if len(f.variants) == 0 {
			out = append(out, chosenVariant{v, i + 1})
		}
	}
	for _, want := range f.variants {
		found := false
		var ids []string
		for i, v := range s.Variants {
			ids = append(ids, v.ID)
			if v.ID == want {
				out = append(out, chosenVariant{v, i + 1})
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("lab %s has no variant %q: take some of %s", s.ID, want, strings.Join(ids, ", "))
		}
	}
	return out, nil
}

type chosenVariant struct {
	lab.Variant
	index int
}

// paragraphs lays a text out, with an empty line after each paragraph.
func paragraphs(text string) string {
	var b strings.Builder
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		b.WriteString(wrap("", "", strings.Fields(p), " ") + "\n")
	}
	return b.String()
}
