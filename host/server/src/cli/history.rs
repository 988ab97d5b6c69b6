//! `sluice history`: finds what was recorded, shows it and exports it.
//!
//! Reads the database, also while a Sluice writes to it. On a terminal it prints for people, into a pipe a line of JSON
//! for each entry.

mod export;
mod flags;
mod table;

use std::collections::HashMap;
use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use sluice_store::{Erased, Filter, Order, Page, Record, Store, Summary};
use uuid::Uuid;

use super::database::{self, Flags};
use super::output;
use crate::history::Markdown;
use export::Format;
use flags::Which;

/// How often `tail` looks for new exchanges.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What to do with the history.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List exchanges, the newest first.
    List {
        #[command(flatten)]
        which: Box<Which>,
        /// How many at most.
        #[arg(long, value_name = "COUNT", default_value = "50")]
        limit: u32,
        #[command(flatten)]
        from: Flags,
    },
    /// Show an exchange: what was asked, what was answered, what policies did.
    Show {
        /// Its id, as the log and errors have it: `exg_…`.
        #[arg(value_name = "ID", value_parser = flags::exchange)]
        id: Uuid,
        #[command(flatten)]
        from: Flags,
    },
    /// Search what people and models wrote, tool calls and their results.
    Search {
        /// The words. In double quotes they are a phrase.
        #[arg(value_name = "WORDS", required = true)]
        words: Vec<String>,
        #[command(flatten)]
        which: Box<Which>,
        /// How many blocks at most.
        #[arg(long, value_name = "COUNT", default_value = "20")]
        limit: u32,
        #[command(flatten)]
        from: Flags,
    },
    /// Write exchanges as a document to read, or as JSON Lines, from the oldest to the newest.
    Export {
        #[command(flatten)]
        which: Box<Which>,
        /// The form.
        #[arg(long, value_enum, default_value = "markdown")]
        format: Format,
        #[command(flatten)]
        from: Flags,
    },
    /// Erase a session, or everything of a caller, and make sure that the database's files hold nothing of it.
    Erase {
        /// The session: the number that `list` prints.
        #[arg(
            long,
            value_name = "NUMBER",
            required_unless_present = "caller",
            conflicts_with = "caller"
        )]
        session: Option<i64>,
        /// The caller: `clr_…`.
        #[arg(long, value_name = "CALLER")]
        caller: Option<String>,
        #[command(flatten)]
        from: Flags,
    },
    /// Put a session on hold, so that nothing erases it.
    Hold {
        /// The session: the number that `list` prints.
        #[arg(value_name = "NUMBER")]
        session: i64,
        /// Why.
        #[arg(long, value_name = "REASON", default_value = "on hold")]
        reason: String,
        #[command(flatten)]
        from: Flags,
    },
    /// Release a session that is on hold.
    Release {
        /// The session.
        #[arg(value_name = "NUMBER")]
        session: i64,
        #[command(flatten)]
        from: Flags,
    },
    /// Print exchanges as they are recorded.
    Tail {
        #[command(flatten)]
        which: Box<Which>,
        #[command(flatten)]
        from: Flags,
    },
}

/// Runs the command. The exit code is 1 if the database can't be read, or if there is no such exchange.
pub(super) fn run(command: &Command) -> ExitCode {
    let (Command::List { from, .. }
    | Command::Show { from, .. }
    | Command::Search { from, .. }
    | Command::Export { from, .. }
    | Command::Erase { from, .. }
    | Command::Hold { from, .. }
    | Command::Release { from, .. }
    | Command::Tail { from, .. }) = command;
    database::run(from, async |config| {
        if let Some(file) = config.url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            let is_there = Path::new(file).is_file();
            anyhow::ensure!(is_there, "nothing was recorded yet: there is no {file}");
        }
        answer(&database::open(config).await?, command).await
    })
}

async fn answer(store: &Store, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List { which, limit, .. } => list(store, &which.filter(), *limit).await,
        Command::Show { id, .. } => show(store, *id).await,
        Command::Search {
            words,
            which,
            limit,
            ..
        } => search(store, &words.join(" "), &which.filter(), *limit).await,
        Command::Export { which, format, .. } => {
            export::export(store, &which.filter(), *format).await
        }
        Command::Erase {
            session, caller, ..
        } => erase(store, *session, caller.as_deref()).await,
        Command::Hold {
            session, reason, ..
        } => Ok(store.eraser().hold(*session, reason).await?),
        Command::Release { session, .. } => Ok(store.eraser().release(*session).await?),
        Command::Tail { which, .. } => tail(store, which.filter()).await,
    }
}

