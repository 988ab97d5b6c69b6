//! How a command gets in at the operators' door of a running Sluice.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde::de::DeserializeOwned;
use sluice_api::Problem;

use super::address::Address;
use super::ask::ask;
use crate::auth::{AdminKey, KeyFolder};
use crate::env;
use crate::settings::{Source, Storage};

/// The variable of the key. There is no flag for it, because others can see the flags of a process.
const KEY: &str = "SLUICE_ADMIN_KEY";

/// The flags of commands that ask a running Sluice as an operator.
#[derive(Args, Debug)]
pub(super) struct Access {
    /// Where operators reach the running Sluice: its `--admin-listen`.
    #[arg(
        long,
        env = "SLUICE_ADMIN_URL",
        value_name = "URL",
        default_value = "http://127.0.0.1:8081"
    )]
    admin_url: Address,
    /// The file that the admin key lies in, unless `SLUICE_ADMIN_KEY` is the key itself. [default: `admin.key` in
    /// the data folder]
    #[arg(long, env = "SLUICE_ADMIN_KEY_FILE", value_name = "FILE")]
    admin_key_file: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    storage: Storage,
}

/// Why a command did not get in.
#[derive(Debug)]
pub(super) enum NotLetIn {
    /// It has no key.
    NoKey,
    /// Nobody answers, or not as Sluice does.
    NoAnswer(anyhow::Error),
    /// It was refused.
    Refused(Problem),
}

impl Access {
    /// Where operators reach the running Sluice.
    pub(super) fn url(&self) -> &Address {
        &self.admin_url
    }

    /// Asks for a path below `/api/v1`.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, NotLetIn> {
        let key = self.key().map_err(NotLetIn::NoAnswer)?;
        let key = key.ok_or(NotLetIn::NoKey)?;
        let path = format!("/api/v1{path}");
        let answer = ask(&self.admin_url, &path, Some(&key)).map_err(NotLetIn::NoAnswer)?;
        if !answer.status.is_success() {
            let problem = serde_json::from_slice(&answer.body);
            return Err(problem.map_or_else(
                |_| NotLetIn::NoAnswer(not_sluices(&path, answer.status)),
                NotLetIn::Refused,
            ));
        }
        let told = serde_json::from_slice(&answer.body);
        told.with_context(|| {
            format!("the answer of `{path}` is not that of this version of Sluice")
        })
        .map_err(NotLetIn::NoAnswer)
    }

    /// The key that the user has, if any.
    fn key(&self) -> anyhow::Result<Option<AdminKey>> {
        if let Some(key) = env::variable(KEY) {
            let key = key.trim().parse();
            return key.map(Some).with_context(|| format!("read {KEY}"));
        }
        if let Some(file) = &self.admin_key_file {
            let key = key_in(file)?;
            let missing = || {
                format!(
                    "read the admin key in {}: there is no such file",
                    file.display()
                )
            };
            return key.with_context(missing).map(Some);
        }
        let Some(folder) = self.storage.path() else {
            return Ok(None);
        };
        key_in(&KeyFolder::key_file(&folder))
    }
}

/// Reads the key in a file. Returns `None` if there is no such file, or if it is not this user's to read.
fn key_in(file: &Path) -> anyhow::Result<Option<AdminKey>> {
    let context = || format!("read the admin key in {}", file.display());
    match fs::read_to_string(file) {
        Ok(text) => text.trim().parse().map(Some).with_context(context),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(context),
    }
}

fn not_sluices(path: &str, status: hyper::StatusCode) -> anyhow::Error {
    anyhow::anyhow!("`{path}` answered {status}, so it is not Sluice that listens there")
}
