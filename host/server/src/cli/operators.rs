//! Opens the operators' door: its address, and the key to it.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use anyhow::Context as _;
use tokio::net::TcpListener;

use super::listen::listen;
use super::output;
use crate::auth::{AdminKey, AdminKeys, KeyFolder};
use crate::config::AdminAddress;

/// Where the door is if no setting says otherwise.
const USUAL: &str = "127.0.0.1:8081";

/// Opens the door. Only where the operator has named its address is it a reason not to start if that fails.
pub(super) async fn open(
    address: &AdminAddress,
    data: Option<&Path>,
) -> anyhow::Result<Option<(TcpListener, AdminKeys)>> {
    match address {
        AdminAddress::Off => Ok(None),
        AdminAddress::Named(address) => {
            let door = at(address, data).await;
            door.map(Some).context("serve operators (--admin-listen)")
        }
        AdminAddress::Usual => Ok(at(USUAL, data)
            .await
            .inspect_err(|error| {
                tracing::warn!("operators are not served (--admin-listen): {error:#}");
            })
            .ok()),
    }
}

async fn at(address: &str, data: Option<&Path>) -> anyhow::Result<(TcpListener, AdminKeys)> {
    let folder =
        data.context("there is no folder for the hash of the key: name one with --data")?;
    let listener = listen(address).await?;
    let folder = KeyFolder::open(folder)?;
    folder.make_first(|key| hand_over(&folder, key))?;
    let address = listener.local_addr().context("ask for the address")?;
    tracing::info!("serving operators on http://{address}");
    Ok((listener, AdminKeys::new(folder)))
}

/// Shows the key to who starts the process. If nobody watches, leaves it in a file, because logs are read by many.
fn hand_over(folder: &KeyFolder, key: &AdminKey) -> anyhow::Result<()> {
    if io::stderr().is_terminal() {
        output::problem(format_args!(
            "\nThe admin key, which is shown this once:\n\n    {key}\n\nKeep it where agents cannot read it. Commands \
             such as `sluice doctor` take it from SLUICE_ADMIN_KEY, and\n`sluice admin reset-key` makes another.\n"
        ));
        return Ok(());
    }
    let file = folder.leave(key)?;
    tracing::info!(
        file = %file.display(),
        "the admin key was made and left in this file: keep it where agents cannot read it, and delete the file"
    );
    Ok(())
}
