//! The settings that bound what Sluice takes in of a reply. One that no policy wants anything of passes without these bounds.

use clap::Args;
use schemars::JsonSchema;

use super::kinds::Whole;

/// The bounds of a reply.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Replies {
    /// The largest event of a streamed reply, in MiB, if policies want any of it. A picture that a provider makes comes in
    /// one event.
    #[arg(
        long,
        env = "SLUICE_MAX_FRAME_MIB",
        value_name = "MIB",
        default_value = "64"
    )]
    pub max_frame_mib: Whole<1, 1024>,
    /// How much of a streamed reply may be held for policies, in MiB.
    #[arg(
        long,
        env = "SLUICE_MAX_HELD_MIB",
        value_name = "MIB",
        default_value = "64"
    )]
    pub max_held_mib: Whole<1, 1024>,
    /// The largest reply that is not streamed, in MiB, if policies want any of it.
    #[arg(
        long,
        env = "SLUICE_MAX_REPLY_MIB",
        value_name = "MIB",
        default_value = "128"
    )]
    pub max_reply_mib: Whole<1, 1024>,
    /// How many texts, tool calls and other items a reply may have, if policies want any of it.
    #[arg(
        long,
        env = "SLUICE_MAX_REPLY_ITEMS",
        value_name = "COUNT",
        default_value = "10000"
    )]
    pub max_reply_items: Whole<1, 1_000_000>,
}
