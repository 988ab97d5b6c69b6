//! The settings of the process: each is declared here, once.
//!
//! A declaration gives a setting its flag, its environment variable, its key in the settings file, its bounds and its
//! documentation. What is generated from them (`docs/settings.md`, `.env.example`, the JSON Schema) can't disagree with
//! them. What the settings mean to the modules is `config`'s to say.

mod auth;
mod base_url;
mod bounds;
mod connections;
mod database;
mod environment;
mod example;
mod file;
mod kinds;
mod layers;
mod live;
mod origin;
mod recording;
mod reference;
mod replies;
mod retention;
mod schema;
mod storage;
mod table;
#[cfg(test)]
mod tests;

use clap::Args;
use clap::builder::FalseyValueParser;
use schemars::JsonSchema;

pub use auth::Auth;
pub use base_url::BaseUrl;
pub use bounds::Bounds;
pub use connections::Connections;
pub use database::{Database, NotADatabase, Pool, RecordDatabase};
pub use environment::{UnknownVariable, unknown_variables};
pub use example::{env_example, yaml_example};
pub use kinds::{
    AdminListen, Listen, MaybeHost, MaybePath, NotAdminListen, NotListen, NotWhole, Whole,
};
pub use layers::Layers;
pub use live::{Live, MaybeRedis};
pub use origin::{Origin, Shown};
pub use recording::{Record, Recording, Spool};
pub use reference::reference;
pub use replies::Replies;
pub use retention::{MaybeAge, MaybeSize, NotASize, NotAnAge, Retention};
pub use schema::json_schema;
pub use storage::Storage;

/// Everything that the operator can set for `sluice serve`.
#[derive(Args, Clone, Debug, JsonSchema)]
#[schemars(title = "Sluice settings", deny_unknown_fields)]
pub struct Settings {
    /// Where these settings come from besides the flags and the environment.
    #[command(flatten)]
    #[schemars(skip)]
    pub source: Source,
    /// The address to serve on.
    #[arg(
        long,
        env = "SLUICE_LISTEN",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:8080"
    )]
    #[schemars(with = "String")]
    pub listen: Listen,
    /// The address to serve operators on, who need the admin key; `none` serves none. [default: `127.0.0.1:8081`, and if
    /// that can't be had, none]
    #[arg(long, env = "SLUICE_ADMIN_LISTEN", value_name = "HOST:PORT")]
    #[schemars(with = "String")]
    pub admin_listen: Option<AdminListen>,
    /// A name that Sluice is called by besides those of this machine, such as `sluice.example.com`; may be given
    /// several times. Requests for other names are refused, and so are those of web pages that are not at one of
    /// these names. Addresses that it listens on need not be listed, and for programs neither need names without a
    /// dot, such as those of services in containers: ICANN allows no public domain without a dot.
    #[arg(
        long = "allow-host",
        env = "SLUICE_ALLOW_HOST",
        value_name = "NAME",
        value_delimiter = ','
    )]
    #[schemars(with = "Vec<String>")]
    pub allow_hosts: Vec<MaybeHost>,
    /// The base URL of Anthropic's API, or of what speaks like it. Callers' paths, which begin with `/v1`, are put
    /// behind it; a `/v1` at its end is taken off.
    #[arg(long, env = "SLUICE_ANTHROPIC_URL", value_name = "URL")]
    #[arg(default_value = "https://api.anthropic.com")]
    #[schemars(with = "String")]
    pub anthropic_url: BaseUrl,
    /// The base URL of `OpenAI`'s API, or of what speaks like it. Callers' paths, which begin with `/v1`, are put
    /// behind it; a `/v1` at its end is taken off. A URL whose path holds another version, such as `/api/paas/v4`
    /// or `/v1beta/openai`, or is that of `ChatGPT`, `/backend-api/codex`, stands in the place of `/v1`.
    #[arg(long, env = "SLUICE_OPENAI_URL", value_name = "URL")]
    #[arg(default_value = "https://api.openai.com")]
    #[schemars(with = "String")]
    pub openai_url: BaseUrl,
    /// The API stands right below `--openai-url`, whose path holds no version: `/v1` is left out.
    #[arg(long, env = "SLUICE_OPENAI_WITHOUT_V1", value_parser = FalseyValueParser::new())]
    pub openai_without_v1: bool,
    /// The policy file. Without it nothing is judged.
    #[arg(long, env = "POLICY_CONFIG", value_name = "FILE")]
    #[schemars(with = "String")]
    pub policies: Option<MaybePath>,
    /// The folder where compiled policies are kept for the next start; only this user's. If it is
    /// empty, none are kept. [default: the user's cache folder, `$XDG_CACHE_HOME/sluice` or `~/.cache/sluice`]
    #[arg(long, env = "SLUICE_CACHE", value_name = "FOLDER")]
    #[schemars(with = "String")]
    pub cache: Option<MaybePath>,
    /// Where Sluice keeps what it must not lose.
    #[command(flatten)]
    #[schemars(flatten)]
    pub storage: Storage,
    /// Who may enter.
    #[command(flatten, next_help_heading = "Callers")]
    #[schemars(flatten)]
    pub auth: Auth,
    /// Whether and where exchanges are recorded.
    #[command(flatten, next_help_heading = "Recording")]
    #[schemars(flatten)]
    pub record: Record,
    /// How operators are told what happens, as it happens.
    #[command(flatten, next_help_heading = "Live events")]
    #[schemars(flatten)]
    pub live: Live,
    /// What an exchange, or the process, may cost.
    #[command(flatten, next_help_heading = "Bounds")]
    #[schemars(flatten)]
    pub bounds: Bounds,
    /// What Sluice takes in of a reply.
    #[command(flatten, next_help_heading = "Bounds of replies")]
    #[schemars(flatten)]
    pub replies: Replies,
    /// What connections may cost.
    #[command(flatten, next_help_heading = "Bounds of connections")]
    #[schemars(flatten)]
    pub connections: Connections,
}

/// The settings file.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub struct Source {
    /// The settings file. If it is empty, none is read. [default: `$XDG_CONFIG_HOME/sluice/sluice.yaml` or
    /// `~/.config/sluice/sluice.yaml`, if there is one]
    #[arg(long, env = "SLUICE_CONFIG", value_name = "FILE")]
    pub config: Option<MaybePath>,
}
