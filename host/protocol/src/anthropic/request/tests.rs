//! Views of requests and their edits.
