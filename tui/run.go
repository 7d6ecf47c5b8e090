package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
)

// Run shows the interface until the person leaves or ctx is done, restores the
// terminal, and closes everything that was opened. Signals are the caller's
// business: they end ctx.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	a := New(o)
	p := tea.NewProgram(a, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	_, err := p.Run()
	closeAll(a.release())()
	switch {
	case ctx.Err() != nil, errors.Is(err, tea.ErrInterrupted):
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return errors.New("netscope has failed; the terminal has been restored and everything was closed")
	case err != nil:
		return fmt.Errorf("the terminal cannot be used: %w", err)
	}
	return nil
}
