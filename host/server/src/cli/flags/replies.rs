//! The flags that bound what Sluice takes in of a reply. One that no policy wants anything of passes without these bounds.

use clap::Args;
use sluice_protocol::Limits;

#[derive(Args, Debug)]
#[group(id = "ReplyBounds")]
pub(super) struct Bounds {
    /// The largest event of a streamed reply, in MiB, if policies want any of it. A picture that a provider makes comes in
    /// one event.
    #[arg(
        long,
        env = "SLUICE_MAX_FRAME_MIB",
        value_name = "MIB",
        default_value_t = 64
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_frame_mib: u16,
    /// How much of a streamed reply may be held for policies, in MiB.
    #[arg(
        long,
        env = "SLUICE_MAX_HELD_MIB",
        value_name = "MIB",
        default_value_t = 64
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_held_mib: u16,
    /// The largest reply that is not streamed, in MiB, if policies want any of it.
    #[arg(
        long,
        env = "SLUICE_MAX_REPLY_MIB",
        value_name = "MIB",
        default_value_t = 128
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_reply_mib: u16,
    /// How many texts, tool calls and other items a reply may have, if policies want any of it.
    #[arg(
        long,
        env = "SLUICE_MAX_REPLY_ITEMS",
        value_name = "COUNT",
        default_value_t = 10_000
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_reply_items: u32,
}

impl Bounds {
    /// Returns the bounds of requests and replies that these flags describe.
    pub(super) fn limits(&self) -> Limits {
        let bytes = |mib: u16| usize::from(mib) << 20;
        let items = usize::try_from(self.max_reply_items);
        Limits {
            frame: bytes(self.max_frame_mib),
            held: bytes(self.max_held_mib),
            whole: bytes(self.max_reply_mib),
            items: items.unwrap_or(usize::MAX),
            ..Limits::default()
        }
    }
}
