//! `sluice history`: finds what was recorded, shows it, exports it and erases it.
//!
//! Asks a running Sluice, or goes to the database, also while a Sluice writes to it; what it prints is the same. On a
//! terminal it prints for people, into a pipe a line of JSON for each entry.

mod export;
mod flags;
mod progress;
mod record;
mod table;
mod tail;

use std::process::ExitCode;

use clap::Subcommand;
use sluice_api::{Erased, ExchangeFilter, ExportFormat, ExportQuery, Order};
use uuid::Uuid;

use super::output;
use super::way::{self, Place, Reach, Way};
use crate::history::{Pages, Whose};
use flags::Which;

/// The most entries of a page that is asked for.
const PAGE: u32 = 500;

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
        from: Box<Reach>,
    },
    /// Show an exchange: what was asked, what was answered, what policies did.
    Show {
        /// Its id, as the log and errors have it: `exg_…`.
        #[arg(value_name = "ID", value_parser = flags::exchange)]
        id: Uuid,
        #[command(flatten)]
        from: Box<Reach>,
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
        from: Box<Reach>,
    },
    /// Write exchanges as a document to read, or as JSON Lines, from the oldest to the newest.
    Export {
        #[command(flatten)]
        which: Box<Which>,
        /// The form: `markdown` or `jsonl`.
        #[arg(long, value_parser = flags::format, default_value = "markdown")]
        format: ExportFormat,
        /// Begin with the sessions that this one continues, from the first on.
        #[arg(long, requires = "session")]
        joined: bool,
        #[command(flatten)]
        from: Box<Reach>,
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
        from: Box<Reach>,
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
        from: Box<Reach>,
    },
    /// Release a session that is on hold.
    Release {
        /// The session.
        #[arg(value_name = "NUMBER")]
        session: i64,
        #[command(flatten)]
        from: Box<Reach>,
    },
    /// Print exchanges as they are recorded.
    Tail {
        #[command(flatten)]
        which: Box<Which>,
        #[command(flatten)]
        from: Box<Reach>,
    },
}

/// Runs the command. The exit code is 1 if it failed, as where there is no such exchange, and 2 if there is no way to the
/// record that the settings describe.
pub(super) fn run(command: &Command, way: Way) -> ExitCode {
    let (Command::List { from, .. }
    | Command::Show { from, .. }
    | Command::Search { from, .. }
    | Command::Export { from, .. }
    | Command::Erase { from, .. }
    | Command::Hold { from, .. }
    | Command::Release { from, .. }
    | Command::Tail { from, .. }) = command;
    way::run(from, way, async |place| answer(place, command).await)
}

async fn answer(record: &Place, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::List { which, limit, .. } => list(record, &which.filter(), *limit).await,
        Command::Show { id, .. } => export::write(record.exchange(*id).await?, None).await,
        Command::Search {
            words,
            which,
            limit,
            ..
        } => search(record, &words.join(" "), &which.filter(), *limit).await,
        Command::Export {
            which,
            format,
            joined,
            ..
        } => {
            let query = ExportQuery {
                format: Some(*format),
                joined: Some(*joined),
                ..ExportQuery::of(&which.filter())
            };
            export::export(record, query).await
        }
        Command::Erase {
            session, caller, ..
        } => erase(record, *session, caller.as_deref()).await,
        Command::Hold {
            session, reason, ..
        } => record.hold(*session, reason).await,
        Command::Release { session, .. } => record.release(*session).await,
        Command::Tail { which, .. } => tail::tail(record, which.filter()).await,
    }
}

async fn list(record: &Place, filter: &ExchangeFilter, limit: u32) -> anyhow::Result<()> {
    let order = Order::NewestFirst;
    let page = |after| record.exchanges(filter, order, limit.clamp(1, PAGE), after);
    let (mut entries, mut pages) = (Vec::new(), Pages::new());
    while entries.len() < limit as usize
        && let Some(found) = pages.next(page).await?
    {
        entries.extend(found);
    }
    entries.truncate(limit as usize);
    output::answer(table::rows(&entries, true));
    Ok(())
}

async fn search(
    record: &Place,
    words: &str,
    filter: &ExchangeFilter,
    limit: u32,
) -> anyhow::Result<()> {
    let page = |after| record.search(words, filter, limit.clamp(1, PAGE), after);
    let (mut left, mut pages) = (limit as usize, Pages::new());
    while left > 0
        && let Some(found) = pages.next(page).await?
    {
        let shown = found.iter().take(left);
        shown.for_each(|hit| output::answer(table::hit(hit)));
        left = left.saturating_sub(found.len());
    }
    Ok(())
}

async fn erase(record: &Place, session: Option<i64>, caller: Option<&str>) -> anyhow::Result<()> {
    let whose = match (session, caller) {
        (Some(session), _) => Whose::Session(session),
        (None, caller) => Whose::Caller(caller.unwrap_or_default().to_owned()),
    };
    let Erased { exchanges, held } = record.erase(&whose).await?;
    let held = match held {
        0 => String::new(),
        held => format!("; {held} are on hold and stay"),
    };
    output::answer(format_args!("erased {exchanges} exchanges{held}\n"));
    Ok(())
}
