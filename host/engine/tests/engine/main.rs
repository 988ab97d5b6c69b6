//! Real policies in a real engine, from the component's bytes to the rulings.
//!
//! The policies are built by `cargo xtask policies`; most of them are `scripted`, which does what its
//! config says, or hostile ones that do one bad thing.

mod cache;
mod containment;
mod context;
mod events;
mod fuel;
mod inspect;
mod isolation;
mod load;
mod onion;
mod reload;
mod revision;
mod size;
mod support;
mod time;
