//! Installs pinned packages of Python and Node, each set in a folder of its own.
//!
//! They stay installed until a pin changes: a copy of the pins is kept beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::say;
use crate::steps::execute;

/// Makes a Python environment with the packages in `pins`. Returns its interpreter.
pub(crate) fn python(pins: &Path, venv: &Path) -> anyhow::Result<PathBuf> {
    let interpreter = venv.join("bin/python");
    once(venv, &[pins], || {
        let hint = "install Python 3 with venv: apt-get install python3-venv";
        execute(
            Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(venv),
        )
        .context(hint)?;
        let install = [
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
        ];
        execute(
            Command::new(&interpreter)
                .args(install)
                .arg("--requirement")
                .arg(pins),
        )
    })?;
    Ok(interpreter)
}

/// Makes a folder whose `node_modules` holds what the `package.json` and its lock in `pins` list.
pub(crate) fn node(pins: &Path, folder: &Path) -> anyhow::Result<()> {
    let pins = ["package.json", "package-lock.json"].map(|name| pins.join(name));
    once(folder, &[&pins[0], &pins[1]], || {
        fs::create_dir_all(folder)?;
        for pin in &pins {
            fs::copy(pin, folder.join(pin.file_name().unwrap_or_default()))?;
        }
        let install = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
        execute(Command::new("npm").args(install).current_dir(folder))
            .context("install Node.js and npm: apt-get install nodejs npm")
    })
}

/// Installs into `folder` unless that was already done from the same pins.
fn once(
    folder: &Path,
    pins: &[&Path],
    install: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut wanted = String::new();
    for pin in pins {
        wanted += &fs::read_to_string(pin).with_context(|| format!("read {}", pin.display()))?;
    }
    let stamp = folder.join("installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        say::line(format_args!("{} is up to date", folder.display()));
        return Ok(());
    }
    install()?;
    // Written last, so that a failed installation is tried again.
    fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn what_is_installed_stays_until_a_pin_changes() {
        let folder = tempfile::tempdir().unwrap();
        let pin = folder.path().join("pins.txt");
        fs::write(&pin, "sdk==1").unwrap();
        let installs = std::cell::Cell::new(0);
        let install = || {
            once(folder.path(), &[&pin], || {
                installs.set(installs.get() + 1);
                if installs.get() == 1 {
                    bail!("no network")
                } else {
                    Ok(())
                }
            })
        };
        assert!(install().is_err());
        install().unwrap();
        install().unwrap();
        assert_eq!(installs.get(), 2);
        fs::write(&pin, "sdk==2").unwrap();
        install().unwrap();
        assert_eq!(installs.get(), 3);
    }
}
