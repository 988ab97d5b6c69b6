//! Everything the operator decides about the process, put together from its modules' own configs.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use sluice_engine::EngineConfig;
use sluice_protocol::Limits;
use sluice_store::SpoolConfig;

use crate::auth::{Accepted, HostName, ProviderKeys};
use crate::recorder::{Durability, KeptContents, OnFull, Retention};
use crate::settings::{
    self, AdminListen, BaseUrl, Connections, Listen, MaybePath, RecordDatabase, Replies, Settings,
    Spool, Storage,
};
use crate::{env, listen, proxy, relay, upstream};

/// The configuration of the process.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to serve on, as `host:port`.
    pub listen: String,
    /// Where to serve operators.
    pub admin: AdminAddress,
    /// The names besides the local ones under which it is called.
    pub hosts: Vec<HostName>,
    /// Where Anthropic's API is, or what speaks like it.
    pub anthropic: upstream::Config,
    /// Where `OpenAI`'s API is, or what speaks like it.
    pub openai: upstream::Config,
    /// Who may enter.
    pub auth: Auth,
    /// Where exchanges are recorded, if they are.
    pub record: Option<Record>,
    /// Where the Redis is through which processes tell each other what happens.
    pub redis: Option<relay::Config>,
    /// The bounds of callers' connections.
    pub connections: listen::Config,
    /// The bounds of every exchange.
    pub proxy: proxy::Config,
    /// The size of the engine.
    pub engine: EngineConfig,
    /// The policy file, if there is one.
    pub policies: Option<PathBuf>,
    /// The folder of the cache, if there is to be one.
    pub cache: Option<PathBuf>,
    /// The folder of what must not be lost, if there is to be one.
    pub data: Option<PathBuf>,
    /// How long running exchanges have to finish on shutdown.
    pub drain: Duration,
}

/// How long an exchange that nobody waits for may wait for others, to share a commit with them.
const GATHER: Duration = Duration::from_millis(200);

/// Who may enter, and with which keys model APIs are asked.
#[derive(Clone, Debug)]
pub struct Auth {
    /// The credentials that let a caller in.
    pub accepted: Accepted,
    /// The keys for model APIs, for callers who have none.
    pub providers: ProviderKeys,
    /// The database of callers' keys, if callers have any.
    pub keys: Option<sluice_store::Config>,
    /// Whether anybody who reaches the address may ask.
    pub allow_anonymous: bool,
}

/// Where exchanges are recorded, and how much of them.
#[derive(Clone, Debug)]
pub struct Record {
    /// The database.
    pub store: sluice_store::Config,
    /// The most bytes that are kept of a reply.
    pub limit: usize,
    /// What happens if there is no room for another recording.
    pub on_full: OnFull,
    /// What is kept of contents.
    pub contents: KeptContents,
    /// When an exchange is on disk.
    pub durability: Durability,
    /// How long it is kept.
    pub retention: Retention,
}

/// Where operators are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminAddress {
    /// Nowhere.
    Off,
    /// At the usual address, if it can be had.
    Usual,
    /// At this address, as `host:port`.
    Named(String),
}

impl Config {
    /// Returns the configuration that these settings describe, or one line that says what is wrong.
    pub fn of(settings: Settings) -> Result<Self, String> {
        settings
            .anthropic_url
            .check_credentials("--anthropic-url")?;
        settings.openai_url.check_credentials("--openai-url")?;
        let stands_for_v1 = settings.openai_without_v1 || settings.openai_url.stands_for_v1;
        let openai = upstream::Config {
            stands_for_v1,
            ..upstream(&settings, &settings.openai_url)
        };
        let bounds = &settings.bounds;
        Ok(Self {
            hosts: hosts(&settings),
            auth: auth(&settings)?,
            record: record(&settings.storage, &settings.record)?,
            anthropic: upstream(&settings, &settings.anthropic_url),
            openai,
            connections: connections(&settings.connections),
            proxy: proxy::Config {
                max_body_bytes: bounds.max_body_mib.mib(),
                heartbeat: bounds.heartbeat.seconds(),
                body_timeout: bounds.body_timeout.seconds(),
                limits: limits(&settings.replies),
            },
            engine: EngineConfig {
                instances: u32::try_from(bounds.instances.get()).unwrap_or(u32::MAX),
                ..EngineConfig::default()
            },
            drain: bounds.drain.seconds(),
            admin: admin(settings.admin_listen),
            redis: settings.live.redis.and_then(|redis| redis.0),
            data: settings.storage.path(),
            listen: settings.listen.0,
            policies: settings.policies.and_then(|path| path.0),
            cache: settings.cache.map_or_else(env::cache_folder, |path| path.0),
        })
    }
}

