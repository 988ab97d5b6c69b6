//! Server-sent events, as the WHATWG HTML standard (§ 9.2.6, "Interpreting an event stream") has them.
//!
//! What goes beyond the standard: each [`Frame`] keeps its raw bytes, and all frames' raw bytes in a
//! row are the stream, so that what nobody touches can go out as it came.

mod decoder;
mod frame;

pub use decoder::{Decoder, FrameTooLarge};
pub use frame::Frame;

#[cfg(test)]
mod tests;
