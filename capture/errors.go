package capture

import "errors"

// ErrEvicted says that a size-capped [Store] has let go of the bytes asked for.
var ErrEvicted = errors.New("these bytes are no longer kept: the capture has outgrown its spool")
