package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) labCommand() *cobra.Command {
	var f labFlags
	cmd := &cobra.Command{
		Use:     "lab [ID]",
		Short:   "Open a lab in the interface",
		Example: "  netscope lab http-connections --set rtt=50ms --variant pipelined",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return nil
		},
	}
	f.add(cmd)
	return cmd
}

func (a *app) interactive(ctx context.Context, f *rootFlags) error { return nil }