/// Who may enter. Keys for model APIs are read if callers may come without one.
fn auth(settings: &Settings) -> Result<Auth, String> {
    let asked = &settings.auth;
    let takes_keys = asked.auth != Accepted::ProviderKey;
    let key = |file: &Option<MaybePath>, variable: &str| match file {
        _ if !takes_keys => Ok(None),
        Some(MaybePath(Some(file))) => {
            let read = fs::read_to_string(file);
            read.map(Some)
                .map_err(|error| format!("error: read the key in {}: {error}", file.display()))
        }
        _ => Ok(env::variable(variable)),
    };
    let anthropic = key(&asked.anthropic_key_file, &asked.anthropic_key_env)?;
    let openai = key(&asked.openai_key_file, &asked.openai_key_env)?;
    let providers = ProviderKeys::new(anthropic.as_deref(), openai.as_deref());
    let keys = takes_keys.then(|| store(&settings.storage, &settings.record.database));
    Ok(Auth {
        accepted: asked.auth,
        providers: providers.map_err(|error| {
            format!("error: {error} (--anthropic-key-file, --openai-key-file, or their variables)")
        })?,
        keys: keys.transpose()?,
        allow_anonymous: asked.allow_anonymous,
    })
}

/// Where exchanges are recorded.
fn record(storage: &Storage, settings: &settings::Record) -> Result<Option<Record>, String> {
    if settings.no_recording {
        return Ok(None);
    }
    let mut store = store(storage, &settings.database)
        .map_err(|error| format!("{error}, or start with --no-recording"))?;
    if settings.recording.durability == Durability::Relaxed {
        store.queue.gather = GATHER;
    }
    store.spool = spool(storage, &settings.spool);
    Ok(Some(Record {
        store,
        limit: settings.recording.max_mib.mib(),
        on_full: settings.recording.on_full,
        contents: settings.recording.contents,
        durability: settings.recording.durability,
        retention: Retention {
            contents: settings.retention.contents.and_then(|age| age.0),
            numbers: settings.retention.numbers.and_then(|age| age.0),
            size: settings.retention.size.and_then(|size| size.0),
        },
    }))
}

/// Where exchanges wait while the database is away, if there is a folder for them.
fn spool(storage: &Storage, settings: &Spool) -> Option<SpoolConfig> {
    Some(SpoolConfig {
        path: storage.path()?.join("spool.db"),
        bytes: settings.max_mib.mib() as u64,
    })
}

/// The database that these settings describe, or one line that says what is wrong. By default it is a file in the user's
/// data folder.
pub fn store(storage: &Storage, settings: &RecordDatabase) -> Result<sluice_store::Config, String> {
    let named = settings.database.clone().and_then(|database| database.0);
    let own = || {
        Some(format!(
            "sqlite:{}",
            storage.path()?.join("sluice.db").display()
        ))
    };
    let Some(url) = named.or_else(own) else {
        let fault = "error: there is no folder for the record: name one with --data, or a file with --database";
        return Err(fault.to_owned());
    };
    let pool = &settings.pool;
    Ok(sluice_store::Config {
        connections: u32::try_from(pool.connections.get()).unwrap_or(u32::MAX),
        acquire: pool.acquire_timeout.seconds(),
        idle: pool.idle_timeout.seconds(),
        lifetime: pool.lifetime.seconds(),
        statement: pool.statement_timeout.seconds(),
        ..sluice_store::Config::new(url)
    })
}

fn admin(listen: Option<AdminListen>) -> AdminAddress {
    match listen {
        None => AdminAddress::Usual,
        Some(AdminListen(None)) => AdminAddress::Off,
        Some(AdminListen(Some(Listen(address)))) => AdminAddress::Named(address),
    }
}

/// The names besides the local ones: those that are listed, and those that it listens on.
fn hosts(settings: &Settings) -> Vec<HostName> {
    let admin = settings.admin_listen.as_ref();
    let admin = admin.and_then(|AdminListen(listen)| listen.as_ref());
    let listen = std::iter::once(&settings.listen).chain(admin);
    let listen = listen.filter_map(|Listen(address)| HostName::of_authority(address).ok());
    // The others are known to be its own, and what is listed lets in web pages.
    let listen = listen.filter(|host| matches!(host, HostName::Name(_)) && !host.is_local());
    let listed = settings
        .allow_hosts
        .iter()
        .filter_map(|host| host.0.clone());
    listen.chain(listed).collect()
}

fn upstream(settings: &Settings, base: &BaseUrl) -> upstream::Config {
    let default = upstream::Config::new(base.url.clone());
    let lines = settings.connections.max_header_lines;
    upstream::Config {
        connect_timeout: settings.bounds.connect_timeout.seconds(),
        first_byte_timeout: settings.bounds.first_byte_timeout.seconds(),
        idle_timeout: settings.bounds.idle_timeout.seconds(),
        max_header_lines: lines.map_or(default.max_header_lines, |lines| lines.count()),
        ..default
    }
}

fn connections(settings: &Connections) -> listen::Config {
    let default = listen::Config::default();
    let lines = settings.max_header_lines;
    listen::Config {
        door: default.door,
        max_connections: settings.max_connections.count(),
        max_per_address: settings
            .max_connections_per_address
            .map(|most| most.count()),
        head_timeout: settings.head_timeout.seconds(),
        keep_alive_timeout: settings.keep_alive_timeout.seconds(),
        caller_timeout: settings.caller_timeout.seconds(),
        max_header_lines: lines.map_or(default.max_header_lines, |lines| lines.count()),
    }
}

fn limits(settings: &Replies) -> Limits {
    Limits {
        frame: settings.max_frame_mib.mib(),
        held: settings.max_held_mib.mib(),
        whole: settings.max_reply_mib.mib(),
        items: settings.max_reply_items.count(),
        ..Limits::default()
    }
}
