//! Blocks read, written and rewritten.
