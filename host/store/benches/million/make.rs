//! Makes the record through the store's own writer, or takes the one that an earlier run left.

use std::collections::VecDeque;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sluice_store::{Config, Store, Words};
use sluice_test_postgres::Server;
use tokio::runtime::{Handle, Runtime};

use crate::talk::Talk;

/// How many blocks the record has.
const BLOCKS: usize = 1_000_000;
/// How many exchanges wait for the writer at most.
const WAITING: usize = 512;

/// What decides how a record looks in the database.
const SOURCES: [&str; 7] = [
    include_str!("talk.rs"),
    include_str!("words.rs"),
    include_str!("make.rs"),
    include_str!("../../../../migrations/sqlite/0001_exchanges.sql"),
    include_str!("../../../../migrations/sqlite/0002_search.sql"),
    include_str!("../../../../migrations/postgres/0001_exchanges.sql"),
    include_str!("../../../../migrations/postgres/0002_search.sql"),
];

/// A database with the record.
pub(crate) struct Made {
    pub(crate) name: &'static str,
    pub(crate) store: Store,
    /// How large it is on disk, by its parts.
    pub(crate) sizes: Vec<(String, i64)>,
    pub(crate) bytes: u64,
    /// Keeps PostgreSQL running.
    _server: Option<Server>,
}

/// The text of a block stands in its JSON.
struct Text;

impl Words for Text {
    fn text(&self, _: &str, _: &str, raw: &[u8]) -> Option<String> {
        let json = std::str::from_utf8(raw).ok()?;
        let (_, text) = json.split_once(r#""text":""#)?;
        Some(text.trim_end_matches(['"', '}']).replace("\\n", "\n"))
    }
}

/// A database in SQLite.
pub(crate) fn sqlite(runtime: &Runtime) -> Made {
    let folder = folder("sqlite");
    let file = folder.join("sluice.db");
    let url = format!("sqlite:{}", file.display());
    let (store, bytes) = runtime.block_on(filled("SQLite", &url, &folder));
    let sizes = runtime.block_on(crate::size::sqlite(&file));
    Made {
        name: "SQLite",
        store,
        sizes,
        bytes,
        _server: None,
    }
}

/// A database in PostgreSQL.
pub(crate) fn postgres(runtime: &Runtime) -> Made {
    let folder = folder("postgres");
    let server = Server::kept(&folder.join("data"));
    let url = server.url("postgres");
    let (store, bytes) = runtime.block_on(filled("PostgreSQL", &url, &folder));
    let sizes = runtime.block_on(crate::size::postgres(&url));
    Made {
        name: "PostgreSQL",
        store,
        sizes,
        bytes,
        _server: Some(server),
    }
}

/// Where a database is kept from run to run: another one for each way to make it.
fn folder(name: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    SOURCES.hash(&mut hasher);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("million");
    let folder = target.join(format!("{name}-{:016x}", hasher.finish()));
    for entry in fs::read_dir(&target).into_iter().flatten().flatten() {
        let old = entry.file_name().to_string_lossy().starts_with(name) && entry.path() != folder;
        if old {
            fs::remove_dir_all(entry.path()).expect("an old record can be removed");
        }
    }
    fs::create_dir_all(&folder).expect("a folder for the record");
    folder
}

/// Opens the database, and fills it if no earlier run did.
async fn filled(name: &str, url: &str, folder: &Path) -> (Store, u64) {
    let done = folder.join("done");
    if let Ok(bytes) = fs::read_to_string(&done) {
        let store = Store::open(Config::new(url), Arc::new(Text)).await;
        return (
            store.expect("the database opens"),
            bytes.parse().unwrap_or(0),
        );
    }
    let begun = Instant::now();
    let store = Store::open(Config::new(url), Arc::new(Text)).await;
    let store = store.expect("the database opens");
    let bytes = fill(name, &store).await;
    crate::print(&format!("{name}: made in {:?}", begun.elapsed()));
    if url.starts_with("postgres") {
        crate::size::settle(url).await;
    }
    fs::write(&done, bytes.to_string()).expect("a note that the record is whole");
    (store, bytes)
}

/// Stores exchanges until there are enough blocks. Tells the writer's rate.
async fn fill(name: &str, store: &Store) -> u64 {
    let (writer, writing) = store.writer();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = Handle::current().spawn(writing.run(async {
        let _ = stopped.await;
    }));
    let mut talk = Talk::new();
    let mut tickets = VecDeque::new();
    let (mut count, mut made) = (0_u32, Duration::ZERO);
    let begun = Instant::now();
    while talk.blocks < BLOCKS {
        let making = Instant::now();
        let exchange = talk.next();
        made += making.elapsed();
        tickets.push_back(writer.offer(exchange).expect("there is room"));
        count += 1;
        if tickets.len() == WAITING {
            let ticket = tickets.pop_front().expect("one waits");
            ticket.committed().await.expect("the exchange is stored");
        }
        if count.is_multiple_of(20_000) {
            let (rate, blocks) = (
                f64::from(count) / begun.elapsed().as_secs_f64(),
                talk.blocks,
            );
            crate::print(&format!(
                "{name}: {count} exchanges, {blocks} blocks, {rate:.0} exchanges a second"
            ));
        }
    }
    for ticket in tickets {
        ticket.committed().await.expect("the exchange is stored");
    }
    let _ = stop.send(());
    task.await.expect("the writer ends");
    let all = begun.elapsed();
    let rate = f64::from(count) / all.as_secs_f64();
    crate::print(&format!(
        "{name}: {count} exchanges in {all:?}, {rate:.0} a second; to make them took {made:?} of that"
    ));
    talk.bytes
}
