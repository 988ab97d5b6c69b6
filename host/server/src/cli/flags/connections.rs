//! The flags that bound the connections of callers.

use std::time::Duration;

use clap::Args;

use super::seconds;
use crate::listen::Config;

#[derive(Args, Debug)]
pub(super) struct Flags {
    /// How many connections there may be. One without a request under way makes room for another. If
    /// all have one, callers get a 503, and `/health` is answered all the same. Each needs two files, so
    /// there are fewer if the system lets the process have fewer (`ulimit -n`).
    #[arg(
        long,
        env = "SLUICE_MAX_CONNECTIONS",
        value_name = "COUNT",
        default_value_t = 16_384
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections: u32,
    /// How many connections may come from one address, or from one /64 network of IPv6. Behind a load
    /// balancer all agents share one. [default: three quarters of all]
    #[arg(long, env = "SLUICE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    max_connections_per_address: Option<u32>,
    /// How long a caller may take to send the head of a request.
    #[arg(
        long,
        env = "SLUICE_HEAD_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30"
    )]
    #[arg(value_parser = seconds(1..=3600))]
    head_timeout: Duration,
    /// How long a caller's connection may rest between two requests.
    #[arg(
        long,
        env = "SLUICE_KEEP_ALIVE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "620"
    )]
    #[arg(value_parser = seconds(1..=3600))]
    keep_alive_timeout: Duration,
    /// How long a caller may take none of the bytes that wait for it. Only Linux has this.
    #[arg(
        long,
        env = "SLUICE_CALLER_TIMEOUT",
        value_name = "SECONDS",
        default_value = "300"
    )]
    #[arg(value_parser = seconds(1..=3600))]
    caller_timeout: Duration,
    /// How many lines of headers a request, or a reply of upstream, may have. A thousand take 20 KiB more
    /// for each exchange. [default: 256 of a request, 100 of a reply]
    #[arg(long, env = "SLUICE_MAX_HEADER_LINES", value_name = "COUNT")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=10_000))]
    max_header_lines: Option<u16>,
}

impl Flags {
    /// Returns the bounds that these flags describe.
    pub(super) fn config(&self) -> Config {
        let max_connections = self.max_connections as usize;
        let per_address = self.max_connections_per_address;
        Config {
            max_connections,
            max_per_address: per_address.map(|count| count as usize),
            head_timeout: self.head_timeout,
            keep_alive_timeout: self.keep_alive_timeout,
            caller_timeout: self.caller_timeout,
            max_header_lines: self
                .max_header_lines()
                .unwrap_or(Config::default().max_header_lines),
        }
    }

    /// Returns the bound on the lines of a head. Returns `None` if no flag sets it.
    pub(super) fn max_header_lines(&self) -> Option<usize> {
        self.max_header_lines.map(usize::from)
    }
}