async fn list(store: &Store, filter: &Filter, limit: u32) -> anyhow::Result<()> {
    let mut page = Page {
        limit,
        ..Page::default()
    };
    let (mut entries, mut left) = (Vec::new(), limit as usize);
    loop {
        let found = store.exchanges(filter, &page).await?;
        entries.extend(found.entries.into_iter().take(left));
        left = (limit as usize).saturating_sub(entries.len());
        page.after = found.next;
        if page.after.is_none() || left == 0 {
            break;
        }
    }
    output::answer(rows(&entries, true));
    Ok(())
}

/// Exchanges as a terminal shows them, or as lines of JSON.
fn rows(entries: &[Summary], has_headings: bool) -> String {
    match std::io::stdout().is_terminal() {
        true => table::exchanges(entries, has_headings),
        false => entries.iter().map(export::line).collect(),
    }
}

async fn show(store: &Store, id: Uuid) -> anyhow::Result<()> {
    let record = read(store, id).await?;
    let mut document = Markdown::new(store);
    let text = document.exchange(&record).await?;
    output::answer(output::harmless(text + &document.calls()));
    Ok(())
}

async fn read(store: &Store, id: Uuid) -> anyhow::Result<Record> {
    let found = store.exchange(id).await?;
    found.with_context(|| format!("there is no exchange exg_{}", id.simple()))
}

async fn search(store: &Store, words: &str, filter: &Filter, limit: u32) -> anyhow::Result<()> {
    let page = Page {
        limit,
        ..Page::default()
    };
    let found = store.search(words, filter, &page).await?;
    let is_terminal = std::io::stdout().is_terminal();
    for hit in &found.entries {
        output::answer(match is_terminal {
            true => table::hit(hit),
            false => export::hit(hit),
        });
    }
    Ok(())
}

async fn erase(store: &Store, session: Option<i64>, caller: Option<&str>) -> anyhow::Result<()> {
    let eraser = store.eraser();
    let mut erased = Erased::default();
    if let Some(session) = session {
        erased.exchanges += eraser.erase_session(session).await?;
    }
    if let Some(caller) = caller {
        erased = eraser.erase_caller(caller).await?;
    }
    eraser.scrub().await?;
    let held = match erased.held {
        0 => String::new(),
        held => format!("; {held} are on hold and stay"),
    };
    output::answer(format_args!(
        "erased {} exchanges{held}\n",
        erased.exchanges
    ));
    Ok(())
}

/// Prints what is recorded from now on, until nobody reads any more.
///
/// An exchange is recorded when it is over, so one that began earlier may come later. So each look goes over all that
/// began within the last [`LATE_MS`].
async fn tail(store: &Store, mut filter: Filter) -> anyhow::Result<()> {
    let mut newest = flags::now();
    // Those that are there already are not news.
    filter.from = Some(newest.saturating_sub(LATE_MS));
    let mut seen: HashMap<Uuid, u64> = HashMap::new();
    look(store, &filter, &mut seen).await?;
    let mut is_first = true;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        filter.from = Some(newest.saturating_sub(LATE_MS));
        let new = look(store, &filter, &mut seen).await?;
        newest = new
            .iter()
            .map(|entry| entry.received_at)
            .fold(newest, u64::max);
        seen.retain(|_, received_at| *received_at >= newest.saturating_sub(LATE_MS));
        if !new.is_empty() && !output::goes_on(rows(&new, is_first)) {
            return Ok(());
        }
        is_first &= new.is_empty();
    }
}

/// The exchanges that a filter lets through and that were not seen before, from the oldest to the newest.
async fn look(
    store: &Store,
    filter: &Filter,
    seen: &mut HashMap<Uuid, u64>,
) -> anyhow::Result<Vec<Summary>> {
    let mut page = Page {
        order: Order::OldestFirst,
        ..Page::default()
    };
    let mut new = Vec::new();
    loop {
        let found = store.exchanges(filter, &page).await?;
        let entries = found.entries.into_iter();
        new.extend(entries.filter(|entry| seen.insert(entry.id, entry.received_at).is_none()));
        page.after = found.next;
        if page.after.is_none() {
            return Ok(new);
        }
    }
}

/// How much earlier than the newest an exchange may have begun that `tail` still tells of.
const LATE_MS: u64 = 10 * 60 * 1000;
