package http2

import (
	"golang.org/x/net/http2"
)

// settings takes what the client says of itself (RFC 9113 §6.5).
func (k *conn) settings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		if !k.settled {
			return connError{http2.ErrCodeProtocol, "the first SETTINGS acknowledge (RFC 9113 §3.4)"}
		}
		return nil
	}
	k.settled = true
	if err := f.ForeachSetting(k.setting); err != nil {
		return err
	}
	return k.ctl.WriteSettingsAck()
}

func (k *conn) setting(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		code := http2.ErrCodeProtocol
		if s.ID == http2.SettingInitialWindowSize {
			code = http2.ErrCodeFlowControl
		}
		return connError{code, s.ID.String() + " is out of range (RFC 9113 §6.5.2)"}
	}
	switch s.ID {
	case http2.SettingInitialWindowSize:
		// What is open already changes by the difference (RFC 9113 §6.9.2).
		d := int64(s.Val) - k.initial
		k.initial = int64(s.Val)
		for _, st := range k.streams {
			if st.window += d; st.window > maxWindow {
				return connError{http2.ErrCodeFlowControl, "a window grows beyond 2^31-1 (RFC 9113 §6.9.2)"}
			}
		}
	case http2.SettingMaxFrameSize:
		k.largest = int(s.Val)
	case http2.SettingEnablePush:
		k.push = s.Val == 1
	case http2.SettingMaxConcurrentStreams:
		k.peerStreams = int(min(s.Val, MaxStreams))
	case http2.SettingHeaderTableSize:
		k.table(s.Val)
	}
	return nil
}

// update opens a window (RFC 9113 §6.9.1).
func (k *conn) update(id uint32, n int64) error {
	if id == 0 {
		if k.window += n; k.window > maxWindow {
			return connError{http2.ErrCodeFlowControl, "the connection's window grows beyond 2^31-1 (RFC 9113 §6.9.1)"}
		}
		return nil
	}
	st := k.streams[id]
	switch {
	case k.isIdle(id):
		return connError{http2.ErrCodeProtocol, "WINDOW_UPDATE for a stream that was never opened (RFC 9113 §5.1)"}
	case st == nil:
		return nil
	}
	if st.window += n; st.window > maxWindow {
		return streamError(id, http2.ErrCodeFlowControl, "the stream's window grows beyond 2^31-1 (RFC 9113 §6.9.1)")
	}
	return nil
}

// reprioritise takes a PRIORITY_UPDATE (RFC 9218 §7.1).
func (k *conn) reprioritise(f *http2.PriorityUpdateFrame) error {
	id, p := f.PrioritizedStreamID, ParsePriority(f.Priority)
	switch st := k.streams[id]; {
	case id == 0 || id%2 == 0 && k.isIdle(id):
		return connError{http2.ErrCodeProtocol, "PRIORITY_UPDATE for a stream that cannot be (RFC 9218 §7.1)"}
	case st != nil:
		st.priority = p
		if k.s.Note != nil {
			k.s.Note("priority", streamName(id)+" now has "+p.String())
		}
	case k.isIdle(id) && len(k.early) < MaxStreams:
		k.early[id] = p
	}
	return nil
}
