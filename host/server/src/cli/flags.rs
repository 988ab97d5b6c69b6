//! The flags of `sluice serve`, each with its variable, its default and its bounds.

mod connections;
mod replies;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{FalseyValueParser, TypedValueParser};
use sluice_engine::EngineConfig;

use super::base_url::BaseUrl;
use crate::auth::{HostName, HostNameError};
use crate::config::Config;
use crate::{env, proxy, upstream};

/// The flags of `sluice serve`.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// The address to serve on.
    #[arg(
        long,
        env = "SLUICE_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8080"
    )]
    #[arg(value_parser = listen)]
    listen: String,
    /// A name that Sluice is called by besides those of this machine, such as `sluice.example.com`; may be given
    /// several times. Requests for other names are refused, and so are those of web pages that are not at one of
    /// these names. Addresses that it listens on need not be listed, and for programs neither need names without a
    /// dot, such as those of services in containers: ICANN allows no public domain without a dot.
    #[arg(long = "allow-host", env = "SLUICE_ALLOW_HOST", value_name = "NAME")]
    #[arg(value_delimiter = ',', value_parser = maybe_host)]
    allow_hosts: Vec<MaybeHost>,
    /// The base URL of Anthropic's API, or of what speaks like it. Callers' paths, which begin with `/v1`, are put
    /// behind it; a `/v1` at its end is taken off.
    #[arg(long, env = "SLUICE_ANTHROPIC_URL", value_name = "URL")]
    #[arg(default_value = "https://api.anthropic.com")]
    anthropic_url: BaseUrl,
    /// The base URL of `OpenAI`'s API, or of what speaks like it. Callers' paths, which begin with `/v1`, are put
    /// behind it; a `/v1` at its end is taken off. A URL whose path holds another version, such as `/api/paas/v4`
    /// or `/v1beta/openai`, or is that of `ChatGPT`, `/backend-api/codex`, stands in the place of `/v1`.
    #[arg(long, env = "SLUICE_OPENAI_URL", value_name = "URL")]
    #[arg(default_value = "https://api.openai.com")]
    openai_url: BaseUrl,
    /// The API stands right below `--openai-url`, whose path holds no version: `/v1` is left out.
    #[arg(long, env = "SLUICE_OPENAI_WITHOUT_V1", value_parser = FalseyValueParser::new())]
    openai_without_v1: bool,
    /// The policy file. Without it nothing is judged.
    #[arg(long, env = "POLICY_CONFIG", value_name = "FILE", value_parser = path)]
    policies: Option<MaybePath>,
    /// The folder where compiled policies are kept for the next start; only this user's. If it is
    /// empty, none are kept. [default: the user's cache folder, `$XDG_CACHE_HOME/sluice` or `~/.cache/sluice`]
    #[arg(long, env = "SLUICE_CACHE", value_name = "FOLDER", value_parser = path)]
    cache: Option<MaybePath>,
    #[command(flatten, next_help_heading = "Bounds")]
    bounds: Bounds,
    #[command(flatten, next_help_heading = "Bounds of replies")]
    replies: replies::Bounds,
    #[command(flatten, next_help_heading = "Bounds of connections")]
    connections: connections::Flags,
}

/// The flags that bound what an exchange, or the process, may cost.
#[derive(Args, Debug)]
struct Bounds {
    /// The largest body of a request, in MiB.
    #[arg(
        long,
        env = "SLUICE_MAX_BODY_MIB",
        value_name = "MIB",
        default_value_t = 32
    )]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    max_body_mib: u16,
    /// How long a caller may take to send its body. If the body is passed on unjudged, how long it may
    /// be silent meanwhile.
    #[arg(
        long,
        env = "SLUICE_BODY_TIMEOUT",
        value_name = "SECONDS",
        default_value = "60"
    )]
    #[arg(value_parser = seconds(1..=3600))]
    body_timeout: Duration,
    /// How long a connection to upstream may take to open.
    #[arg(
        long,
        env = "SLUICE_CONNECT_TIMEOUT",
        value_name = "SECONDS",
        default_value = "10"
    )]
    #[arg(value_parser = seconds(1..=300))]
    connect_timeout: Duration,
    /// How long upstream may take until its reply begins. If a reply is not streamed, it begins when
    /// the model is done.
    #[arg(
        long,
        env = "SLUICE_FIRST_BYTE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "600"
    )]
    #[arg(value_parser = seconds(1..=3600))]
    first_byte_timeout: Duration,
    /// How long upstream may be silent within a reply of any kind.
    #[arg(
        long,
        env = "SLUICE_IDLE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "300"
    )]
    #[arg(value_parser = seconds(1..=3600))]
    idle_timeout: Duration,
    /// How often a caller whose reply is held back is told that it still comes.
    #[arg(
        long,
        env = "SLUICE_HEARTBEAT",
        value_name = "SECONDS",
        default_value = "5"
    )]
    #[arg(value_parser = seconds(1..=15))]
    heartbeat: Duration,
    /// How long running exchanges have to finish on shutdown.
    #[arg(
        long,
        env = "SLUICE_DRAIN",
        value_name = "SECONDS",
        default_value = "30"
    )]
    #[arg(value_parser = seconds(0..=3600))]
    drain: Duration,
    /// How many instances of policies may live at once. An exchange has one for each policy that it
    /// called; more have to wait.
    #[arg(
        long,
        env = "SLUICE_INSTANCES",
        value_name = "COUNT",
        default_value_t = 1000
    )]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    instances: u32,
}

