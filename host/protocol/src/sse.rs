//! Server-sent events, as the WHATWG HTML standard (§ 9.2.6, "Interpreting an event stream") has them.
//!
//! What goes beyond the standard: each [`Frame`] keeps its raw bytes, and all frames' raw bytes in a
//! row are the stream, so that what nobody touches can go out as it came.

mod decoder;
mod frame;
mod plain;

pub use decoder::{Decoder, FrameTooLarge, Part};
pub(crate) use frame::BYTE_ORDER_MARK;
pub use frame::Frame;
pub(crate) use plain::{escaped, has_separators, has_wide_separators};

#[cfg(test)]
mod tests;
