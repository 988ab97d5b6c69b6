//! The settings that bound what an exchange, or the process, may cost.

use clap::Args;
use schemars::JsonSchema;

use super::kinds::Whole;

/// The bounds of exchanges and of the process.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Bounds {
    /// The largest body of a request, in MiB.
    #[arg(
        long,
        env = "SLUICE_MAX_BODY_MIB",
        value_name = "MIB",
        default_value = "32"
    )]
    pub max_body_mib: Whole<1, 1024>,
    /// How long a caller may take to send its body. If the body is passed on unjudged, how long it may
    /// be silent meanwhile.
    #[arg(
        long,
        env = "SLUICE_BODY_TIMEOUT",
        value_name = "SECONDS",
        default_value = "60"
    )]
    pub body_timeout: Whole<1, 3600>,
    /// How long a connection to upstream may take to open.
    #[arg(
        long,
        env = "SLUICE_CONNECT_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10"
    )]
    pub connect_timeout: Whole<1, 300>,
    /// How long upstream may take until its reply begins. If a reply is not streamed, it begins when
    /// the model is done.
    #[arg(
        long,
        env = "SLUICE_FIRST_BYTE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "600"
    )]
    pub first_byte_timeout: Whole<1, 3600>,
    /// How long upstream may be silent within a reply of any kind.
    #[arg(
        long,
        env = "SLUICE_IDLE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "300"
    )]
    pub idle_timeout: Whole<1, 3600>,
    /// How often a caller whose reply is held back is told that it still comes.
    #[arg(
        long,
        env = "SLUICE_HEARTBEAT",
        value_name = "SECONDS",
        default_value = "5"
    )]
    pub heartbeat: Whole<1, 15>,
    /// How long running exchanges have to finish on shutdown.
    #[arg(
        long,
        env = "SLUICE_DRAIN",
        value_name = "SECONDS",
        default_value = "30"
    )]
    pub drain: Whole<0, 3600>,
    /// How many instances of policies may live at once. An exchange has one for each policy that it
    /// called; more have to wait.
    #[arg(
        long,
        env = "SLUICE_INSTANCES",
        value_name = "COUNT",
        default_value = "1000"
    )]
    pub instances: Whole<1, 10_000>,
}