/// The name of a host. `None` if a variable is set to nothing.
#[derive(Clone, Debug)]
struct MaybeHost(Option<HostName>);

/// A path. `None` if a variable is set to nothing, as container files often do.
#[derive(Clone, Debug)]
struct MaybePath(Option<PathBuf>);

impl Serve {
    /// Returns the configuration that these flags describe, or one line that says what is wrong.
    pub(super) fn config(self) -> Result<Config, String> {
        self.anthropic_url.check_credentials("--anthropic-url")?;
        self.openai_url.check_credentials("--openai-url")?;
        let listen = HostName::of_authority(&self.listen).ok();
        // The others are known to be its own, and what is listed lets in web pages.
        let listen = listen.filter(|host| matches!(host, HostName::Name(_)) && !host.is_local());
        let named = self.allow_hosts.into_iter().filter_map(|host| host.0);
        let Bounds {
            max_body_mib,
            instances,
            ..
        } = self.bounds;
        let upstream = |base: BaseUrl| {
            let default = upstream::Config::new(base.url);
            let max_header_lines = self.connections.max_header_lines();
            upstream::Config {
                connect_timeout: self.bounds.connect_timeout,
                first_byte_timeout: self.bounds.first_byte_timeout,
                max_header_lines: max_header_lines.unwrap_or(default.max_header_lines),
                idle_timeout: self.bounds.idle_timeout,
                ..default
            }
        };
        let stands_for_v1 = self.openai_without_v1 || self.openai_url.stands_for_v1;
        Ok(Config {
            listen: self.listen,
            hosts: listen.into_iter().chain(named).collect(),
            anthropic: upstream(self.anthropic_url),
            openai: upstream::Config {
                stands_for_v1,
                ..upstream(self.openai_url)
            },
            proxy: proxy::Config {
                max_body_bytes: usize::from(max_body_mib) << 20,
                heartbeat: self.bounds.heartbeat,
                body_timeout: self.bounds.body_timeout,
                limits: self.replies.limits(),
            },
            connections: self.connections.config(),
            engine: EngineConfig {
                instances,
                ..EngineConfig::default()
            },
            policies: self.policies.and_then(|path| path.0),
            cache: self.cache.map_or_else(env::cache_folder, |path| path.0),
            drain: self.bounds.drain,
        })
    }
}

fn listen(text: &str) -> Result<String, String> {
    let port = text
        .rsplit_once(':')
        .filter(|(host, _)| !host.is_empty())
        .map(|(_, port)| port);
    match port.map(str::parse::<u16>) {
        Some(Ok(_)) => Ok(text.to_owned()),
        _ => Err("expected a host and a port, as in `127.0.0.1:8080`".to_owned()),
    }
}

/// A parser of a number of seconds within these bounds.
fn seconds(range: RangeInclusive<i64>) -> impl TypedValueParser<Value = Duration> {
    let parser = clap::value_parser!(u16).range(range);
    parser.map(|seconds| Duration::from_secs(seconds.into()))
}

fn maybe_host(text: &str) -> Result<MaybeHost, HostNameError> {
    let host = (!text.trim().is_empty()).then(|| text.trim().parse());
    host.transpose().map(MaybeHost)
}

fn path(text: &str) -> Result<MaybePath, std::convert::Infallible> {
    Ok(MaybePath((!text.is_empty()).then(|| PathBuf::from(text))))
}
