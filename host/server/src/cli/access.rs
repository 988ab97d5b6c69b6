//! How a command gets in at the operators' door of a running Sluice.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::address::Address;
use super::door::{Door, NotLetIn};
use crate::auth::{AdminKey, KeyFolder};
use crate::env;
use crate::settings::Storage;

/// The variable of the key. There is no flag for it, because others can see the flags of a process.
const KEY: &str = "SLUICE_ADMIN_KEY";
/// Where the door is if nobody says otherwise.
const USUAL: &str = "http://127.0.0.1:8081";

/// The flags of commands that ask a running Sluice as an operator.
#[derive(Args, Debug)]
pub(super) struct Access {
    /// Where operators reach the running Sluice: its `--admin-listen`. [default: `http://127.0.0.1:8081`]
    #[arg(long, env = "SLUICE_ADMIN_URL", value_name = "URL")]
    admin_url: Option<Address>,
    /// The file that the admin key lies in, unless `SLUICE_ADMIN_KEY` is the key itself. [default: `admin.key` in
    /// the data folder]
    #[arg(long, env = "SLUICE_ADMIN_KEY_FILE", value_name = "FILE")]
    admin_key_file: Option<PathBuf>,
    /// The address at which the Sluice itself is reached, if the URL is that of a tunnel or a port mapping.
    #[arg(long, env = "SLUICE_ADMIN_ADDRESS", value_name = "IP:PORT")]
    admin_address: Option<SocketAddr>,
}

impl Access {
    /// Where operators reach the running Sluice.
    pub(super) fn url(&self) -> Address {
        let usual = || USUAL.parse().expect("it is an address");
        self.admin_url.clone().unwrap_or_else(usual)
    }

    /// The door, for who has the key. The key may lie in the data folder.
    pub(super) fn door(&self, storage: &Storage) -> Result<Door, NotLetIn> {
        let key = self.key(storage).map_err(NotLetIn::NoAnswer)?;
        Ok(self.with(key.ok_or(NotLetIn::NoKey)?))
    }

    /// The door, for who has this key.
    pub(super) fn with(&self, key: AdminKey) -> Door {
        Door {
            address: self.url(),
            key,
            behind: self.admin_address,
        }
    }

    /// The key that the user has, if any.
    pub(super) fn key(&self, storage: &Storage) -> anyhow::Result<Option<AdminKey>> {
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
        let Some(folder) = storage.path() else {
            return Ok(None);
        };
        key_in(&KeyFolder::key_file(&folder))
    }
}

/// Reads the key in a file. Returns `None` if there is no such file.
fn key_in(file: &Path) -> anyhow::Result<Option<AdminKey>> {
    let context = || format!("read the admin key in {}", file.display());
    match fs::read_to_string(file) {
        Ok(text) => text.trim().parse().map(Some).with_context(context),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(context),
    }
}
