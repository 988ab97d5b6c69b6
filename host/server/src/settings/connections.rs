//! The settings that bound the connections of callers.

use clap::Args;
use schemars::JsonSchema;

use super::kinds::Whole;

/// The bounds of callers' connections.
#[derive(Args, Clone, Debug, JsonSchema)]
#[group(skip)]
pub struct Connections {
    /// How many connections there may be. One without a request under way makes room for another. If
    /// all have one, callers get a 503, and `/health` is answered all the same. Each needs two files, so
    /// there are fewer if the system lets the process have fewer (`ulimit -n`).
    #[arg(
        long,
        env = "SLUICE_MAX_CONNECTIONS",
        value_name = "COUNT",
        default_value = "16384"
    )]
    pub max_connections: Whole<1, 1_000_000>,
    /// How many connections may come from one address, or from one /64 network of IPv6. Behind a load
    /// balancer all agents share one. [default: three quarters of all]
    #[arg(long, env = "SLUICE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT")]
    pub max_connections_per_address: Option<Whole<1, 1_000_000>>,
    /// How long a caller may take to send the head of a request.
    #[arg(
        long,
        env = "SLUICE_HEAD_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30"
    )]
    pub head_timeout: Whole<1, 3600>,
    /// How long a caller's connection may rest between two requests.
    #[arg(
        long,
        env = "SLUICE_KEEP_ALIVE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "620"
    )]
    pub keep_alive_timeout: Whole<1, 3600>,
    /// How long a caller may take none of the bytes that wait for it. Only Linux has this.
    #[arg(
        long,
        env = "SLUICE_CALLER_TIMEOUT",
        value_name = "SECONDS",
        default_value = "300"
    )]
    pub caller_timeout: Whole<1, 3600>,
    /// How many lines of headers a request, or a reply of upstream, may have. A thousand take 20 KiB more
    /// for each exchange. [default: 256 of a request, 100 of a reply]
    #[arg(long, env = "SLUICE_MAX_HEADER_LINES", value_name = "COUNT")]
    pub max_header_lines: Option<Whole<1, 10_000>>,
}
