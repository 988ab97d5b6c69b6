//! `sluice keys`: makes, lists, replaces and revokes the keys that callers enter with.
//!
//! Asks a running Sluice, or goes to the database. A key's secret is printed once, alone on a line of standard output.

mod table;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use hyper::Method;
use sluice_api::{CreateKey, CreatedKey, Key, Keys, Label, RotateKey};

use super::connection::Question;
use super::output;
use super::way::{self, Place, Reach, Way, below, done, segment, told};
use crate::auth::{self, KeyRegister, NewKey};
use crate::clock::unix_millis;
use crate::settings::MaybeAge;
use crate::telemetry::clip;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key, and print it. It is printed this once.
    Create {
        #[command(flatten)]
        new: Box<New>,
        #[command(flatten)]
        from: Box<Reach>,
    },
    /// List the keys, without their secrets.
    List {
        #[command(flatten)]
        from: Box<Reach>,
    },
    /// Make a key that takes the place of another, and print it. For a while both are valid.
    Rotate {
        /// The key's id, as `list` prints it: `key_…`.
        #[arg(value_name = "ID")]
        id: String,
        /// For how long both are valid, as in `24h`.
        #[arg(long, value_name = "TIME", default_value = "24h")]
        grace: MaybeAge,
        #[command(flatten)]
        from: Box<Reach>,
    },
    /// Revoke a key.
    Revoke {
        /// The key's id, as `list` prints it: `key_…`.
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        from: Box<Reach>,
    },
}

/// A key that is to be made.
#[derive(Args, Debug)]
pub(super) struct New {
    /// What people call the key.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Who answers for it.
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// What keys are sorted by, as `NAME=VALUE`; may be given several times.
    #[arg(long = "label", value_name = "NAME=VALUE", value_parser = label)]
    labels: Vec<Label>,
    /// A model that may be asked, as in `claude-*`; may be given several times. [default: all]
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// An API that may be used: `anthropic`, `openai-chat`, `openai-responses` or `openai-embeddings`; may be given
    /// several times. [default: all]
    #[arg(long = "api", value_name = "API")]
    apis: Vec<String>,
    /// For how long the key is valid, as in `90d`. [default: until it is revoked]
    #[arg(long, value_name = "TIME")]
    expires: Option<MaybeAge>,
    /// The caller of the record whose key it is: `clr_…`. What that caller did before is then found under the same name.
    #[arg(long, value_name = "CALLER")]
    caller: Option<String>,
}

/// Runs the command.
pub(super) fn run(command: &Command, way: Way) -> ExitCode {
    let (Command::Create { from, .. }
    | Command::List { from }
    | Command::Rotate { from, .. }
    | Command::Revoke { from, .. }) = command;
    way::run(from, way, async |place| answer(place, command).await)
}

async fn answer(place: &Place, command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Create { new, .. } => {
            let made = place.create_key(new.asked()?).await?;
            print(&made);
        }
        Command::List { .. } => {
            let keys = place.keys().await?;
            output::answer(table::rows(&keys));
        }
        Command::Rotate { id, grace, .. } => {
            let grace = grace.0.unwrap_or_default();
            print(&place.rotate_key(id, grace).await?);
        }
        Command::Revoke { id, .. } => place.revoke_key(id).await?,
    }
    Ok(())
}

/// The secret goes to who reads the output, and what it is to who watches.
fn print(made: &CreatedKey) {
    let Key {
        id, name, caller, ..
    } = &made.key;
    output::problem(format_args!(
        "made {id} for {} ({caller}); this is shown once:",
        clip(name)
    ));
    output::answer(format_args!("{}\n", made.secret));
}

fn label(text: &str) -> Result<Label, &'static str> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("expected a name and a value, as in `team=blue`")?;
    Ok(Label {
        name: name.to_owned(),
        value: value.to_owned(),
    })
}

impl New {
    fn asked(&self) -> anyhow::Result<CreateKey> {
        let names: BTreeSet<_> = self.labels.iter().map(|label| &label.name).collect();
        anyhow::ensure!(names.len() == self.labels.len(), "a label is given twice");
        Ok(CreateKey {
            name: self.name.clone(),
            owner: self.owner.clone(),
            labels: self.labels.clone(),
            models: self.models.clone(),
            apis: self.apis.clone(),
            lasts_s: self.expires.and_then(|age| age.0).map(|age| age.as_secs()),
            caller: self.caller.clone(),
        })
    }
}

impl Place {
    async fn keys(&self) -> anyhow::Result<Vec<Key>> {
        match self {
            Self::Door(door) => {
                let Keys { keys } = way::get(door, &below("/keys")).await?;
                Ok(keys)
            }
            Self::Database(store) => {
                let (kept, now) = (store.keys().await?, unix_millis());
                Ok(kept.into_iter().map(|key| auth::shown(key, now)).collect())
            }
        }
    }

    async fn create_key(&self, asked: CreateKey) -> anyhow::Result<CreatedKey> {
        match self {
            Self::Door(door) => {
                let order = Question::order(Method::POST, below("/keys")).with(&asked);
                door.told(order).await.map_err(|not| told(door, not))
            }
            Self::Database(store) => {
                let new = NewKey::asked(asked)?;
                let made = KeyRegister::new(store.clone()).create(new).await;
                Ok(auth::created(made.context("make a key")?, unix_millis()))
            }
        }
    }

    async fn rotate_key(&self, id: &str, grace: Duration) -> anyhow::Result<CreatedKey> {
        match self {
            Self::Door(door) => {
                let path = below(&format!("/keys/{}/rotate", segment(id)));
                let grace_s = grace.as_secs();
                let order = Question::order(Method::POST, path).with(&RotateKey { grace_s });
                door.told(order).await.map_err(|not| told(door, not))
            }
            Self::Database(store) => {
                let made = KeyRegister::new(store.clone()).rotate(id, grace).await?;
                Ok(auth::created(made, unix_millis()))
            }
        }
    }

    async fn revoke_key(&self, id: &str) -> anyhow::Result<()> {
        match self {
            Self::Door(door) => {
                let path = below(&format!("/keys/{}/revoke", segment(id)));
                done(door, Question::order(Method::POST, path)).await
            }
            Self::Database(store) => Ok(KeyRegister::new(store.clone()).revoke(id).await?),
        }
    }
}
